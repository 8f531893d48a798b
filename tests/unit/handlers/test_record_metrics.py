"""The metrics of a run, as CloudWatch reads them from the log: embedded metric format, with the alarm's dimensions."""

import json
import time
from typing import Any

import pytest

from lakeward.handlers.record import count
from lakeward.ports.ledger import Entry, Status
from lakeward.slot import Slot

COUNTS = {"records_in": 100, "written": 80, "quarantined": 4, "deduplicated": 16}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Terraform sets them."""
    monkeypatch.setenv("LAKEWARD_ENVIRONMENT", "dev")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "lakeward")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Lakeward")


def entry(dataset: str, status: Status, facts: dict[str, Any]) -> Entry:
    return Entry(dataset, Slot.parse("2018-01-31", "day"), "e", "s", status, "r", facts)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was printed, a JSON document a line, without the time; the times are looked at here."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in found:
        age_seconds = time.time() - line["_aws"].pop("Timestamp") / 1000
        assert -1 < age_seconds < 60
    return found


def metrics(*names: str) -> dict[str, Any]:
    """The part of a line that says which of its members are metrics and which are dimensions."""
    return {
        "CloudWatchMetrics": [
            {
                "Namespace": "Lakeward",
                "Dimensions": [["Environment", "Dataset"]],
                "Metrics": [{"Name": name, "Unit": "Count"} for name in names],
            }
        ]
    }


def test_a_success_counts_its_slot_and_what_became_of_its_records(capsys: pytest.CaptureFixture[str]) -> None:
    count(entry("earthquakes", "SUCCEEDED", COUNTS), news=True)

    assert lines(capsys) == [
        {
            "_aws": metrics("SlotPublished", "RecordsIn", "Written", "Quarantined", "Deduplicated"),
            "Environment": "dev",
            "Dataset": "earthquakes",
            "SlotPublished": [1.0],
            "RecordsIn": [100.0],
            "Written": [80.0],
            "Quarantined": [4.0],
            "Deduplicated": [16.0],
        }
    ]


def test_a_slot_that_is_no_news_counts_its_records_and_keeps_no_alarm_silent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    count(entry("earthquakes", "SUCCEEDED", COUNTS), news=False)

    (line,) = lines(capsys)
    assert (line["SlotPublished"], line["RecordsIn"], line["Written"]) == ([0.0], [100.0], [80.0])


def test_a_failure_counts_a_slot_that_was_not_published(capsys: pytest.CaptureFixture[str]) -> None:
    count(entry("earthquakes", "FAILED", {"step": "audit", "error": "AuditFailed", "cause": ""}), news=True)

    assert lines(capsys) == [
        {
            "_aws": metrics("SlotPublished"),
            "Environment": "dev",
            "Dataset": "earthquakes",
            "SlotPublished": [0.0],
        }
    ]


def test_a_warm_function_counts_another_dataset_apart(capsys: pytest.CaptureFixture[str]) -> None:
    count(entry("earthquakes", "SUCCEEDED", COUNTS), news=True)
    count(entry("tides", "FAILED", {}), news=True)
    count(entry("earthquakes", "FAILED", {}), news=True)

    assert [(line["Dataset"], line["SlotPublished"], "RecordsIn" in line) for line in lines(capsys)] == [
        ("earthquakes", [1.0], True),
        ("tides", [0.0], False),
        ("earthquakes", [0.0], False),
    ]
