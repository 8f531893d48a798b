"""Staging: certified pages become files and one list; the same input and code find their work done."""

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stage_world import CERTIFICATE_KEY, DATASET, RELEASE, SLOT_FOLDER, StageWorld
from transform_world import SLOT, record

from lakeward.errors import IncompleteRun, RawConflict
from lakeward.stage.run import StageResult
from lakeward.staged import Staged, StagedFile

NEXT_DAY = record(2, day="2024-03-02")
BROKEN = {"note": "no id"}
PAGES = ([record(1), NEXT_DAY], [BROKEN, record(1, version=2)])
FIRST_PAGE = f"{SLOT_FOLDER}/attempt-01/page-00001.json"


@pytest.fixture
def world(tmp_path: Path) -> StageWorld:
    """Two certified pages: four records, one of them broken, two of one key."""
    made = StageWorld(tmp_path)
    made.certify(*PAGES)
    return made


def file(table: str, partition: str, day: str, rows: list[dict[str, Any]], fingerprint: str) -> tuple[str, StagedFile]:
    """Key and entry of a staged file with these rows."""
    body = json.dumps(rows).encode()
    name = f"20240301T0000Z-{fingerprint[:16]}-{hashlib.sha256(body).hexdigest()[:16]}.parquet"
    key = f"{table}/data/{partition}={day}/{name}"
    return key, StagedFile(uri=f"s3://lake/{key}", partition=date.fromisoformat(day), rows=len(rows), bytes=len(body))


def test_a_slot_becomes_files_where_their_tables_keep_data_and_one_list(world: StageWorld) -> None:
    result = world.stage()

    digest = result.staged.fingerprint
    first = file("curated/parcels_v1", "day", "2024-03-01", [record(1, version=2)], digest)
    second = file("curated/parcels_v1", "day", "2024-03-02", [NEXT_DAY], digest)
    refused = file("quarantine/parcels", "slot_date", "2024-03-01", [BROKEN], digest)
    assert result.staged == Staged(
        dataset="parcels",
        slot="2024-03-01T00:00Z",
        fingerprint=digest,
        engine="duckdb",
        seconds=result.staged.seconds,
        records_in=4,
        accepted=2,
        quarantined=1,
        deduplicated=1,
        accepted_files=[first[1], second[1]],
        quarantined_files=[refused[1]],
    )
    assert result.key == f"staging/parcels/slot=20240301T0000Z/{digest[:16]}/staged.json"
    assert result.staged.seconds is not None
    assert (result.made, result.raw_bytes) == (True, sum(len(json.dumps({"items": p})) for p in PAGES))
    assert set(world.lake.objects) == {first[0], second[0], refused[0], result.key}
    assert Staged.from_bytes(world.lake.objects[result.key]) == result.staged


def test_the_list_is_written_last(world: StageWorld) -> None:
    result = world.stage()

    assert world.lake.verbs() == ["read", "upload", "upload", "upload", "put"]
    assert world.lake.asked[-1] == ("put", result.key)


def test_a_second_call_downloads_nothing_and_puts_nothing(world: StageWorld) -> None:
    first = world.stage()
    there = dict(world.lake.objects)

    second = world.stage()

    assert second == replace(first, made=False)
    assert world.raw.asked == [("read", CERTIFICATE_KEY)]
    assert world.lake.verbs() == ["read", "size", "size", "size"]
    assert world.lake.objects == there
    assert len(world.engine.saw) == 1


def test_the_fingerprint_is_the_same_wherever_and_whenever_the_work_is_done(world: StageWorld, tmp_path: Path) -> None:
    elsewhere = StageWorld(tmp_path / "elsewhere")
    elsewhere.workdir.mkdir()
    elsewhere.certify(*PAGES)

    assert timeless(elsewhere.stage()) == timeless(world.stage())


def timeless(result: StageResult) -> StageResult:
    """Without how long it took: that differs from time to time."""
    return replace(result, staged=result.staged.model_copy(update={"seconds": None}))


CHANGES = {
    "the contract": lambda world: world.stage(replace(DATASET, contract_sha256="d" * 64)),
    "the release": lambda world: world.stage(release="f" * 64),
    "the tables' field ids": lambda world: world.stage(first_id=2),
    "the certificate": lambda world: (world.certify(*PAGES, attempt=2), world.stage())[1],
}


@pytest.mark.parametrize("what", CHANGES)
def test_another_input_is_another_piece_of_work(what: str, world: StageWorld) -> None:
    first = world.stage()

    second = CHANGES[what](world)

    assert second.made
    assert second.key != first.key
    assert second.staged.fingerprint != first.staged.fingerprint
    assert second.staged.run_id != first.staged.run_id
    files = {f.uri for f in first.staged.accepted_files} & {f.uri for f in second.staged.accepted_files}
    assert files == set()


@pytest.mark.parametrize("of", ["accepted_files", "quarantined_files"])
@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_a_staged_file_that_is_no_longer_whole_is_made_anew(harm: str, of: str, world: StageWorld) -> None:
    first = world.stage()
    key = getattr(first.staged, of)[0].uri.removeprefix("s3://lake/")
    whole = world.lake.objects.pop(key)
    if harm == "cut":
        world.lake.objects[key] = whole[:-1]

    again = world.stage()

    assert timeless(again) == timeless(first)
    assert world.lake.objects[key] == whole


def test_an_engine_that_writes_the_same_rows_in_other_bytes_replaces_no_file(world: StageWorld) -> None:
    first = world.stage()
    there = dict(world.lake.objects)
    del world.lake.objects[first.key]
    world.engine.ends_with = b" "

    second = world.stage()

    assert {key: world.lake.objects[key] for key in there if key != first.key} == {
        key: body for key, body in there.items() if key != first.key
    }
    assert {f.uri for f in second.staged.accepted_files}.isdisjoint({f.uri for f in first.staged.accepted_files})


def test_pages_are_decoded_before_the_engine_sees_them(tmp_path: Path) -> None:
    world = StageWorld(tmp_path)
    world.certify(*PAGES, gzipped=True)

    staged = world.stage().staged

    assert world.engine.saw == [
        {f"page-{n:05d}.json": json.dumps({"items": page}).encode() for n, page in enumerate(PAGES, start=1)}
    ]
    assert (staged.records_in, staged.accepted, staged.quarantined, staged.deduplicated) == (4, 2, 1, 1)


def test_a_page_larger_than_a_chunk_is_decoded_whole(tmp_path: Path) -> None:
    world = StageWorld(tmp_path)
    long = [record(n, note="x" * 1000) for n in range(3000)]
    world.certify(long, gzipped=True)

    world.stage()

    assert world.engine.saw == [{"page-00001.json": json.dumps({"items": long}).encode()}]


def limited(page_bytes: int) -> Any:
    """The dataset, with pages of at most so many bytes."""
    source = DATASET.contract.source
    limits = source.limits.model_copy(update={"page_bytes": page_bytes})
    of = DATASET.contract.model_copy(update={"source": source.model_copy(update={"limits": limits})})
    return replace(DATASET, contract=of)


def test_a_page_that_decodes_to_more_than_the_contract_allows_is_refused(tmp_path: Path) -> None:
    world = StageWorld(tmp_path)
    bomb = [record(1, note="0" * 50_000_000)]
    world.certify(bomb, gzipped=True)
    assert len(world.raw.objects[f"{FIRST_PAGE}.gz"]) < 100_000

    with pytest.raises(
        RawConflict, match=r"page-00001\.json\.gz: .*expected at most 2000000 bytes once decoded, found more"
    ):
        world.stage(limited(2_000_000))

    assert world.engine.saw == []
    assert world.lake.objects == {}


@pytest.mark.parametrize("note", [0, 70_000, 1_048_576, 3_000_000])
def test_the_largest_page_that_the_contract_allows_passes_and_one_byte_more_does_not(note: int, tmp_path: Path) -> None:
    world = StageWorld(tmp_path)
    page = [record(1, note="0" * note)]
    largest = len(json.dumps({"items": page}))
    world.certify(page, gzipped=True)

    with pytest.raises(RawConflict):
        world.stage(limited(largest - 1))
    assert world.stage(limited(largest)).made


def test_a_page_whose_bytes_changed_is_refused(world: StageWorld) -> None:
    certified = hashlib.sha256(world.raw.objects[FIRST_PAGE]).hexdigest()
    world.raw.objects[FIRST_PAGE] += b" "
    found = hashlib.sha256(world.raw.objects[FIRST_PAGE]).hexdigest()

    with pytest.raises(RawConflict) as problem:
        world.stage()

    assert problem.value.message == (
        f"{FIRST_PAGE}: expected sha256 {certified} as certified, found {found}; "
        "raw never changes, so restore the version that was certified"
    )
    assert (world.engine.saw, world.lake.objects) == ([], {})


def test_a_page_that_is_gone_is_refused(world: StageWorld) -> None:
    del world.raw.objects[FIRST_PAGE]

    with pytest.raises(RawConflict, match=f"{FIRST_PAGE}: expected the page as certified, found no object"):
        world.stage()

    assert (world.engine.saw, world.lake.objects) == ([], {})


def test_a_gzipped_page_that_was_cut_is_refused_by_its_digest(tmp_path: Path) -> None:
    world = StageWorld(tmp_path)
    world.certify(*PAGES, gzipped=True)
    world.raw.objects[f"{FIRST_PAGE}.gz"] = gzip.compress(b"{}", mtime=0)[:-4]

    with pytest.raises(RawConflict, match="expected sha256"):
        world.stage()


def test_nothing_is_left_on_local_disk(world: StageWorld) -> None:
    world.stage()
    del world.raw.objects[FIRST_PAGE]
    with pytest.raises(RawConflict):
        world.stage(release="f" * 64)

    assert list(world.workdir.iterdir()) == []


def test_a_slot_without_a_certificate_is_not_staged(tmp_path: Path) -> None:
    world = StageWorld(tmp_path)

    with pytest.raises(IncompleteRun) as problem:
        world.stage()

    assert problem.value.message == (
        f"expected a certificate at {CERTIFICATE_KEY}, found none; run the ingest step first"
    )
    assert world.lake.asked == []


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"slot": "2024-03-02T00:00Z"}, "parcels 2024-03-02T00:00Z"),
        ({"dataset": "letters"}, "letters 2024-03-01T00:00Z"),
    ],
)
def test_the_certificate_of_another_slot_or_dataset_is_refused(
    other: dict[str, str], found: str, tmp_path: Path
) -> None:
    world = StageWorld(tmp_path)
    world.certify(*PAGES, **other)

    with pytest.raises(IncompleteRun) as problem:
        world.stage()

    assert problem.value.message == (
        f"expected the certificate of parcels {SLOT} at {CERTIFICATE_KEY}, found that of {found}"
    )
    assert world.lake.objects == {}


def test_a_certificate_whose_numbers_were_changed_is_refused(world: StageWorld) -> None:
    world.raw.objects[CERTIFICATE_KEY] = world.raw.objects[CERTIFICATE_KEY].replace(
        b'"declared_total": 4', b'"declared_total": 5'
    )

    with pytest.raises(IncompleteRun, match="declared 5, counted 4, found 4 in the pages"):
        world.stage()

    assert world.lake.objects == {}


def test_an_empty_slot_is_staged_as_an_empty_list(tmp_path: Path) -> None:
    world = StageWorld(tmp_path)
    world.certify()

    result = world.stage()

    assert result.staged == Staged(
        dataset="parcels",
        slot="2024-03-01T00:00Z",
        fingerprint=result.staged.fingerprint,
        engine="duckdb",
        records_in=0,
        accepted=0,
        quarantined=0,
        deduplicated=0,
        accepted_files=[],
        quarantined_files=[],
    )
    assert (result.made, result.raw_bytes) == (True, 0)
    assert (world.engine.saw, list(world.lake.objects)) == ([], [result.key])


def test_a_transform_that_loses_a_record_is_not_staged(world: StageWorld) -> None:
    world.engine.loses = 1

    with pytest.raises(IncompleteRun) as problem:
        world.stage()

    assert problem.value.message == (
        "parcels 2024-03-01T00:00Z: expected 4 records as certified, the transform read 2 valid and 1 quarantined; "
        "nothing was staged"
    )
    assert world.lake.objects == {}


def test_the_release_that_runs_decides_and_not_the_one_that_certified(world: StageWorld) -> None:
    first = world.stage()
    world.certify(*PAGES, release="f" * 64)

    assert world.stage(release=RELEASE).staged.fingerprint != first.staged.fingerprint
