"""``lakeward backfill``: a range of slots, stopped by a person and gone on with."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from contract_world import CONTRACT
from environment_over_http import EnvironmentOverHttp, Run
from typer.testing import CliRunner, Result

from lakeward.cli.app import build

DAYS = [f"2018-02-0{day}T00:00Z" for day in range(1, 7)]


def backfill(*arguments: str) -> Result:
    wanted = ["--from", "2018-02-01", "--to", "2018-02-06", *arguments]
    return CliRunner().invoke(build(), ["backfill", "parcels", *wanted])


def slots(environment: EnvironmentOverHttp) -> list[str]:
    """What was started, in order of slots: two at once start in any order."""
    return sorted(given["slot"] for _, given in environment.started)


def keep_ledger(environment: EnvironmentOverHttp, slot: str) -> None:
    """The ledger says that a slot succeeded, as the machine's last step writes it."""
    texts = {
        "dataset": "parcels",
        "slot": slot,
        "execution": f"parcels-{slot}",
        "started_at": "2018-02-02T03:00:00.000+00:00",
        "status": "SUCCEEDED",
        "recorded_at": "2018-02-02T03:00:09.000+00:00",
    }
    environment.items.append({**{name: {"S": value} for name, value in texts.items()}, "facts": {"M": {}}})


def interrupting_at(environment: EnvironmentOverHttp, slot: str) -> Callable[[str], None]:
    """Ctrl-C comes while a slot runs."""

    def started(found: str) -> None:
        keep_ledger(environment, found)
        if found == slot:
            os.kill(os.getpid(), signal.SIGINT)

    return started


def test_every_slot_of_the_range_is_run(environment: EnvironmentOverHttp) -> None:
    ended = backfill("--parallel", "4")

    assert ended.exit_code == 0, ended.stderr
    assert slots(environment) == DAYS
    assert ended.stdout.splitlines()[-1] == "together 60 = 48 + 6 + 6"


def test_ctrl_c_lets_running_slots_end_and_the_same_command_goes_on(environment: EnvironmentOverHttp) -> None:
    before = signal.getsignal(signal.SIGINT)
    environment.coming[DAYS[2]] = Run(looks_before_its_end=3)
    environment.when_started = interrupting_at(environment, DAYS[2])

    stopped = backfill("--parallel", "1")

    assert stopped.exit_code == 1
    assert slots(environment) == DAYS[:3]
    assert stopped.stdout.count(" ran ") == 3
    assert stopped.stderr.splitlines()[-1] == "3 slots left; the same command goes on with 2018-02-04T00:00Z"
    assert signal.getsignal(signal.SIGINT) is before

    environment.when_started = lambda slot: keep_ledger(environment, slot)
    again = backfill("--parallel", "2")

    assert again.exit_code == 0, again.stderr
    assert slots(environment) == DAYS
    assert "6 slots, 3 done before" in again.stdout


def test_a_slot_that_takes_long_holds_up_no_other(environment: EnvironmentOverHttp) -> None:
    longest = environment.coming[DAYS[0]] = Run(looks_before_its_end=60)
    left: list[int] = []

    def started(slot: str) -> None:
        if slot == DAYS[-1]:
            left.append(longest.looks_before_its_end)
            longest.looks_before_its_end = 0

    environment.when_started = started
    ended = backfill("--parallel", "2")

    assert ended.exit_code == 0, ended.stderr
    assert slots(environment) == DAYS
    assert left[0] > 0
    assert [line.split()[0] for line in ended.stdout.splitlines() if " ran " in line] == [day[:10] for day in DAYS]


@pytest.mark.parametrize("command", ["backfill", "run"])
def test_a_dataset_with_a_rate_is_run_one_slot_at_a_time(
    environment: EnvironmentOverHttp, copy: Path, command: str
) -> None:
    contract = copy / "datasets" / "parcels" / "contract.yaml"
    contract.write_text(CONTRACT.replace("  records:\n", "  manners: {requests_per_second: 2}\n  records:\n", 1))
    first = environment.coming[DAYS[0]] = Run(looks_before_its_end=20)
    left: list[int] = []
    environment.when_started = lambda slot: left.append(first.looks_before_its_end) if slot == DAYS[1] else None

    ended = CliRunner().invoke(
        build(), [command, "parcels", "--from", "2018-02-01", "--to", "2018-02-06", "--parallel", "4"]
    )

    assert ended.exit_code == 0, ended.stderr
    assert (slots(environment), left) == (DAYS, [0])
    assert "parcels: one slot at a time, because each run keeps source.manners.requests_per_second" in ended.stderr


def test_what_was_begun_is_no_part_of_what_is_left(environment: EnvironmentOverHttp) -> None:
    environment.coming[DAYS[0]] = Run("FAILED", error="AuditFailed", cause="too many")
    for day in DAYS[1:3]:
        environment.coming[day] = Run(looks_before_its_end=8)

    ended = backfill("--parallel", "3", "--failures", "1")

    assert ended.exit_code == 1
    assert slots(environment) == DAYS[:3]
    assert ended.stderr.splitlines()[-1] == f"3 slots left; the same command goes on with {DAYS[3]}"


def test_too_many_failures_stop_it(environment: EnvironmentOverHttp) -> None:
    for day in DAYS[:2]:
        environment.coming[day] = Run("FAILED", error="AuditFailed", cause="too many")

    ended = backfill("--parallel", "1", "--failures", "2")

    assert ended.exit_code == 1
    assert slots(environment) == DAYS[:2]
    assert ended.stderr.splitlines()[-1] == "4 slots left; the same command goes on with 2018-02-03T00:00Z"


@pytest.mark.usefixtures("environment")
def test_it_has_help() -> None:
    assert "Ctrl-C" in CliRunner().invoke(build(), ["backfill", "--help"]).stdout
