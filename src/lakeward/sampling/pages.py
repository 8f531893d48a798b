"""Records of certified pages: the bytes are held to the certificate, and what is read is what the transform reads."""

import hashlib
import io
from collections.abc import Iterator
from typing import IO, Any

from lakeward.certificate import Certificate, CertifiedPage
from lakeward.contract import Contract, Dataset
from lakeward.contract.source_records import JsonRecords, NdjsonRecords
from lakeward.errors import IncompleteRun, LakewardError, RawConflict
from lakeward.formats.opened import opened
from lakeward.formats.page import json_lines, json_text, needed_fields
from lakeward.formats.separated import rows
from lakeward.ingest.layout import SlotKeys
from lakeward.ports.raw import RawStore
from lakeward.sampling.lossless import Members, parse
from lakeward.sampling.places import values_at
from lakeward.slot import Slot
from lakeward.stage.pages import MOST_EXPANSION, pages_to_read


def certificate_of(dataset: Dataset, slot: Slot, raw: RawStore) -> Certificate:
    """The certificate of a slot.

    Raises:
        IncompleteRun: raw holds none, or that of another slot.
    """
    key = SlotKeys(dataset.name, slot).certificate
    stored = raw.get(key)
    if stored is None:
        raise IncompleteRun(
            f"expected a certificate at {key}, found none: the slot is not complete there; name slots that "
            f"`lakeward runs {dataset.name}` lists for the environment"
        )
    certificate = Certificate.from_bytes(stored.body)
    if (certificate.dataset, certificate.slot) != (dataset.name, str(slot)):
        raise IncompleteRun(
            f"expected the certificate of {dataset.name} {slot} at {key}, found that of {certificate.dataset} "
            f"{certificate.slot}"
        )
    return certificate


def records_of(dataset: Dataset, certificate: Certificate, raw: RawStore) -> Iterator[Any]:
    """Every record that counts, in order, as ``lakeward.sampling.lossless`` has it.

    Raises:
        RawConflict: a page is not what was certified, or cannot be read any more.
    """
    for page in pages_to_read(certificate):
        records = _records(dataset.contract, page, raw)
        if len(records) != page.records:
            raise RawConflict(
                f"{page.key}: expected {page.records} records as certified, found {len(records)}; the contract has "
                "changed how pages are read since: sample with the contract that asked"
            )
        yield from records


def read_records(contract: Contract, stream: IO[bytes]) -> list[Any]:
    """The records of a page.

    Args:
        contract: says what a page is made of.
        stream: decoded bytes.

    Raises:
        IncompleteRun: the page is not what the contract says.
    """
    spec = contract.source.records
    if isinstance(spec, JsonRecords):
        found = values_at(parse(json_text(spec, stream.read())), spec.at)
        if len(found) != 1 or not isinstance(found[0], list):
            raise IncompleteRun(f"expected an array at {spec.at}, found none")
        return found[0]
    if isinstance(spec, NdjsonRecords):
        return [parse(text) for text, _ in json_lines(spec, stream)]
    return [Members(tuple(row.items())) for row in rows(spec, stream, needed_fields(contract))]


def _records(contract: Contract, page: CertifiedPage, raw: RawStore) -> list[Any]:
    stored = raw.get(page.key)
    found = "no object" if stored is None else hashlib.sha256(stored.body).hexdigest()
    if stored is None or found != page.sha256:
        raise RawConflict(
            f"{page.key}: expected sha256 {page.sha256} as certified, found {found}; raw never changes, so restore the "
            "version that was certified"
        )
    source = contract.source
    limits = source.limits.model_copy(update={"expansion": MOST_EXPANSION})
    try:
        body = io.BytesIO(stored.body)
        with opened(body, len(stored.body), page.content_encoding, source.records, limits) as stream:
            return read_records(contract, stream)
    except LakewardError as problem:
        raise RawConflict(
            f"{page.key}: expected a page that can be read as when it was certified: {problem.message}"
        ) from None
