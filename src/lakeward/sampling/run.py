"""A recorded sample from certified raw pages: some of their records, with nothing personal in the clear."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakeward.contract import Contract, Dataset
from lakeward.errors import IncompleteRun
from lakeward.ports.raw import RawStore
from lakeward.sampling.choose import Choice, Chooser
from lakeward.sampling.form import file_name, to_bytes, written_to
from lakeward.sampling.lossless import Members, Number
from lakeward.sampling.marker import FILE_NAME, marker_of
from lakeward.sampling.mask import Masks
from lakeward.sampling.pages import certificate_of, records_of
from lakeward.sampling.places import Shaper, places
from lakeward.slot import Slot

README = "README.md"
SHORTEST_TOLD_CHARACTERS = 6
"""Shorter personal values stand elsewhere by chance."""


@dataclass(frozen=True)
class Sample:
    """A sample before it is written: the files by name, and what they were made of.

    ``elsewhere`` counts, by path, texts and numbers that are no personal column's and yet are a personal value.
    """

    files: dict[str, bytes] = field(repr=False)
    slots: int
    seen_records: int
    records: int
    elsewhere: Counter[str] = field(repr=False)

    def write(self, folder: Path) -> list[Path]:
        """Put the files into a folder, the mark last."""
        return [written_to(folder, name, body) for name, body in self.files.items()]


def take_sample(
    dataset: Dataset, slots: Sequence[Slot], raw: RawStore, key: bytes, choice: Choice, *, keep_unnamed: bool = False
) -> Sample:
    """Make a sample. Raw is read and nothing else is asked; nothing is written.

    Args:
        dataset: its contract says what is personal, and what is named at all.
        slots: certified ones.
        raw: the raw bucket of an environment.
        key: random, to be used this once.
        choice: which records.
        keep_unnamed: whether fields that the contract does not name are kept, as they are.

    Raises:
        IncompleteRun: a slot is not certified, or no record was chosen.
        RawConflict: raw is not what a certificate says.
        ContractInvalid: the dataset's recorded file cannot be made of its pages, or rules leave no room for masks.
    """
    name = file_name(dataset)
    chooser, newest = Chooser(dataset.contract, choice), None
    for slot in sorted(set(slots)):
        certificate = certificate_of(dataset, slot, raw)
        chooser.offer(records_of(dataset, certificate, raw))
        newest = max(filter(None, [newest, *(page.received_at for page in certificate.pages)]), default=None)
    records = chooser.chosen()
    if not records or newest is None:
        raise IncompleteRun(
            f"{dataset.name}: expected records to choose of, found none chosen of {chooser.offered}; name other "
            "slots, or a larger --fraction or --records"
        )
    shaped, elsewhere = masked(dataset.contract, records, key, keep_unnamed=keep_unnamed)
    body = to_bytes(name, dataset.contract, shaped, newest)
    files = {
        name: body,
        README: _readme(dataset, name, slots, chooser.offered, len(shaped), choice, keep_unnamed=keep_unnamed).encode(),
        FILE_NAME: marker_of(dataset.contract, name, body).to_bytes(),
    }
    return Sample(files, len(slots), chooser.offered, len(shaped), elsewhere)


def masked(
    contract: Contract, records: Sequence[Any], key: bytes, *, keep_unnamed: bool = False
) -> tuple[list[Any], Counter[str]]:
    """Records as a sample may hold them, and how often a personal value stands at which other place.

    Raises:
        ContractInvalid: rules leave no room for masks.
    """
    masks, root = Masks(contract, key), places(contract)
    for record in records:
        Shaper(root, masks.learn, keep_unnamed).shaped(record)
    shaper = Shaper(root, masks.mask, keep_unnamed)
    others = Shaper(root, lambda _column, _value: None, keep_unnamed)
    elsewhere: Counter[str] = Counter()
    for record in records:
        elsewhere.update(_known_at(masks, others.shaped(record), "$"))
    return [shaper.shaped(record) for record in records], elsewhere


def _known_at(masks: Masks, value: Any, path: str) -> set[str]:
    """Paths at which a personal value stands, in a record without its personal places."""
    match value:
        case Members():
            return {at for name, inner in value.pairs for at in _known_at(masks, inner, f"{path}.{name}")}
        case list():
            return {at for inner in value for at in _known_at(masks, inner, f"{path}[]")}
        case str() | Number():
            text = value.text if isinstance(value, Number) else value
            return {path} if len(text) >= SHORTEST_TOLD_CHARACTERS and masks.knows(value) else set()
    return set()


def _readme(
    dataset: Dataset, name: str, slots: Sequence[Slot], seen: int, kept: int, choice: Choice, *, keep_unnamed: bool
) -> str:
    ordered = sorted(set(slots))
    personal = [f"`{column.name}`" for column in dataset.contract.personal_columns]
    part = (
        "All of them."
        if kept == seen
        else f"{kept:,} of {seen:,} records, chosen by their keys alone; one that several slots have is here once."
    )
    hidden = (
        f"Masked were {', '.join(personal)}, with a key that was used for nothing else and thrown away."
        if personal
        else "The contract calls no column personal, so nothing was masked."
    )
    others = "kept" if keep_unnamed else "left out"
    limits = f" --fraction {choice.fraction:g}" if choice.fraction < 1 else ""
    limits += f" --records {choice.most_records}" if choice.most_records is not None else ""
    options = " ".join(f"--slot {slot}" for slot in ordered) + limits + (" --keep-unnamed-fields" * keep_unnamed)
    return (
        f"# The sample\n\n"
        f"`{name}` is made of certified raw pages of {ordered[0]}{f' to {ordered[-1]}' if len(ordered) > 1 else ''}. "
        f"{part}\n\n{hidden}\nFields that the contract does not name were {others}. `{FILE_NAME}` says so by the "
        f"file's digest: a file that is changed by hand counts as not masked.\n\n"
        f"    lakeward dataset sample {dataset.name} {options}\n"
    )
