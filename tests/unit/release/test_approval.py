"""Approvals: for one release, one environment, given once."""

from pathlib import Path

from release_world import FakeArtifacts, approved, release_in

from lakeward.release.approval import Approval, approve, why_not_approved

ADVICE = "have it given: lakeward approve -e prod --release FILE --by NAME"


def test_the_approval_of_this_release_for_this_environment_is_enough(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    approved(store, release)

    assert why_not_approved(store, "prod", release.id) == []


def test_none_is_not_enough_and_says_how_to_get_one(tmp_path: Path):
    release = release_in(tmp_path)

    assert why_not_approved(FakeArtifacts(), "prod", release.id) == [
        f"approval: expected one for release {release.id[:12]} in prod, found none; {ADVICE}"
    ]


def test_that_of_another_release_or_environment_is_not_enough(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    approved(store, release_in(tmp_path, "other"))
    approved(store, release, "staging")

    assert len(why_not_approved(store, "prod", release.id)) == 1


def test_a_copy_of_another_releases_approval_is_found(tmp_path: Path):
    release, other, store = release_in(tmp_path), release_in(tmp_path, "other"), FakeArtifacts()
    approved(store, other)
    store.objects[f"approvals/prod/{release.id}.json"] = store.objects[f"approvals/prod/{other.id}.json"]

    (problem,) = why_not_approved(store, "prod", release.id)

    assert f"found at its place one for {other.id[:12]} in prod" in problem


def test_the_first_approval_stands(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    approved(store, release)
    later = Approval(environment="prod", release=release.id, by="another", note="too", approved_at="2024-03-11T00:00Z")

    assert approve(store, later).by == "the data team"
