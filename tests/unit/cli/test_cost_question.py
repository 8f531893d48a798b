"""Runs that the cost limit stopped: a person is asked once, and what they say is done."""

import json

import pytest
from environment_over_http import EnvironmentOverHttp, Run
from typer.testing import CliRunner

from lakeward.cli.app import build
from lakeward.cli.cost_question import with_leave
from lakeward.cli.running import Outcome
from lakeward.slot import Slot

FIRST, SECOND = Slot.parse("2018-01-31", "day"), Slot.parse("2018-02-01", "day")
SAID = "parcels: expected a run of at most $0.01, found an estimate of $0.02: go on with --accept-cost"


def ended(slot: Slot, error: str | None = None) -> Outcome:
    outcome = "failed" if error else "ran"
    return Outcome(slot, f"parcels-{slot.key}", outcome, 1.0, 0.0, failure=error and SAID, error=error)


STOPPED, DONE, BROKEN = ended(FIRST, "CostAboveLimit"), ended(SECOND), ended(SECOND, "AuditFailed")


def test_what_was_stopped_runs_once_more_when_a_person_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    again: list[list[Slot]] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return True

    def run(slots: list[Slot]) -> list[Outcome]:
        again.append(slots)
        return [ended(slot) for slot in slots]

    assert with_leave([STOPPED, DONE], run, ask) == [ended(FIRST), DONE]
    assert (again, asked) == ([[FIRST]], ["1 run above the limit. Go on with what is estimated?"])
    assert SAID in " ".join(capsys.readouterr().err.split())


def refuse(_slots: list[Slot]) -> list[Outcome]:
    raise AssertionError("nobody accepted it")


def test_nothing_runs_when_the_answer_is_no() -> None:
    assert with_leave([STOPPED, DONE], refuse, lambda _: False) == [STOPPED, DONE]


def test_other_failures_are_nobodys_question() -> None:
    assert with_leave([BROKEN], refuse, lambda _: True) == [BROKEN]


@pytest.mark.parametrize(
    "words", [("run", "--slot", "2018-01-31"), ("backfill", "--from", "2018-01-31", "--to", "2018-01-31")]
)
def test_without_a_terminal_the_flag_is_named_and_nobody_is_asked(
    words: tuple[str, ...], environment: EnvironmentOverHttp
) -> None:
    cause = json.dumps({"errorMessage": SAID})
    environment.coming[str(FIRST)] = Run(status="FAILED", error="CostAboveLimit", cause=cause, steps=(("Ingest", 1.0),))

    done = CliRunner().invoke(build(), [words[0], "parcels", *words[1:]])

    assert done.exit_code == 1
    assert "go on with --accept-cost" in done.stderr
    assert [given for _, given in environment.started] == [{"dataset": "parcels", "slot": str(FIRST)}]


@pytest.mark.parametrize(
    "words", [("run", "--slot", "2018-01-31"), ("backfill", "--from", "2018-01-31", "--to", "2018-01-31")]
)
def test_the_flag_accepts_it_beforehand(words: tuple[str, ...], environment: EnvironmentOverHttp) -> None:
    done = CliRunner().invoke(build(), [words[0], "parcels", *words[1:], "--accept-cost"])

    assert done.exit_code == 0, done.stderr
    assert [given for _, given in environment.started] == [
        {"dataset": "parcels", "slot": str(FIRST), "accept_cost": True}
    ]
