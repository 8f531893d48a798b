"""Deploying: one plan, bound to its release and to what is there, applied exactly; then proved and recorded."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from release_world import BEFORE, Environment, release_in, sha256

from lakeward.errors import DeploymentFailed, PlanStale, ReleaseInvalid
from lakeward.release.deploy import deploy
from lakeward.release.deployment import beginnings, current_deployment, deployments, rang_before
from lakeward.release.plan import make_plan, read_plan
from lakeward.released import Release


@pytest.fixture
def prod(tmp_path: Path) -> Environment:
    return Environment("prod", tmp_path / "plan")


@pytest.fixture
def release(prod: Environment, tmp_path: Path) -> Release:
    made = release_in(tmp_path / "first")
    prod.publish(made, tmp_path / "first")
    return made


@pytest.fixture
def second(prod: Environment, tmp_path: Path) -> Release:
    made = release_in(tmp_path / "second", "second")
    prod.publish(made, tmp_path / "second")
    return made


def deployed(prod: Environment, release: Release) -> None:
    make_plan(release, prod.target, prod.folder)
    deploy(release, prod.target, prod.folder)


def test_it_plans_applies_migrates_and_records(prod: Environment, release: Release):
    prod.live.point = None
    deployed(prod, release)

    record = current_deployment(prod.store, "prod")

    assert prod.log == [f"plan {release.id[:4]}", f"apply {release.id[:4]}", "migrate"]
    assert record is not None
    assert (record.number, record.kind, record.release, record.previous) == (1, "deploy", release.id, None)


def test_the_next_one_names_the_one_before_and_keeps_what_readers_saw(
    prod: Environment, release: Release, second: Release
):
    deployed(prod, release)
    deployed(prod, second)

    assert [(d.number, d.release, d.previous) for d in deployments(prod.store, "prod")] == [
        (1, release.id, None),
        (2, second.id, release.id),
    ]
    assert [(begun.number, begun.before) for begun in beginnings(prod.store, "prod", after=1)] == [(2, BEFORE)]


def test_it_keeps_which_alarms_rang_when_it_began(prod: Environment, release: Release, second: Release):
    deployed(prod, release)
    prod.live.alarms, prod.live.stale = ["lakeward-prod-dead-letters"], ["lakeward-prod-parcels-stale"]
    deployed(prod, second)
    prod.live.alarms = ["lakeward-prod-pipeline-failed"]

    assert [begun.ringing for begun in beginnings(prod.store, "prod", after=0)] == [
        [],
        ["lakeward-prod-dead-letters", "lakeward-prod-parcels-stale"],
    ]
    assert rang_before(prod.store, "prod") == {"lakeward-prod-dead-letters", "lakeward-prod-parcels-stale"}


def test_a_beginning_from_before_alarms_were_kept_names_none(prod: Environment, release: Release):
    deployed(prod, release)
    (key,) = prod.store.keys("begun/")
    former = json.loads(prod.store.objects[key])
    del former["ringing"]
    prod.store.objects[key] = json.dumps(former).encode()

    assert rang_before(prod.store, "prod") == frozenset()


def test_an_environment_that_nothing_was_deployed_to_has_no_alarm_from_before(prod: Environment):
    assert rang_before(prod.store, "prod") == frozenset()


def test_what_is_deployed_already_is_migrated_and_not_recorded_again(prod: Environment, release: Release):
    deployed(prod, release)
    prod.platform.changes = ()
    prod.log.clear()

    deployed(prod, release)

    assert prod.log == [f"plan {release.id[:4]}", "migrate"]
    assert len(deployments(prod.store, "prod")) == 1


def test_drift_is_mended_by_the_same_release_and_the_way_back_stays(
    prod: Environment, release: Release, second: Release
):
    deployed(prod, release)
    deployed(prod, second)
    deployed(prod, second)

    record = current_deployment(prod.store, "prod")

    assert record is not None
    assert (record.number, record.release, record.previous) == (3, second.id, release.id)


def test_it_waits_for_runs_before_it_begins(prod: Environment, release: Release):
    prod.live.executions = [["parcels-1", "parcels-2"], ["parcels-2"], []]
    naps: list[float] = []
    make_plan(release, prod.target, prod.folder)

    deploy(release, prod.target, prod.folder, sleep=naps.append)

    assert len(naps) == 2
    assert "waiting for 2 run(s) to end: parcels-1, parcels-2" in prod.told


def test_a_function_that_runs_other_code_fails_it_and_nothing_is_recorded(prod: Environment, release: Release):
    prod.live.drifted = "f" * 64

    with pytest.raises(DeploymentFailed, match=r"found switch: ffffffffffff told as .*deploy again"):
        deployed(prod, release)

    assert deployments(prod.store, "prod") == []


def test_an_apply_that_fails_leaves_a_beginning_without_an_end(prod: Environment, release: Release):
    prod.platform.apply_fails = DeploymentFailed("terraform apply failed")

    with pytest.raises(DeploymentFailed, match="terraform apply failed"):
        deployed(prod, release)

    assert deployments(prod.store, "prod") == []
    assert [begun.release for begun in beginnings(prod.store, "prod", after=0)] == [release.id]


def test_a_release_that_was_not_published_can_be_planned_and_not_deployed(prod: Environment, tmp_path: Path):
    other = release_in(tmp_path / "other", "other")
    make_plan(other, prod.target, prod.folder)

    with pytest.raises(ReleaseInvalid, match="is not there"):
        deploy(other, prod.target, prod.folder)

    assert (prod.log, prod.store.objects) == ([f"plan {other.id[:4]}"], {})


def test_an_artifact_that_changed_after_the_plan_stops_the_deployment(prod: Environment, release: Release):
    make_plan(release, prod.target, prod.folder)
    prod.store.objects[release.functions.key] = b"other bytes"

    with pytest.raises(ReleaseInvalid, match=sha256(b"other bytes")):
        deploy(release, prod.target, prod.folder)

    assert prod.log == [f"plan {release.id[:4]}"]


def another_release(prod: Environment, release: Release, second: Release) -> None:
    make_plan(second, prod.target, prod.folder)


def a_changed_plan(prod: Environment, release: Release, second: Release) -> None:
    make_plan(release, prod.target, prod.folder)
    (prod.folder / "plan.tfplan").write_text("something else")


def a_deployment_since(prod: Environment, release: Release, second: Release) -> None:
    make_plan(release, prod.target, prod.folder)
    kept = {path.name: path.read_bytes() for path in prod.folder.iterdir()}
    deployed(prod, second)
    for name, content in kept.items():
        (prod.folder / name).write_bytes(content)


def no_plan(prod: Environment, release: Release, second: Release) -> None:
    prod.folder.mkdir()


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (another_release, "release: expected"),
        (a_changed_plan, "sha256 of the plan: expected"),
        (a_deployment_since, "newest deployment: expected 1, found 0"),
        (no_plan, r"expected plan\.json and plan\.tfplan, found them not"),
    ],
)
def test_a_plan_of_something_else_is_refused_with_how_to_make_one(
    spoil: Callable[[Environment, Release, Release], None],
    found: str,
    prod: Environment,
    release: Release,
    second: Release,
):
    spoil(prod, release, second)

    with pytest.raises(PlanStale, match=found) as refused:
        read_plan(release, prod.target, prod.folder)

    assert f"lakeward deploy plan -e prod --release FILE --out {prod.folder}" in refused.value.message


def test_a_plan_of_another_environment_is_refused(prod: Environment, release: Release):
    make_plan(release, prod.target, prod.folder)
    staging = Environment("staging", prod.folder, store=prod.store)

    with pytest.raises(PlanStale, match="environment: expected staging, found prod"):
        read_plan(release, staging.target, prod.folder)
