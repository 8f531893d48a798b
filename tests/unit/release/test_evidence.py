"""Evidence proves one release in one environment, by its own contracts and queries, or it proves nothing."""

from pathlib import Path

import pytest
from release_world import FakeArtifacts, evidence, prove, release_in, sha256

from lakeward.errors import CommitConflict, ReleaseInvalid
from lakeward.release.evidence import CHECKS, Check, Judged, Proved, keep_evidence, why_not_proved

ADVICE = "run: lakeward e2e -e staging --release FILE --evidence"


def test_green_evidence_of_the_release_is_enough(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    prove(store, release)

    assert why_not_proved(store, "staging", release) == []


def test_none_is_not_enough(tmp_path: Path):
    release = release_in(tmp_path)

    assert why_not_proved(FakeArtifacts(), "staging", release) == [
        f"evidence: expected that of release {release.id[:12]} in staging, found none of any release; {ADVICE}"
    ]


def test_that_of_another_digest_is_not_enough_and_is_named(tmp_path: Path):
    release, other, store = release_in(tmp_path), release_in(tmp_path, "other"), FakeArtifacts()
    prove(store, other)

    assert why_not_proved(store, "staging", release) == [
        f"evidence: expected that of release {release.id[:12]} in staging, found that of {other.id[:12]}; {ADVICE}"
    ]


def test_that_of_another_environment_is_not_enough(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    keep_evidence(store, evidence(release, "dev"))

    assert len(why_not_proved(store, "staging", release)) == 1


def test_a_copy_of_another_releases_evidence_at_this_ones_place_is_found(tmp_path: Path):
    release, other, store = release_in(tmp_path), release_in(tmp_path, "other"), FakeArtifacts()
    store.objects[f"evidence/staging/{release.id}/000001.json"] = evidence(other).to_bytes()

    (problem,) = why_not_proved(store, "staging", release)

    assert f"found that of {other.id[:12]} in staging: somebody copied it" in problem


def test_a_red_one_after_a_green_one_decides_and_a_green_one_after_that_again(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    red = [Judged(dataset="parcels", name="by_day", differences=2, milliseconds=1, scanned_bytes=0)]

    prove(store, release)
    prove(store, release, queries=red)
    after_red = why_not_proved(store, "staging", release)
    prove(store, release)

    assert after_red == [
        "evidence 2 of staging is red: parcels/queries/by_day.sql: 2 difference(s)",
        f"mend what it names, and {ADVICE}",
    ]
    assert why_not_proved(store, "staging", release) == []


CASES = [
    pytest.param(
        {"checks": [Check(name=name, expected="so", found="not so", holds=name != CHECKS[3]) for name in CHECKS]},
        f"is red: {CHECKS[3]}: expected so, found not so",
        id="a check does not hold",
    ),
    pytest.param(
        {"checks": [Check(name=name, expected="so", found="so", holds=True) for name in CHECKS[1:]]},
        f"is not enough: expected the check that {CHECKS[0]}, found none",
        id="a check is missing",
    ),
    pytest.param({"queries": []}, "is not enough: expected queries of parcels, found none", id="no query was asked"),
    pytest.param(
        {"datasets": {"parcels": Proved(contract_sha256=sha256(b"contract"), queries_sha256=sha256(b"mild sql"))}},
        "is not enough: expected parcels proved by the release's own contract and queries, found others",
        id="other queries were asked",
    ),
    pytest.param(
        {"datasets": {}},
        "is not enough: expected parcels proved by the release's own contract and queries, found none",
        id="a dataset is missing",
    ),
]


@pytest.mark.parametrize(("changes", "problem"), CASES)
def test_what_is_red_or_not_enough_is_named(changes: dict[str, object], problem: str, tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    prove(store, release, **changes)

    assert why_not_proved(store, "staging", release) == [
        f"evidence 1 of staging {problem}",
        f"mend what it names, and {ADVICE}",
    ]


def test_two_runs_at_once_cannot_take_one_number(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    keep_evidence(store, evidence(release))

    with pytest.raises(CommitConflict, match="expected a free key, found that another was stored"):
        keep_evidence(store, evidence(release, made_at="2024-03-09T01:00:00+00:00"))


def test_what_is_no_evidence_is_refused(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    store.objects[f"evidence/staging/{release.id}/000001.json"] = b'{"evidence": 1, "green": true}'

    with pytest.raises(ReleaseInvalid, match="expected a document of evidence, found"):
        why_not_proved(store, "staging", release)


def test_a_strange_name_among_the_numbers_is_refused(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    store.objects[f"evidence/staging/{release.id}/newest.json"] = evidence(release).to_bytes()

    with pytest.raises(ReleaseInvalid, match="expected numbered documents only"):
        why_not_proved(store, "staging", release)
