"""The account on the terminal: every command with its seconds, every read, and whether it all held."""

from rich.console import Console
from rich.table import Table

from lakeward.cli.screen import plain
from lakeward.released import short
from lakeward_local.promote_demo.readers import WRONG
from lakeward_local.promote_demo.story import ROLLBACK_SECONDS, Story


def print_account(story: Story, to: Console) -> None:
    """Print it."""
    to.print()
    to.print(steps_table(story))
    to.print(reads_table(story))
    to.print(plain(verdict(story), "bold" if story.holds else "bold red"), soft_wrap=True)


def steps_table(story: Story) -> Table:
    """A row a command."""
    table = Table(title="what was done", title_justify="left", box=None, pad_edge=False)
    table.add_column("seconds", justify="right")
    table.add_column("command", overflow="fold")
    act = ""
    for step in story.steps:
        if step.act != act:
            act = step.act
            table.add_row("", plain(act, "bold cyan"))
        refused = "  (refused, as it should be)" if step.status else ""
        table.add_row(f"{step.seconds:.1f}", plain(f"{step.line}{refused}"))
    return table


def reads_table(story: Story) -> Table:
    """A row for each way in which a read came out."""
    tally = story.tally
    table = Table(title="what readers of prod got", title_justify="left", box=None, pad_edge=False)
    table.add_column("reads", justify="right")
    table.add_column("answered by")
    for version, count in sorted(tally.right().items()):
        table.add_row(f"{count:,}", f"{version}, release {short(story.releases.get(version, '?'))}")
    for kind in WRONG:
        count = tally.wrong()[kind]
        table.add_row(f"{count:,}", kind, style="red" if count else None)
    return table


def verdict(story: Story) -> str:
    """In one sentence each."""
    tally, wrong = story.tally, story.tally.wrong()
    reads = f"{len(tally.reads):,} reads while readers were moved {len(tally.moves)} times: " + ", ".join(
        f"{wrong[kind]} {kind}" for kind in WRONG
    )
    if story.rollback is None:
        return f"{reads}. It was not rolled back."
    took, back = story.rollback.seconds, story.readers_back_seconds
    readers = "Readers never came back" if back is None else f"Readers were back {back:.1f} s after it was asked for"
    return f"{reads}. The rollback took {took:.1f} s, of {ROLLBACK_SECONDS:.0f} that it may take. {readers}."
