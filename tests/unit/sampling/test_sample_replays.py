"""A sample of what raw holds is replayed, and ingest brings the same records into raw again."""

import importlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from ingest_world import RELEASE, MemoryRaw
from sample_world import KEY

from lakeward.contract import load_dataset
from lakeward.errors import ContractInvalid
from lakeward.sampling import Choice, take_sample
from lakeward.sampling.lossless import written
from lakeward.sampling.pages import certificate_of, records_of
from lakeward.sampling.places import Shaper, places

ROOT = Path(__file__).parents[3]
REPLAYED = ("clinical_trials", "earthquakes", "exchange_rates", "terraform_releases")


@pytest.fixture(scope="module")
def seeding() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "scripts" / "ci"))
        return importlib.import_module("seed")


@pytest.fixture(params=REPLAYED)
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A working copy with one dataset."""
    shutil.copytree(ROOT / "datasets" / request.param, tmp_path / "datasets" / request.param)
    return tmp_path


def held(root: Path, seeding: Any, raw: MemoryRaw) -> dict[str, list[str]]:
    """By slot, what the contract names of every record that raw holds; slots that overlap may come in another order."""
    found = {}
    for of, slots in seeding.recorded_slots(root):
        shaper = Shaper(places(of.contract), lambda _column, value: value)
        for slot in slots:
            records = records_of(of, certificate_of(of, slot, raw), raw)
            found[str(slot)] = sorted(written(shaper.shaped(record)) for record in records)
    return found


def sampled(root: Path, seeding: Any, raw: MemoryRaw, choice: Choice) -> dict[str, list[str]]:
    """Put a sample in the place of the recording; what a new raw then holds."""
    ((of, slots),) = seeding.recorded_slots(root)
    take_sample(of, slots, raw, KEY, choice).write(of.folder / "sample")
    again = MemoryRaw()
    list(seeding.seed(root, again, RELEASE))
    return held(root, seeding, again)


def test_a_sample_of_everything_brings_the_same_records_into_raw_again(copy: Path, seeding: Any):
    raw = MemoryRaw()
    list(seeding.seed(copy, raw, RELEASE))
    before = held(copy, seeding, raw)

    after = sampled(copy, seeding, raw, Choice())

    assert sum(map(len, before.values())) > 0
    assert after == before


def test_a_part_of_the_records_is_replayed_too(copy: Path, seeding: Any):
    raw = MemoryRaw()
    list(seeding.seed(copy, raw, RELEASE))
    before = held(copy, seeding, raw)

    after = sampled(copy, seeding, raw, Choice(0.7))

    assert 0 < sum(map(len, after.values())) < sum(map(len, before.values()))
    assert {slot: [r for r in before[slot] if r in set(after[slot])] for slot in before} == after


def test_a_recording_of_another_form_than_the_pages_is_refused():
    of = load_dataset(ROOT / "datasets" / "airlines")

    with pytest.raises(ContractInvalid, match=r"which are json, found airlines\.csv\.gz"):
        take_sample(of, [], MemoryRaw(), KEY, Choice())
