"""Backfill: many slots, some at once, that can be stopped and gone on with."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import typer

from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.cli.cost_question import AcceptCost, with_leave
from lakeward.cli.running import Outcome, at_once, run_slots
from lakeward.cli.runs import COUNTS, outcome_table, slots_of
from lakeward.cli.screen import amount, console, error_console
from lakeward.cli.session import Environment, Session, open_session, repository
from lakeward.contract import Dataset, dataset
from lakeward.slot import Slot


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backfill)


def backfill(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's name.")],
    first: Annotated[str, typer.Option("--from", help="The first slot, such as 2018-01-31.")],
    last: Annotated[str, typer.Option("--to", help="The last slot.")],
    parallel: Annotated[int, typer.Option(min=1, max=16, help="How many slots run at once.")] = 2,
    failures: Annotated[int, typer.Option(min=1, help="Stop after so many slots have failed.")] = 3,
    accept_cost: AcceptCost = False,
    environment: Environment = "local",
) -> None:
    """Run every slot of a range that has not succeeded yet, oldest first.

    Ctrl-C lets the running slots end and starts no more; the same command then goes on where it stopped. A dataset
    that asks for what changed since the run before, or with `requests_per_second`, is run one slot at a time, in order.
    Slots that would cost more than the contract's limit are asked about on a terminal, and fail elsewhere.

    [bold]Example:[/bold] lakeward backfill earthquakes --from 2018-01-31 --to 2018-02-07 --parallel 4
    """
    session, of = open_session(environment), dataset(name, repository() / "datasets")
    wanted = slots_of(of, None, first, last)
    waiting = remaining(session, of, wanted)
    console.print(f"{name}: {amount(len(wanted), 'slot')}, {len(wanted) - len(waiting)} done before")
    in_order = of.contract.source.incremental is not None or of.contract.source.manners.conditional
    running = partial(run_slots, session, of, again=False, parallel=1 if in_order else at_once(of, parallel))
    with interruptible() as stopped:

        def stop(ended: Sequence[Outcome]) -> bool:
            return stopped.is_set() or sum(1 for outcome in ended if outcome.failure) >= failures

        outcomes = running(waiting, stop=stop, accept_cost=accept_cost)
        outcomes = with_leave(outcomes, lambda slots: running(slots, accept_cost=True))
    ran = {outcome.slot for outcome in outcomes}
    waiting = [slot for slot in waiting if slot not in ran]
    console.print(outcome_table(outcomes))
    sums = [sum(outcome.counts.get(count, 0) for outcome in outcomes) for count in COUNTS]
    console.print("together {:,} = {:,} + {:,} + {:,}".format(*sums), highlight=False)
    for failed in (o for o in outcomes if o.failure):
        error_console.print(f"[bold red]{failed.slot} failed[/bold red] {failed.failure}", soft_wrap=True)
    if waiting:
        error_console.print(f"{amount(len(waiting), 'slot')} left; the same command goes on with {waiting[0]}")
    if waiting or any(o.failure for o in outcomes):
        raise typer.Exit(1)


def remaining(session: Session, of: Dataset, wanted: list[Slot]) -> list[Slot]:
    """The slots whose newest run, as the ledger has it, did not succeed."""
    ledger = DynamoDbLedger(session.dynamodb.Table(f"lakeward-{session.environment}-ledger"))
    done = {entry.slot for entry in ledger.entries(of) if entry.status == "SUCCEEDED"}
    return [slot for slot in wanted if slot not in done]


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, once; a second Ctrl-C ends the command at once."""
    stopped = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)
        error_console.print("stopping when the running slots have ended; Ctrl-C again stops at once")

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
