"""Seeding: every recorded sample comes into raw by the pipeline's own ingest, once, and never where raw is true."""

import gzip
import hashlib
import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from ingest_world import RELEASE, MemoryRaw

from lakeward.contract import load_dataset
from lakeward.sampling import is_masked
from lakeward_local.replay.declaration import recordings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seeding() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "scripts" / "ci"))
        return importlib.import_module("seed")


@pytest.fixture(scope="module")
def seeded(seeding: Any) -> tuple[MemoryRaw, list[str]]:
    """Raw after a seeding, and what it told."""
    raw = MemoryRaw()
    return raw, list(seeding.seed(ROOT, raw, RELEASE))


def certificates(raw: MemoryRaw) -> dict[str, dict[str, Any]]:
    return {key: json.loads(raw.objects[key].body) for key in raw.objects if key.endswith("/certificate.json")}


def test_every_declared_slot_of_every_recorded_dataset_is_certified(seeding: Any, seeded: tuple[MemoryRaw, list[str]]):
    raw, told = seeded

    recorded = {of.name: slots for of, slots in seeding.recorded_slots(ROOT)}
    expected = {f"{name}/slot={slot.key}/certificate.json" for name, slots in recorded.items() for slot in slots}
    assert set(certificates(raw)) == expected
    assert [line.partition(":")[0] for line in told] == list(recorded)
    assert all(not line.endswith(" 0 records") for line in told)


def test_a_certificate_says_that_a_sample_was_served(seeded: tuple[MemoryRaw, list[str]]):
    raw, _ = seeded

    assert all("http://127.0.0.1:" in json.dumps(certificate) for certificate in certificates(raw).values())


def test_seeding_again_stores_nothing(seeding: Any, seeded: tuple[MemoryRaw, list[str]]):
    raw, _ = seeded
    before = dict(raw.objects)

    list(seeding.seed(ROOT, raw, "f" * 64))

    assert raw.objects == before


def test_only_where_releases_are_proved_may_be_seeded(seeding: Any):
    for environment in ("dev", "staging"):
        seeding.prove_seedable(ROOT, environment)
    for environment in ("prod", "nowhere"):
        with pytest.raises(seeding.NotToBeSeeded, match="expected promoted_from = null"):
            seeding.prove_seedable(ROOT, environment)


PLACE = "at: $.properties.place\n"
TITLE = "at: $.properties.title\n"


@pytest.fixture
def personal(tmp_path: Path) -> Path:
    """A working copy whose earthquakes have personal places, and one slot to seed."""
    folder = tmp_path / "datasets" / "earthquakes"
    shutil.copytree(ROOT / "datasets" / "earthquakes", folder)
    for file, edits in (
        ("contract.yaml", {PLACE: f"{PLACE}    personal: redact\n", TITLE: f"{TITLE}    personal: drop\n"}),
        ("report.yaml", {"from: 2018-01-31": "from: 2018-02-07"}),
    ):
        text = (folder / file).read_text()
        for old, new in edits.items():
            assert text.count(old) == 1
            text = text.replace(old, new)
        (folder / file).write_text(text)
    return tmp_path


def events(raw: MemoryRaw) -> list[dict[str, Any]]:
    """Every event of every page, and that nothing else holds a place in the clear."""
    found = []
    for key, stored in raw.objects.items():
        body = gzip.decompress(stored.body) if stored.body.startswith(b"\x1f\x8b") else stored.body
        if "/page-" in key:
            found += json.loads(body)["features"]
    return sorted(found, key=lambda event: event["id"])


def recorded_events(root: Path) -> dict[str, dict[str, Any]]:
    (file,) = (root / "datasets" / "earthquakes" / "sample").glob("*.gz")
    return {event["id"]: event["properties"] for event in json.loads(gzip.decompress(file.read_bytes()))["features"]}


def test_what_a_contract_calls_personal_is_masked_on_its_way_into_raw(seeding: Any, personal: Path):
    raw = MemoryRaw()

    (told,) = seeding.seed(personal, raw, RELEASE)

    found, recorded = events(raw), recorded_events(personal)
    assert told == f"earthquakes: 1 slots, 1 pages, {len(found)} records"
    assert len(found) > 10
    clear = [recorded[event["id"]] for event in found]
    masks = {(of["place"], event["properties"]["place"]) for of, event in zip(clear, found, strict=True)}
    assert len({mask for _, mask in masks}) == len({place for place, _ in masks}) == len(masks)
    everything = b"".join(
        gzip.decompress(stored.body) if stored.body.startswith(b"\x1f\x8b") else stored.body
        for stored in raw.objects.values()
    ).decode()
    assert [of["place"] for of in clear if of["place"] in everything or of["title"] in everything] == []
    assert [event["properties"]["mag"] for event in found] == [of["mag"] for of in clear]
    before = dict(raw.objects)
    list(seeding.seed(personal, raw, RELEASE))
    assert raw.objects == before


def test_a_sample_that_is_marked_as_masked_is_served_as_it_is(seeding: Any, personal: Path):
    folder = personal / "datasets" / "earthquakes" / "sample"
    (file,) = folder.glob("*.gz")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    places = ["$.properties.place", "$.properties.title"]
    (folder / "masked.json").write_text(json.dumps({"file": file.name, "sha256": digest, "places": places}))
    raw = MemoryRaw()

    list(seeding.seed(personal, raw, RELEASE))

    recorded = recorded_events(personal)
    assert [event["properties"] for event in events(raw)] == [recorded[event["id"]] for event in events(raw)]


def unmasked(root: Path) -> list[str]:
    """Datasets with personal columns whose recording is not marked as masked."""
    found = {recording.dataset: recording.file for recording in recordings(root / "datasets")}
    contracts = {name: load_dataset(root / "datasets" / name).contract for name in found}
    return [
        name
        for name, file in found.items()
        if contracts[name].personal_columns and not is_masked(contracts[name], file)
    ]


def test_no_recording_of_a_dataset_with_personal_columns_lies_here_in_the_clear(personal: Path):
    assert unmasked(ROOT) == []
    assert unmasked(personal) == ["earthquakes"]
