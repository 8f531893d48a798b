"""``lakeward run`` and ``lakeward runs``: what a person sees of slots, and how a failure reaches the shell."""

import pytest
from environment_over_http import EnvironmentOverHttp, Run
from rich.console import Console
from typer.testing import CliRunner, Result

from lakeward.cli.app import build
from lakeward.cli.runs import broken_table, cost_table, fields_of, slots_of, warnings_of
from lakeward.contract import dataset, default_root
from lakeward.errors import SlotInvalid, UnknownDataset
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

EARTHQUAKES = dataset("earthquakes", default_root())
HEADING = ["slot", "outcome", "in", "written", "quarant.", "dedup.", "sec.", "est.", "USD"]


def lakeward(*arguments: str) -> Result:
    return CliRunner().invoke(build(), [*arguments])


def cells(text: str) -> list[list[str]]:
    """The words of every line that is not a rule."""
    return [line.split() for line in text.splitlines() if line.strip(" ─━╶╴\n")]


def test_slots_are_run_and_shown_in_a_table_with_what_became_of_their_records(environment: EnvironmentOverHttp) -> None:
    environment.coming["2018-02-01T00:00Z"] = Run(counts=(1707, 1700, 4, 3))
    environment.runs["parcels-20180202T0000Z"] = Run(counts=(5, 5, 0, 0))

    ended = lakeward("run", "parcels", "--from", "2018-01-31", "--to", "2018-02-02")

    assert ended.exit_code == 0, ended.stderr
    assert cells(ended.stdout) == [
        ["rows", "in", "=", "written", "+", "quarantined", "+", "deduplicated"],
        HEADING,
        ["2018-01-31", "ran", "10", "8", "1", "1", "10.5", "0.000417"],
        ["2018-02-01", "ran", "1,707", "1,700", "4", "3", "10.5", "0.000417"],
        ["2018-02-02", "already", "done", "5", "5", "0", "0", "10.5", "0.000417"],
    ]


def test_a_run_that_fails_ends_with_one_and_its_error_as_it_came(environment: EnvironmentOverHttp) -> None:
    cause = '{"errorMessage": "alert_level: expected one of [green, red] in [/bold] brackets"}'
    environment.coming["2018-01-31T00:00Z"] = Run("FAILED", error="AuditFailed", cause=cause)

    ended = lakeward("run", "parcels", "--slot", "2018-01-31")

    assert ended.exit_code == 1
    assert cells(ended.stdout)[2] == ["2018-01-31", "failed", "10.5", "0.000417"]
    assert ended.stderr.splitlines()[-1] == (
        "2018-01-31T00:00Z failed FAILED AuditFailed: alert_level: expected one of [green, red] in [/bold] brackets "
        "(execution parcels-20180131T0000Z)"
    )


def test_one_failure_does_not_keep_the_other_slots_from_running(environment: EnvironmentOverHttp) -> None:
    environment.coming["2018-01-31T00:00Z"] = Run("FAILED", error="AuditFailed", cause="too many")

    ended = lakeward("run", "parcels", "--from", "2018-01-31", "--to", "2018-02-02", "--parallel", "1")

    assert ended.exit_code == 1
    assert [line[:2] for line in cells(ended.stdout)[2:]] == [
        ["2018-01-31", "failed"],
        ["2018-02-01", "ran"],
        ["2018-02-02", "ran"],
    ]


def test_the_same_command_twice_runs_nothing_the_second_time(environment: EnvironmentOverHttp) -> None:
    lakeward("run", "parcels", "--slot", "2018-01-31")

    ended = lakeward("run", "parcels", "--slot", "2018-01-31")

    assert (ended.exit_code, len(environment.started)) == (0, 1)
    assert "already done" in ended.stdout


def test_again_runs_what_is_done(environment: EnvironmentOverHttp) -> None:
    lakeward("run", "parcels", "--slot", "2018-01-31")

    lakeward("run", "parcels", "--slot", "2018-01-31", "--again")

    assert [name for name, _ in environment.started] == ["parcels-20180131T0000Z", "parcels-20180131T0000Z-2"]


@pytest.mark.usefixtures("environment")
def test_an_unknown_dataset_is_refused_with_the_nearest_name() -> None:
    ended = lakeward("run", "parcel", "--slot", "2018-01-31")

    assert isinstance(ended.exception, UnknownDataset)
    assert ended.exception.message == "expected one of parcels, found 'parcel'; did you mean 'parcels'?"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("2018-01-31", None, None), ["2018-01-31"]),
        (("2018-01-31T00:00Z", None, None), ["2018-01-31"]),
        ((None, "2018-01-31", "2018-01-31"), ["2018-01-31"]),
        ((None, "2018-02-27", "2018-03-01"), ["2018-02-27", "2018-02-28", "2018-03-01"]),
    ],
)
def test_options_name_slots(options: tuple[str | None, str | None, str | None], expected: list[str]) -> None:
    assert slots_of(EARTHQUAKES, *options) == [Slot.parse(day, "day") for day in expected]


@pytest.mark.parametrize(
    "options",
    [
        (None, None, None),
        ("2018-01-31", "2018-01-31", None),
        ("2018-01-31", None, "2018-01-31"),
        ("2018-01-31", "2018-01-31", "2018-02-01"),
        (None, "2018-01-31", None),
        (None, None, "2018-01-31"),
    ],
)
def test_options_that_name_no_slots_or_name_them_twice_are_refused(
    options: tuple[str | None, str | None, str | None],
) -> None:
    with pytest.raises(SlotInvalid, match="expected either --slot, or --from and --to together"):
        slots_of(EARTHQUAKES, *options)


def test_slots_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(SlotInvalid, match=r"expected --to at or after --from \(2018-02-01T00:00Z\)"):
        slots_of(EARTHQUAKES, None, "2018-02-01", "2018-01-31")


def item(slot: str, status: str, facts: dict[str, dict[str, str]]) -> dict[str, dict[str, object]]:
    """A ledger item as DynamoDB answers it."""
    texts = {
        "dataset": "parcels",
        "slot": slot,
        "execution": f"parcels-{slot[:10]}",
        "started_at": "2018-02-02T03:00:00.000Z",
        "status": status,
        "recorded_at": "2018-02-02T03:00:09.000+00:00",
    }
    return {**{name: {"S": value} for name, value in texts.items()}, "facts": {"M": facts}}


def test_the_ledger_is_shown_a_slot_a_line(environment: EnvironmentOverHttp) -> None:
    counts = zip(("records_in", "written", "quarantined", "deduplicated"), ("1707", "1700", "4", "3"), strict=True)
    environment.items = [
        item("2018-01-31T00:00Z", "SUCCEEDED", {name: {"N": value} for name, value in counts}),
        item("2018-02-01T00:00Z", "FAILED", {"step": {"S": "audit"}, "error": {"S": "AuditFailed"}}),
    ]

    ended = lakeward("runs", "parcels")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert cells(ended.stdout) == [
        ["Newest", "runs", "of", "parcels", "in", "local"],
        ["slot", "status", "in", "written", "quarant.", "dedup.", "execution"],
        ["2018-01-31", "ok", "1,707", "1,700", "4", "3", "parcels-2018-01-31"],
        ["2018-02-01", "failed:", "audit", "parcels-2018-02-01"],
    ]


def test_records_that_became_several_rows_are_shown_apart(environment: EnvironmentOverHttp) -> None:
    counts = {"records_in": "3", "rows_in": "7", "written": "6", "quarantined": "1", "deduplicated": "0"}
    exploded = {name: {"N": value} for name, value in {"records": "3", "rows": "7", "skipped": "1"}.items()}
    facts = {name: {"N": value} for name, value in counts.items()} | {"exploded": {"M": exploded}}
    environment.items = [item("2018-01-31T00:00Z", "SUCCEEDED", facts)]  # type: ignore[arg-type]

    ended = lakeward("runs", "parcels")

    assert cells(ended.stdout)[2:] == [
        ["2018-01-31", "ok", "7", "6", "1", "0", "parcels-2018-01-31"],
        ["What", "records", "became"],
        ["slot", "records", "skipped", "rows", "in"],
        ["2018-01-31", "3", "1", "7"],
    ]


@pytest.mark.usefixtures("environment")
def test_an_empty_ledger_says_what_to_do() -> None:
    ended = lakeward("runs", "parcels")

    assert ended.exit_code == 0
    assert ended.stderr == "No slot of parcels has run in local yet. Try: lakeward run parcels --slot …\n"


def test_rules_that_records_broke_and_warnings_are_told_by_slot() -> None:
    facts = {
        "broken_rules": [{"column": "weight_kg", "rule": "range", "policy": "set_null", "records": 1200}],
        "checks": [
            {"rule": "quality.unique (id)", "expected": "0 repeated rows", "found": "3", "holds": False},
            {"rule": "quality.min_records", "expected": "at least 1", "found": "9", "holds": True},
        ],
    }
    facts["drift"] = {"looked_at": 9, "new": {"$.alert": "string"}, "missing": []}  # type: ignore[assignment]
    entry = Entry("parcels", Slot.parse("2018-01-31", "day"), "e", "t", "SUCCEEDED", "t", facts)
    screen = Console(width=80)

    with screen.capture() as shown:
        screen.print(broken_table([entry]))

    assert cells(shown.get())[2:] == [["2018-01-31", "weight_kg", "range", "1,200", "kept", "without", "the", "value"]]
    assert fields_of([entry]) == ["new field $.alert (string) in 1 slot(s), the newest 2018-01-31"]
    assert list(warnings_of([entry])) == [("2018-01-31", "quality.unique (id): expected 0 repeated rows, found 3")]


def test_what_a_certificate_warns_of_is_told_by_slot() -> None:
    facts = {"ingest_warnings": ["no answer had the place"]}
    entry = Entry("parcels", Slot.parse("2018-01-31", "day"), "e", "t", "SUCCEEDED", "t", facts)

    assert list(warnings_of([entry])) == [("2018-01-31", "no answer had the place")]


def test_what_runs_cost_is_shown_slot_by_slot_and_together() -> None:
    facts = [
        {"engine": "duckdb", "raw_bytes": 1_500_000, "estimated_microdollars": 567},
        {"step": "ingest"},
        {"engine": "spark", "raw_bytes": 6_000_000_000, "estimated_microdollars": 38_227},
    ]
    entries = [
        Entry("earthquakes", Slot.parse(f"2018-02-0{n}", "day"), "e", "t", "SUCCEEDED", "t", of)
        for n, of in enumerate(facts, 1)
    ]
    console = Console(width=80)

    with console.capture() as shown:
        console.print(cost_table(entries))

    assert cells(shown.get()) == [
        ["Estimated", "cost", "on", "AWS"],
        ["slot", "engine", "raw", "MB", "est.", "USD"],
        ["2018-02-01", "duckdb", "1.50", "0.000567"],
        ["2018-02-03", "spark", "6,000.00", "0.038227"],
        ["together", "6,001.50", "0.038794"],
    ]
