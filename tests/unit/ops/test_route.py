"""Where a slot goes: by what it would take in Lambda, by past runs, by whoever forces it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from engines import certified

from lakeward.certificate import CertifiedPage
from lakeward.errors import ConfigurationMissing
from lakeward.ops.route import Route, route
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

MB = 1_000_000


def pages(*sizes: int, encoding: str = "identity") -> list[CertifiedPage]:
    """Pages of so many bytes."""
    page = certified(Path(__file__)).model_dump() | {"number": 1, "content_encoding": encoding}
    return [CertifiedPage(**page | {"bytes": size}) for size in sizes]


def ran(day: int, raw_bytes: int, seconds: float | None, **facts: Any) -> Entry:
    """A run that the ledger knows."""
    known = {"engine": "duckdb", "raw_bytes": raw_bytes, "transform_seconds": seconds} | facts
    return Entry("parcels", Slot(datetime(2024, 3, day, tzinfo=UTC)), "e", f"2024-03-{day:02d}", "SUCCEEDED", "", known)


def test_a_small_slot_goes_to_lambda() -> None:
    found = route("auto", "auto", pages(150 * MB, 50 * MB), [], has_glue=True)

    assert found == Route(
        "lambda",
        "10 s (by measurement) of 450 and 400 MB of disk of 5,369 MB expected in Lambda",
        workers=2,
        text_bytes=200 * MB,
    )


@pytest.mark.parametrize(
    ("text", "engine"), [(2_684 * MB, "lambda"), (2_685 * MB, "glue")], ids=["fits the disk", "does not"]
)
def test_what_does_not_surely_fit_goes_to_glue(text: int, engine: str) -> None:
    assert route("auto", "auto", pages(text), [], has_glue=True).engine == engine


def test_compressed_pages_count_as_the_text_that_is_in_them() -> None:
    assert route("auto", "auto", pages(300 * MB, encoding="gzip"), [], has_glue=True).text_bytes == 3_000 * MB


def test_past_runs_come_before_what_was_measured_elsewhere_and_the_slowest_tells() -> None:
    past = [ran(1, 100 * MB, 50.0), ran(2, 100 * MB, 100.0)]

    assert route("auto", "auto", pages(450 * MB), past, has_glue=True).engine == "lambda"
    found = route("auto", "auto", pages(451 * MB), past, has_glue=True)
    assert (found.engine, found.reason[:21]) == ("glue", "451 s (by past runs) ")


@pytest.mark.parametrize(
    "other",
    [
        ran(1, MB, 9.9),
        ran(1, MB, None),
        ran(1, MB, 100.0, engine="spark"),
        Entry("parcels", Slot(datetime(2024, 3, 1, tzinfo=UTC)), "e", "", "FAILED", "", {"step": "ingest"}),
    ],
    ids=["too short", "found done", "by the other engine", "failed"],
)
def test_runs_that_tell_nothing_are_left_out(other: Entry) -> None:
    assert "by measurement" in route("auto", "auto", pages(MB), [other], has_glue=True).reason


@pytest.mark.parametrize(
    ("use", "asked", "engine", "reason"),
    [
        ("glue", "auto", "glue", "forced by the contract"),
        ("auto", "glue", "glue", "forced by the run"),
        ("glue", "lambda", "lambda", "forced by the run"),
        ("lambda", "auto", "lambda", "forced by the contract"),
    ],
)
def test_the_run_comes_before_the_contract_and_both_before_what_was_found(
    use: Any, asked: str, engine: str, reason: str
) -> None:
    found = route(use, asked, pages(MB), [], has_glue=True)

    assert (found.engine, found.reason) == (engine, reason)


def test_workers_grow_with_the_text_within_bounds() -> None:
    assert [route("glue", "auto", pages(gb * 1000 * MB), [], has_glue=True).workers for gb in (1, 40, 41, 4000)] == [
        2,
        5,
        6,
        50,
    ]


def test_without_a_glue_job_a_large_slot_goes_to_lambda_and_the_reason_says_so() -> None:
    found = route("auto", "auto", pages(9_000 * MB), [], has_glue=False)

    assert (found.engine, found.reason.partition("; ")[2]) == (
        "lambda",
        "too large, and the environment has no Glue job",
    )


def test_forcing_a_job_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationMissing, match="expected a Glue job in this environment, because Glue is forced"):
        route("glue", "auto", pages(MB), [], has_glue=False)


def test_another_engine_than_there_is_is_refused() -> None:
    with pytest.raises(ConfigurationMissing, match="expected the run's engine to be auto, lambda or glue, found 'emr'"):
        route("auto", "emr", pages(MB), [], has_glue=True)
