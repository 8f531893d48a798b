"""Closed gates: prod stays exactly as it is, and the command says what to do."""

from pathlib import Path

import pytest
from promotion_world import World
from release_world import evidence

from lakeward.release.evidence import Judged, keep_evidence
from lakeward_local.promote_demo.breaking import DATASET

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

PROMOTE = ("promote", "--from", "staging", "--to", "prod")
CONTRACT, QUERY = "contract.yaml", "queries/keys_are_unique.sql"


def described(word: str) -> tuple[str, object]:
    return CONTRACT, lambda text: text.replace("Seismic events", f"{word} events")


@pytest.fixture(scope="module")
def better(world: World) -> Path:
    """A release like the good one, proved in staging and approved for prod."""
    tree = world.branch("better", described("Better"))
    world.must("deploy", "-e", "staging", "--yes", at=tree)
    world.must("e2e", "-e", "staging", "--release", "dist/release/release.json", "--evidence", at=tree)
    world.must("approve", "-e", "prod", "--by", "Data team", at=tree)
    return tree


def test_a_changed_byte_in_an_artifact_is_found(world: World, better: Path):
    file = better / "dist" / "release" / world.release(better).functions.key
    before, content = world.fingerprint("prod"), file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    refused = world.lakeward(*PROMOTE, at=better)
    file.write_bytes(content)

    assert refused.status == 1
    assert "Nothing was stored. Take the files of the build that made the release file" in refused.text
    assert world.fingerprint("prod") == before


def test_a_changed_byte_in_the_bucket_is_found(world: World, better: Path):
    release = world.release(better)
    bucket = world.store("prod").where.removeprefix("s3://")
    s3 = world.clients("prod").client("s3")
    s3.put_object(Bucket=bucket, Key=release.functions.key, Body=b"other bytes")
    before = world.fingerprint("prod")

    refused = world.lakeward(*PROMOTE, at=better)
    s3.delete_object(Bucket=bucket, Key=release.functions.key)

    assert refused.status == 1
    assert f"{release.functions.key}: expected {release.functions.bytes} bytes" in refused.text
    assert (world.fingerprint("prod")["code"], world.fingerprint("prod")["tables"]) == (
        before["code"],
        before["tables"],
    )


def test_evidence_of_another_digest_and_a_missing_approval_keep_a_release_out(world: World, better: Path):
    tree = world.branch("unproved", described("Unproved"))
    before = world.fingerprint("prod")

    refused = world.lakeward(*PROMOTE, at=tree)

    assert refused.status == 1
    proved, unproved = world.release(better).id[:12], world.release(tree).id[:12]
    for words in (
        f"expected that of release {unproved} in staging, found that of {proved}",
        "run: lakeward e2e -e staging --release FILE --evidence",
        f"expected one for release {unproved} in prod, found none",
        "lakeward approve -e prod --release FILE --by NAME",
    ):
        assert words in refused.text
    assert world.fingerprint("prod") == before


def test_a_query_that_does_not_hold_keeps_a_release_out(world: World):
    tree = world.branch("broken", (QUERY, lambda text: text.replace("count(*) > 1", "count(*) >= 1")))
    world.must("deploy", "-e", "staging", "--yes", at=tree)

    proved = world.lakeward("e2e", "-e", "staging", "--release", "dist/release/release.json", "--evidence", at=tree)
    world.must("approve", "-e", "prod", "--by", "Data team", at=tree)
    before = world.fingerprint("prod")
    refused = world.lakeward(*PROMOTE, at=tree)

    assert (proved.status, refused.status) == (1, 1)
    assert "red evidence of release" in proved.text
    assert f"is red: {DATASET}/queries/keys_are_unique.sql" in refused.text
    assert world.fingerprint("prod") == before


def test_evidence_cannot_be_made_for_a_release_that_is_not_deployed(world: World, better: Path):
    release = str(world.root / "dist/release/release.json")

    refused = world.lakeward("e2e", "-e", "staging", "--release", release, "--evidence", at=world.root)

    assert refused.status == 1
    assert "evidence of one is none of the other" in refused.text


def test_a_plan_is_bound_to_its_release_and_to_what_is_deployed(world: World, better: Path, tmp_path: Path):
    world.must("deploy", "plan", "-e", "prod", "--out", str(tmp_path / "plan"), at=better)
    before = world.fingerprint("prod")

    refused = world.lakeward("deploy", "-e", "prod", "--plan", str(tmp_path / "plan"), at=world.root)

    assert refused.status == 1
    assert "release: expected" in refused.text
    kept = sorted(path.name for path in (tmp_path / "plan").iterdir())
    assert kept == ["idle.txt", "plan.json", "plan.tfplan", "plan.txt"]
    assert world.fingerprint("prod") == before


def test_a_breaking_contract_without_a_new_major_version_is_refused_before_prod_is_touched(world: World):
    renamed = (CONTRACT, lambda text: text.replace("name: station_count", "name: stations"))
    tree = world.branch("breaking", renamed)
    release = world.release(tree)
    judged = Judged(dataset=DATASET, name="keys_are_unique", differences=0, milliseconds=1, scanned_bytes=1)
    proved = evidence(release, queries=[judged])  # written by hand: a deployment to staging is refused likewise
    keep_evidence(world.store("staging"), proved)
    world.must("approve", "-e", "prod", "--by", "Data team", at=tree)
    before = world.fingerprint("prod")

    told = world.lakeward("dataset", "plan", DATASET, "-e", "prod", at=tree)
    promoted = world.lakeward(*PROMOTE, at=tree)
    planned = world.lakeward("deploy", "plan", "-e", "prod", "--out", str(tree / "plan"), at=tree)

    wanted = f"expected version 2.0.0, which makes the table {DATASET}_v2, found 1."
    assert [(said.status, wanted in said.text) for said in (told, promoted, planned)] == [(1, True)] * 3
    assert "column station_count is called stations now. Nothing was changed" in promoted.text
    assert world.fingerprint("prod") == before
