"""Rolling back: readers first, every step told, the bad release's slots run again, the end proved and recorded."""

from pathlib import Path

import pytest
from release_world import FIRST, SECOND, Environment, examined, readers, release_in

from lakeward.errors import DeploymentFailed, ReleaseRefused
from lakeward.ports.deployment import SlotRecord
from lakeward.release.deploy import deploy
from lakeward.release.deployment import current_deployment
from lakeward.release.evidence import Check
from lakeward.release.health import examine
from lakeward.release.plan import make_plan
from lakeward.release.rollback import RolledBack, rollback, way_back
from lakeward.released import Release


@pytest.fixture
def prod(tmp_path: Path) -> Environment:
    return Environment("prod", tmp_path / "plan")


def deployed(prod: Environment, files: Path, text: str) -> Release:
    release = release_in(files / text, text)
    prod.publish(release, files / text)
    make_plan(release, prod.target, prod.folder)
    deploy(release, prod.target, prod.folder)
    return release


@pytest.fixture
def good(prod: Environment, tmp_path: Path) -> Release:
    return deployed(prod, tmp_path, "good")


@pytest.fixture
def bad(prod: Environment, good: Release, tmp_path: Path) -> Release:
    release = deployed(prod, tmp_path, "bad")
    prod.log.clear()
    return release


def go_back(prod: Environment, to: str | None = None) -> RolledBack:
    def check(release: Release) -> list[Check]:
        return list(examine(release, examined(), prod.live, readers(), with_alarms=False))

    return rollback(prod.target, way_back(prod.target, to), ["parcels"], check)


def test_the_order_is_schedules_readers_functions_terraform_slots_proof(prod: Environment, good: Release, bad: Release):
    prod.live.executions = [["parcels-20240302T0000Z"]]
    later = current_deployment(prod.store, "prod").began_at  # type: ignore[union-attr]
    prod.live.recorded = [
        SlotRecord(FIRST, True, "2024-03-01T00:00:00.000+00:00", good.functions.sha256, "c"),
        SlotRecord(SECOND, True, later, bad.functions.sha256, "c"),
    ]

    done = go_back(prod)

    assert prod.log == [
        "freeze",
        "stop parcels-20240302T0000Z: rolled back to",
        "restore",
        f"swap {good.id[:4]} for {bad.id[:4]}",
        f"walk to {good.id[:4]}",
        "migrate",
        "thaw",
        "run 2 again",
        "run 2 again",  # the canary
    ]
    assert (done.holds, done.restored, len(done.again)) == (True, ["view parcels"], 1)


def test_it_is_recorded_with_what_it_took_back(prod: Environment, good: Release, bad: Release):
    go_back(prod)

    record = current_deployment(prod.store, "prod")

    assert record is not None
    assert (record.number, record.kind, record.release, record.previous) == (3, "rollback", good.id, bad.id)


def test_a_function_that_cannot_restore_is_asked_again_when_it_is_the_former_one(
    prod: Environment, good: Release, bad: Release
):
    prod.live.restore_fails = ["Runtime.ImportModuleError"]

    done = go_back(prod)

    assert [step for step in prod.log if not step.startswith(("swap", "run", "thaw"))] == [
        "freeze",
        "restore",
        f"walk to {good.id[:4]}",
        "migrate",
        "restore",
    ]
    assert (done.restored, done.holds) == (["view parcels"], True)


def recorded_since(prod: Environment, bad: Release) -> list[SlotRecord]:
    later = current_deployment(prod.store, "prod").began_at  # type: ignore[union-attr]
    return [SlotRecord(slot, True, later, bad.functions.sha256, "c") for slot in (FIRST, SECOND)]


def test_slots_that_the_tables_hold_as_they_were_are_not_run_again(prod: Environment, good: Release, bad: Release):
    prod.live.recorded = recorded_since(prod, bad)
    prod.live.held_slots = {str(FIRST)}

    assert [ran.slot for ran in go_back(prod).again] == [SECOND]


def test_where_tables_cannot_be_brought_back_every_slot_of_the_bad_release_is_run_again(
    prod: Environment, good: Release, bad: Release
):
    prod.live.recorded = recorded_since(prod, bad)
    prod.live.held_slots = {str(FIRST), str(SECOND)}
    prod.live.restore_fails = ["SchemaConflict: the snapshot has expired"] * 2

    done = go_back(prod)

    assert ([ran.slot for ran in done.again], done.restored) == ([FIRST, SECOND], [])


def test_a_rollback_that_does_not_heal_says_so(prod: Environment, good: Release, bad: Release):
    prod.live.run_fails = {good.functions.sha256: "FAILED UpstreamUnavailable"}

    assert not go_back(prod).holds


def test_alarms_that_still_ring_for_the_bad_release_do_not_count(prod: Environment, good: Release, bad: Release):
    prod.live.alarms = ["lakeward-prod-pipeline-failed"]

    assert go_back(prod).holds


def test_readers_and_functions_go_back_though_terraform_finds_no_way(prod: Environment, good: Release, bad: Release):
    prod.platform.prepare_fails = DeploymentFailed("the state is locked")

    with pytest.raises(DeploymentFailed, match="the state is locked"):
        go_back(prod)

    assert prod.log == ["freeze", "restore", f"swap {good.id[:4]} for {bad.id[:4]}"]


def test_one_that_was_cut_short_is_called_again(prod: Environment, good: Release, bad: Release):
    prod.platform.apply_fails = DeploymentFailed("cut short")
    with pytest.raises(DeploymentFailed):
        go_back(prod)

    assert go_back(prod).record.release == good.id


def test_a_deployment_that_did_not_end_is_taken_back_to_what_was_there(
    prod: Environment, good: Release, tmp_path: Path
):
    prod.platform.apply_fails = DeploymentFailed("half an apply")
    with pytest.raises(DeploymentFailed):
        deployed(prod, tmp_path, "half")

    done = go_back(prod)

    assert (done.record.release, done.record.previous) == (good.id, release_in(tmp_path / "half", "half").id)


def test_state_and_time_are_those_before_the_first_release_that_is_taken_back(
    prod: Environment, good: Release, bad: Release, tmp_path: Path
):
    first_began = current_deployment(prod.store, "prod").began_at  # type: ignore[union-attr]
    deployed(prod, tmp_path, "worse")

    way = way_back(prod.target, good.id[:12])

    assert (way.release.id, way.since) == (good.id, first_began)


def test_the_first_deployment_has_no_way_back(prod: Environment, good: Release):
    with pytest.raises(ReleaseRefused, match="found that it is the first in prod; deploy a mended release"):
        way_back(prod.target, None)


def test_an_environment_without_deployments_has_no_way_back(prod: Environment):
    with pytest.raises(ReleaseRefused, match="expected a deployment in prod, found none"):
        way_back(prod.target, None)


def test_a_rollback_is_not_taken_back_without_saying_to_what(prod: Environment, good: Release, bad: Release):
    go_back(prod)

    with pytest.raises(ReleaseRefused, match=r"is itself a rollback.*name the release with --to"):
        way_back(prod.target, None)


def test_what_is_deployed_is_not_gone_back_to(prod: Environment, good: Release, bad: Release):
    with pytest.raises(ReleaseRefused, match="expected a later deployment to take back"):
        way_back(prod.target, bad.id)


def test_a_release_that_was_never_deployed_is_named_with_those_that_were(
    prod: Environment, good: Release, bad: Release
):
    with pytest.raises(ReleaseRefused, match=f"of {good.id[:12]}, {bad.id[:12]}; found 0 that begin so"):
        way_back(prod.target, "zzzz")
