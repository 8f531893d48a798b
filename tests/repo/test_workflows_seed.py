"""Seeding: every recorded sample comes into raw by the pipeline's own ingest, once, and never where raw is true."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from ingest_world import RELEASE, MemoryRaw

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
