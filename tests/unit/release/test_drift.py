"""Drift: the deployed release planned once more, and what that would change."""

from pathlib import Path

import pytest
from release_world import BEFORE, Environment, release_in

from lakeward.errors import ReleaseInvalid
from lakeward.release.deploy import deploy
from lakeward.release.deployment import begin
from lakeward.release.drift import Drift, look_for_drift
from lakeward.release.plan import make_plan
from lakeward.released import Release

CHANGE = 'update module.function["audit"].aws_lambda_function.this'


@pytest.fixture
def prod(tmp_path: Path) -> Environment:
    return Environment("prod", tmp_path / "plan")


@pytest.fixture
def release(prod: Environment, tmp_path: Path) -> Release:
    made = release_in(tmp_path / "first")
    prod.publish(made, tmp_path / "first")
    make_plan(made, prod.target, prod.folder)
    deploy(made, prod.target, prod.folder)
    return made


def look(prod: Environment) -> tuple[str | None, list[str]]:
    found = look_for_drift(prod.target, prod.folder)
    assert Drift.from_bytes(found.to_bytes(), "drift") == found
    return found.release, found.changes


def test_an_environment_as_it_was_released_has_none(prod: Environment, release: Release):
    prod.platform.changes = ()

    assert look(prod) == (release.id, [])


def test_what_applying_the_release_again_would_change_is_drift(prod: Environment, release: Release):
    assert look(prod) == (release.id, [CHANGE])


def test_looking_changes_nothing(prod: Environment, release: Release):
    before = dict(prod.store.objects)
    prod.log.clear()

    look(prod)

    assert prod.store.objects == before
    assert prod.log == [f"plan {release.id[:4]}"]


def test_a_deployment_that_did_not_come_to_its_end_is_drift(prod: Environment, release: Release):
    prod.platform.changes = ()
    begin(prod.store, "prod", "deploy", "f" * 64, "2024-03-04T05:06:07Z", BEFORE)

    assert look(prod) == (release.id, ["deployment 2 began and did not come to its end"])


def test_an_environment_that_never_got_a_release_has_none(prod: Environment):
    assert look(prod) == (None, [])


def test_a_release_whose_files_are_gone_cannot_be_compared(prod: Environment, release: Release):
    del prod.store.objects[release.functions.key]

    with pytest.raises(ReleaseInvalid, match="functions"):
        look(prod)
