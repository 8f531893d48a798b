"""The account on the terminal: every record, each step's seconds and cost, what Athena answers, what to try next."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakeward.cli.answers import write_table
from lakeward.cli.runs import COUNTS, narrow_table, outcome_table
from lakeward.cli.screen import amount, plain
from lakeward.ports.query import Answer
from lakeward_local.report import words
from lakeward_local.report.facts import Answered, Facts, balances
from lakeward_local.report.flow import only_number
from lakeward_local.report.suggestions import suggestions


def print_account(facts: Facts, command: str, to: Console) -> None:
    """Print the whole account.

    Args:
        command: how ``lakeward`` is typed here.
        to: standard output.
    """
    to.print()
    to.print(slots_table(facts))
    to.print(plain(balance(facts)), soft_wrap=True)
    to.print()
    to.print(steps_table(facts))
    for question, answered in facts.answers:
        to.print(plain(question.question, "bold"))
        to.print(plain(indented(answered.sql), "dim"), soft_wrap=True)
        print_answer(answered, to)
        to.print()
    to.print("[bold]What to try next[/bold]")
    for suggestion in suggestions(facts, command):
        to.print(plain(f"  {suggestion.do}"))
        to.print(plain("    ") + code(suggestion.how), soft_wrap=True)


def slots_table(facts: Facts) -> Table:
    """A row a slot, and their totals."""
    table = outcome_table(list(facts.outcomes))
    table.add_section()
    totals = [words.count(facts.total(c)) for c in COUNTS]
    table.add_row("all", "", *totals, f"{facts.seconds:.1f}", f"{facts.dollars:.6f}", style="bold")
    return table


def balance(facts: Facts) -> str:
    """Whether every record is accounted for, and what Athena finds."""
    rows_in, written, quarantined, deduplicated = (words.count(facts.total(c)) for c in COUNTS)
    came = "in" if facts.came == "records in" else facts.came
    sign = "=" if all(balances(o) for o in facts.succeeded) else "≠"
    rows, refused = only_number(facts.held_rows.rows), only_number(facts.held_quarantine.rows)
    failed = (
        f" {amount(len(facts.failed), 'run')} failed; what earlier runs published of their slots is still there."
        if facts.failed
        else ""
    )
    return (
        f"{rows_in} {came} {sign} {written} written + {quarantined} quarantined + {deduplicated} deduplicated. "
        f"Athena counts {amount(rows, 'row')} in the table, {words.count(refused)} in quarantine.{failed}"
    )


def steps_table(facts: Facts) -> Table:
    """A row a step."""
    table = narrow_table("what each step took", ("step", "calls", "sec.", "est. USD", "share"))
    for s in facts.steps:
        share = words.share(s.dollars, facts.dollars)
        table.add_row(s.name.lower(), f"{s.calls:,}", f"{s.seconds:.1f}", f"{s.dollars:.6f}", share)
    return table


def print_answer(answered: Answered, to: Console) -> None:
    """An answer as ``lakeward sql`` prints it."""
    if answered.rows:
        write_table(Answer(answered.columns, iter(answered.rows), "", answered.scanned_bytes, 0, 0), to)
    else:
        to.print("  no rows")


def indented(sql: str) -> str:
    """SQL, set off from what stands around it."""
    return "\n".join(f"  {line}" for line in sql.splitlines())


def code(text: str) -> Text:
    """Text in which what stands between backticks is set off."""
    parts = text.split("`")
    return Text.assemble(*(plain(part, "cyan" if i % 2 else "") for i, part in enumerate(parts)))
