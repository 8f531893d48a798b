"""Health: the release runs, the canary's records are all there, readers get answers, no alarm began to ring."""

from pathlib import Path

import pytest
from contract_world import CONTRACT
from release_world import FIRST, SECOND, Environment, TwoRows, examined, readers, release_in

from lakeward.contract import parse_contract
from lakeward.errors import QueryFailed
from lakeward.ports.deployment import SlotRecord
from lakeward.ports.query import Answer
from lakeward.release.evidence import Check
from lakeward.release.health import Note, choose_canary, examine
from lakeward.released import Release

OF_THE_CANARY = (
    'SELECT count(*), coalesce(sum("times"), 0) FROM (SELECT "id", count(*) AS "times" FROM "parcels_v1" '
    'WHERE "_slot" = TIMESTAMP \'2024-03-02 00:00:00\' GROUP BY "id") AS "by_key"'
)


@pytest.fixture
def prod(tmp_path: Path) -> Environment:
    return Environment("prod", tmp_path / "plan")


@pytest.fixture
def release(prod: Environment, tmp_path: Path) -> Release:
    prod.live.release = release_in(tmp_path)
    return prod.live.release


def red(checks: list[Check]) -> list[tuple[str, str]]:
    return [(check.name, check.found) for check in checks if not check.holds]


def test_all_is_well(prod: Environment, release: Release):
    checks = list(examine(release, examined(), prod.live, readers()))

    assert [(check.name, check.found) for check in checks] == [
        ("the release runs", f"every function with code {release.functions.sha256[:12]}"),
        ("the canary of parcels", "3 records, all accounted for"),
        ("the rows of parcels", "2 rows, 2 keys"),
        ("the view parcels", "2 rows"),
        ("no alarm began to ring", "none"),
    ]
    assert red(checks) == []
    assert prod.log == ["run 2 again"]


def test_the_rows_are_those_of_the_canary_in_the_releases_own_table(prod: Environment, release: Release):
    queries = TwoRows()
    list(examine(release, examined(), prod.live, readers(queries)))

    assert queries.asked == [
        (
            OF_THE_CANARY,
            "curated",
        ),
        ('SELECT count(*) FROM "parcels"', "serving"),
    ]


def test_functions_of_another_release_are_red(prod: Environment, release: Release, tmp_path: Path):
    other = release_in(tmp_path, "other")

    (found,) = red(list(examine(other, examined(), prod.live, readers())))

    assert found[0] == "the release runs"
    assert "expected every function to run" in found[1]


def test_a_canary_that_fails_is_red_and_its_rows_are_not_asked_for(prod: Environment, release: Release):
    prod.live.run_fails = {release.functions.sha256: "FAILED AuditFailed: too few records"}

    checks = list(examine(release, examined(), prod.live, readers()))

    assert red(checks) == [("the canary of parcels", "FAILED AuditFailed: too few records")]
    assert [check.name for check in checks if check.name.startswith("the rows")] == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [(("1", "2"), "2 rows, 1 keys"), (("0", "0"), "0 rows, 0 keys"), (("3", "3"), "3 rows, 3 keys")],
    ids=["a key twice", "no row", "more rows than were written"],
)
def test_rows_that_the_run_did_not_write_or_wrote_twice_are_red(
    answer: tuple[str, ...], found: str, prod: Environment, release: Release
):
    checks = list(examine(release, examined(), prod.live, readers(TwoRows(answer))))

    assert red(checks) == [("the rows of parcels", found)]


def test_fewer_rows_than_were_written_are_well_when_another_slot_holds_newer_ones(prod: Environment, release: Release):
    assert red(list(examine(release, examined(), prod.live, readers(TwoRows(("1", "1")))))) == []


def test_a_view_that_does_not_answer_is_red(prod: Environment, release: Release):
    class Broken(TwoRows):
        def run(self, sql: str, database: str) -> Answer:
            if database == "serving":
                raise QueryFailed("query 1 failed: the view is stale")
            return super().run(sql, database)

    checks = list(examine(release, examined(), prod.live, readers(Broken())))

    assert red(checks) == [("the view parcels", "query 1 failed: the view is stale")]


def test_an_alarm_that_rings_is_red_unless_alarms_do_not_count(prod: Environment, release: Release):
    prod.live.alarms = ["lakeward-prod-pipeline-failed"]

    with_alarms = list(examine(release, examined(), prod.live, readers()))
    without = list(examine(release, examined(), prod.live, readers(), with_alarms=False))

    assert (red(with_alarms), red(without)) == ([("no alarm began to ring", "lakeward-prod-pipeline-failed")], [])


def test_an_alarm_that_rang_before_the_deployment_is_told_and_another_one_is_red(prod: Environment, release: Release):
    prod.live.alarms = ["lakeward-prod-dead-letters", "lakeward-prod-pipeline-failed"]

    checks = list(examine(release, {}, prod.live, readers(), rang_before={"lakeward-prod-pipeline-failed"}))

    assert checks[1:] == [
        Check(
            name="no alarm began to ring",
            expected="none since the deployment began",
            found="lakeward-prod-dead-letters",
            holds=False,
        ),
        Note(name="alarms that rang before", expected="told, not judged", found="lakeward-prod-pipeline-failed"),
    ]


def test_an_alarm_of_freshness_is_told_whenever_it_began(prod: Environment, release: Release):
    prod.live.stale = ["lakeward-prod-parcels-stale"]

    checks = list(examine(release, {}, prod.live, readers()))

    assert checks[1:] == [
        Check(name="no alarm began to ring", expected="none since the deployment began", found="none", holds=True),
        Note(name="alarms of freshness", expected="told, not judged", found="lakeward-prod-parcels-stale"),
    ]


def test_a_dataset_with_no_slot_yet_is_told_and_all_else_is_looked_at(prod: Environment, release: Release):
    prod.live.alarms = ["lakeward-prod-dead-letters"]
    functions = f"every function with code {release.functions.sha256[:12]}"

    checks = list(examine(release, examined(None), prod.live, readers(TwoRows(("0",)))))

    assert checks == [
        Check(name="the release runs", expected=functions, found=functions, holds=True),
        Note(
            name="the canary of parcels",
            expected="told, not judged",
            found="no slot of it is certified here yet, so there is none to run again",
        ),
        Check(name="the view parcels", expected="an answer", found="0 rows", holds=True),
        Check(
            name="no alarm began to ring",
            expected="none since the deployment began",
            found="lakeward-prod-dead-letters",
            holds=False,
        ),
    ]
    assert prod.log == []


def test_the_canary_is_the_one_given_or_declared_or_the_newest_certified(prod: Environment):
    silent = parse_contract(CONTRACT, "contract.yaml")
    declaring = parse_contract(CONTRACT + "serving: {canary_slot: '2024-03-01'}\n", "contract.yaml")

    assert choose_canary(silent, prod.live) == SECOND
    assert choose_canary(declaring, prod.live) == FIRST
    assert choose_canary(declaring, prod.live, "2024-03-02") == SECOND
    prod.live.slots = []
    assert choose_canary(silent, prod.live) is None


def test_the_canary_is_no_slot_whose_own_data_failed_it(prod: Environment):
    silent = parse_contract(CONTRACT, "contract.yaml")
    prod.live.recorded = [SlotRecord(SECOND, False, "2024-03-03T00:00:00.000+00:00", "f" * 64, "c")]
    assert choose_canary(silent, prod.live) == FIRST

    prod.live.recorded += [SlotRecord(FIRST, False, "2024-03-03T00:00:00.000+00:00", "f" * 64, "c")]
    assert choose_canary(silent, prod.live) == SECOND
