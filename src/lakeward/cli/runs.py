"""Commands that run slots and show runs."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.cli.cost_question import AcceptCost, with_leave
from lakeward.cli.running import Outcome, at_once, run_slots
from lakeward.cli.screen import console, error_console, plain, size
from lakeward.cli.session import Environment, open_session, repository
from lakeward.contract import Dataset, dataset
from lakeward.contract.engine import Use
from lakeward.errors import SlotInvalid
from lakeward.ops.ledger import counts_of
from lakeward.ports.ledger import Entry
from lakeward.publish.mart_plan import EVERYTHING
from lakeward.slot import Slot

COUNTS = ("rows_in", "written", "quarantined", "deduplicated")
BECAME = {
    "quarantine": "quarantined",
    "set_null": "kept without the value",
    "warn": "kept, with a note",
    "fail": "stopped the slot",
}
TEXTS = ("slot", "step", "outcome", "status", "execution", "column", "rule", "became", "engine", "mart", "built for")
HEADINGS = ("in", "written", "quarant.", "dedup.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(run)
    app.command()(runs)


def run(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's name.")],
    slot: Annotated[str | None, typer.Option(help="One slot, such as 2018-01-31.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="The first of several slots.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last of several slots.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Run slots that this release has run already, too.")] = False,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="How many slots run at once.")] = 2,
    engine: Annotated[
        Use, typer.Option(help="Where to transform: in Lambda (DuckDB), in Glue (Spark), or as the contract says.")
    ] = "auto",
    accept_cost: AcceptCost = False,
    environment: Environment = "local",
) -> None:
    """Run one slot or several, and say what became of each row.

    A slot that the deployed release has run already is left alone, so the same command may be given twice. A dataset
    with `requests_per_second` is run one slot at a time. A slot that would cost more than the contract's limit is asked
    about on a terminal, and stopped elsewhere.

    [bold]Example:[/bold] lakeward run earthquakes --from 2018-01-31 --to 2018-02-07
    """
    of = dataset(name, repository() / "datasets")
    slots = slots_of(of, slot, first, last)
    session = open_session(environment)
    running = partial(run_slots, session, of, again=again, parallel=at_once(of, parallel), engine=engine)
    outcomes = running(slots, accept_cost=accept_cost)
    outcomes = with_leave(outcomes, lambda stopped: running(stopped, accept_cost=True))
    console.print(outcome_table(outcomes))
    for failed in (o for o in outcomes if o.failure):
        said = Text.assemble((f"{failed.slot} failed ", "bold red"), plain(failed.failure or ""))
        error_console.print(said, soft_wrap=True)
    if any(o.failure for o in outcomes):
        raise typer.Exit(1)


def runs(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's name.")],
    environment: Environment = "local",
) -> None:
    """Show what the newest run of every slot did, from the run ledger.

    [bold]Example:[/bold] lakeward runs earthquakes
    """
    session, of = open_session(environment), dataset(name, repository() / "datasets")
    ledger = DynamoDbLedger(session.dynamodb.Table(f"lakeward-{environment}-ledger"))
    entries = ledger.entries(of)
    if not entries:
        error_console.print(f"No slot of {name} has run in {environment} yet. Try: lakeward run {name} --slot …")
    table = narrow_table(f"Newest runs of {name} in {environment}", ("slot", "status", *HEADINGS, "execution"))
    for entry in entries:
        table.add_row(*_ledger_row(entry))
    console.print(table)
    if any(entry.facts.get("exploded") for entry in entries):
        console.print(exploded_table(entries))
    if any(entry.facts.get("broken_rules") for entry in entries):
        console.print(broken_table(entries))
    if any("estimated_microdollars" in entry.facts for entry in entries):
        console.print(cost_table(entries))
    for slot, check in warnings_of(entries):
        console.print(Text.assemble((f"{slot} warning ", "yellow"), plain(check)), soft_wrap=True)
    for told in fields_of(entries):
        console.print(plain(told), soft_wrap=True)
    if any("engine_reason" in entry.facts for entry in entries):
        console.print(engine_table(entries))
    if any(entry.facts.get("marts") for entry in entries):
        console.print(mart_table(entries))


def slots_of(of: Dataset, slot: str | None, first: str | None, last: str | None) -> list[Slot]:
    """The slots that the options name.

    Raises:
        SlotInvalid: neither or both ways of naming them, or one that is no slot of the dataset.
    """
    every = of.contract.slot
    if slot is not None and first is None and last is None:
        return [Slot.parse(slot, every)]
    if slot is None and first is not None and last is not None:
        return Slot.parse(first, every).until(Slot.parse(last, every))
    raise SlotInvalid("expected either --slot, or --from and --to together; for instance: --slot 2018-01-31")


def outcome_table(outcomes: list[Outcome]) -> Table:
    """Slots as rows: what became of their records, seconds, estimated US dollars on AWS."""
    title = "rows in = written + quarantined + deduplicated"
    table = narrow_table(title, ("slot", "outcome", *HEADINGS, "sec.", "est. USD"))
    for o in outcomes:
        counts = [f"{o.counts[c]:,}" if o.counts else "" for c in COUNTS]
        style = "red" if o.failure else None
        table.add_row(label(o.slot), o.outcome, *counts, f"{o.seconds:.1f}", f"{o.dollars:.6f}", style=style)
    return table


def engine_table(entries: list[Entry]) -> Table:
    """Where slots were transformed, and why there."""
    table = Table("slot", "engine", "why", title="Where rows were made", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    for entry in entries:
        if "engine_reason" in entry.facts:
            table.add_row(label(entry.slot), entry.facts["engine"], entry.facts["engine_reason"])
    return table


def exploded_table(entries: list[Entry]) -> Table:
    """What became of records of which each element of an array is a row."""
    table = narrow_table("What records became", ("slot", "records", "skipped", "rows in"))
    for entry in entries:
        if found := entry.facts.get("exploded"):
            table.add_row(label(entry.slot), *(f"{found[name]:,}" for name in ("records", "skipped", "rows")))
    return table


def broken_table(entries: list[Entry]) -> Table:
    """Rules that records broke, slot by slot, and what became of the records."""
    table = narrow_table("Rules that records broke", ("slot", "column", "rule", "records", "became"))
    for entry in entries:
        for broken in entry.facts.get("broken_rules", []):
            became = BECAME[broken["policy"]]
            records = f"{broken['records']:,}"
            table.add_row(label(entry.slot), broken["column"], broken["rule"], records, became)
    return table


def cost_table(entries: list[Entry]) -> Table:
    """What runs cost on AWS, estimated from their size and engine, and all of them together."""
    table = narrow_table("Estimated cost on AWS", ("slot", "engine", "raw MB", "est. USD"))
    known = [entry for entry in entries if "estimated_microdollars" in entry.facts]
    for entry in known:
        facts = entry.facts
        dollars = f"{facts['estimated_microdollars'] / 1e6:.6f}"
        table.add_row(label(entry.slot), facts["engine"], f"{facts['raw_bytes'] / 1e6:,.2f}", dollars)
    total = sum(entry.facts["estimated_microdollars"] for entry in known) / 1e6
    table.add_row("together", "", f"{sum(e.facts['raw_bytes'] for e in known) / 1e6:,.2f}", f"{total:.6f}")
    return table


def warnings_of(entries: list[Entry]) -> Iterator[tuple[str, str]]:
    """What stopped nothing and should be known: of certificates, and of rules over whole loads that did not hold."""
    for entry in entries:
        for told in entry.facts.get("ingest_warnings", []):
            yield label(entry.slot), told
        for check in entry.facts.get("checks", []):
            if not check["holds"]:
                yield label(entry.slot), f"{check['rule']}: expected {check['expected']}, found {check['found']}"


def fields_of(entries: list[Entry]) -> list[str]:
    """Fields that the contract does not name, and those that no record has: in how many slots, and the newest."""
    slots: dict[str, list[str]] = {}
    for entry in entries:
        drift = entry.facts.get("drift", {"new": {}, "missing": []})
        told = [f"new field {path} ({of})" for path, of in sorted(drift["new"].items())]
        for field in (*told, *(f"missing field {path}" for path in drift["missing"])):
            slots.setdefault(field, []).append(label(entry.slot))
    return [f"{field} in {len(found)} slot(s), the newest {found[-1]}" for field, found in slots.items()]


def mart_table(entries: list[Entry]) -> Table:
    """What became of the marts after each slot: rows, bytes that the query scanned, its seconds and its dollars."""
    headings = ("slot", "mart", "built for", "outcome", "rows", "scanned", "sec.", "est. USD")
    table = narrow_table("Marts that the runs built", headings)
    for entry in entries:
        for done in entry.facts.get("marts", []):
            waits = f"waiting for {done['waits_for']}" if "waits_for" in done else done["outcome"]
            figures = (f"{done['rows']:,}", size(done["scanned_bytes"]), f"{done['milliseconds'] / 1000:.1f}")
            built_for = "all" if done["slot"] == str(EVERYTHING) else label(Slot.parse(done["slot"], entry.slot.every))
            table.add_row(label(entry.slot), done["mart"], built_for, waits, *figures, f"{done['dollars']:.6f}")
    return table


def narrow_table(title: str, headings: tuple[str, ...]) -> Table:
    """A table that fits a terminal of 80 columns; what is not text stands right."""
    table = Table(title=title, box=SIMPLE_HEAD, padding=0, pad_edge=False)
    for heading in headings:
        text = heading in TEXTS
        table.add_column(heading, justify="left" if text else "right", no_wrap=True)
    return table


def label(slot: Slot) -> str:
    """A slot for a table: the day alone when slots are days."""
    return f"{slot.start:%Y-%m-%d}" if slot.every == "day" else str(slot)


def _ledger_row(entry: Entry) -> list[str]:
    if entry.status == "SUCCEEDED":
        counts = counts_of(entry.facts)
        return [label(entry.slot), "ok", *[f"{counts[c]:,}" for c in COUNTS], entry.execution]
    return [label(entry.slot), f"failed: {entry.facts['step']}", "", "", "", "", entry.execution]
