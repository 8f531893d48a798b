"""Runs that a contract's cost limit stopped: on a terminal a person is asked, elsewhere the flag is named."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from lakeward.cli.running import Outcome
from lakeward.cli.screen import amount, error_console, plain
from lakeward.errors import CostAboveLimit
from lakeward.slot import Slot

AcceptCost = Annotated[
    bool, typer.Option("--accept-cost", help="Go on although the estimate is above cost.max_run_dollars.")
]
RunAgain = Callable[[list[Slot]], list[Outcome]]
"""Runs slots with their cost accepted."""


def on_a_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def with_leave(outcomes: list[Outcome], run_again: RunAgain, ask: Callable[[str], bool] | None = None) -> list[Outcome]:
    """The outcomes, those that the limit stopped run once more when a person says so.

    Args:
        outcomes: of slots that were run; each stopped one is shown with its estimate, its limit and the reason.
        run_again: see there.
        ask: puts a question; the terminal's unless given. Without a terminal nobody is asked.
    """
    stopped = [o for o in outcomes if o.error == CostAboveLimit.__name__]
    if not stopped or (ask is None and not on_a_terminal()):
        return outcomes
    for outcome in stopped:
        error_console.print(plain(outcome.failure or "", "yellow"), soft_wrap=True)
    question = f"{amount(len(stopped), 'run')} above the limit. Go on with what is estimated?"
    if not (ask or _confirm)(question):
        return outcomes
    ran = {outcome.slot: outcome for outcome in run_again([o.slot for o in stopped])}
    return [ran.get(outcome.slot, outcome) for outcome in outcomes]


def _confirm(question: str) -> bool:
    return typer.confirm(question, default=False, err=True)
