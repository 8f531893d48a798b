"""The cost limit of a contract: a slot above it waits for a person, who is asked where there is a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from deployed_world import Deployed

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

DAY, KEY, EVENTS = "2018-02-07", "20180207T0000Z", 14


def seen(deployed: Deployed) -> int:
    (row,) = deployed.sql("SELECT count(*) AS n FROM costly")
    return int(row["n"])


def staged(deployed: Deployed) -> list[str]:
    return [version["Key"] for version in deployed.versions("curated", "staging/costly/")]


def on_a_terminal(deployed: Deployed, answer: str, *words: str) -> tuple[int, str]:
    """Run the command as a person at a terminal who gives one answer; its exit code and all that was shown."""
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).parent / "lakeward"), *words]
    environment = {**os.environ, "COLUMNS": "400", "NO_COLOR": "1", "TERM": "dumb"}
    run = subprocess.Popen(command, cwd=deployed.root, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, answered = b"", False
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the last one at the other end has gone
            break
        if not part:
            break
        shown += part
        if not answered and b"[y/N]" in shown:
            os.write(ours, f"{answer}\n".encode())
            answered = True
    os.close(ours)
    return run.wait(), " ".join(shown.decode().split())


def test_without_a_terminal_a_slot_above_the_limit_stops_before_the_transform_and_the_alert_says_what_to_do(
    deployed: Deployed,
) -> None:
    refused = deployed.lakeward("run", "costly", "--slot", DAY)

    accept = f"lakeward run costly --slot {DAY}T00:00Z --accept-cost"
    assert refused.returncode == 1
    assert "expected a run of at most $0.0001 (cost.max_run_dollars), found an estimate of $0.000" in refused.stderr
    assert accept in refused.stderr
    assert deployed.states(f"costly-{KEY}") == ["Ingest", "IngestFailed", "RecordFailure", "Alert", "Failed"]
    (alert,) = deployed.alerts()
    assert (alert["dataset"], alert["step"], alert["error"]) == ("costly", "ingest", "CostAboveLimit")
    assert accept in alert["cause"]
    assert (seen(deployed), staged(deployed)) == (0, [])
    assert f"costly/slot={KEY}/certificate.json" in {v["Key"] for v in deployed.versions("raw", "costly/")}


def test_a_person_who_says_no_leaves_it_as_it_was(deployed: Deployed) -> None:
    status, shown = on_a_terminal(deployed, "n", "run", "costly", "--slot", DAY)

    assert (status, seen(deployed), staged(deployed)) == (1, 0, [])
    assert "at most $0.0001 (cost.max_run_dollars), found an estimate of $0.000" in shown
    assert "expected in Lambda" in shown
    assert "1 run above the limit. Go on with what is estimated? [y/N]" in shown


def test_a_person_who_says_yes_lets_it_go_on_from_what_was_ingested(deployed: Deployed) -> None:
    raw = deployed.versions("raw", "costly/")

    status, shown = on_a_terminal(deployed, "y", "run", "costly", "--slot", DAY)

    assert status == 0, shown
    assert (seen(deployed), deployed.versions("raw", "costly/")) == (EVENTS, raw)


def test_the_flag_lets_a_range_go_on_where_nobody_can_be_asked(deployed: Deployed) -> None:
    done = deployed.lakeward("backfill", "costly", "--from", "2018-02-06", "--to", DAY, "--accept-cost")

    assert done.returncode == 0, done.stderr
    assert "1 done before" in done.stdout
    assert seen(deployed) > EVENTS
