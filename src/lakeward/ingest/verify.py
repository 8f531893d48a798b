"""A certificate checked again, offline: raw is read, nobody is asked, nothing is written.

The proof is made anew from what raw holds, by the same code that made it, and the certificate that comes of it must be
the one that is stored, byte for byte but for the release that runs. A contract that changed since cannot make the
proof anew; then every page's bytes are held against their digests, and the answer says that this was all.
"""

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from lakeward.certificate import Certificate
from lakeward.contract import Dataset
from lakeward.contract.source import HttpSource
from lakeward.errors import IncompleteRun, RawConflict
from lakeward.ingest.attempt import open_attempt
from lakeward.ingest.begin import Begin, begin_after
from lakeward.ingest.keeper import Deps, Keeper
from lakeward.ingest.layout import SlotKeys
from lakeward.ingest.run import complete
from lakeward.ports.raw import RawObject, RawStore
from lakeward.ports.upstream import Answer, Bounds, Request
from lakeward.slot import Slot


@dataclass(frozen=True)
class Verified:
    """What a certificate stands for, and whether its proof was made anew (``proved``) or its digests were checked."""

    certificate: Certificate
    certificate_sha256: str
    proved: bool


def verify_slot(dataset: Dataset, slot: Slot, raw: RawStore) -> Verified:
    """Check the certificate of a slot against raw.

    Raises:
        IncompleteRun: there is no certificate, or raw is not what it says.
    """
    keys = SlotKeys(dataset.name, slot)
    stored = raw.get(keys.certificate)
    if stored is None:
        raise IncompleteRun(f"expected a certificate at {keys.certificate}, found none: the slot is not complete")
    certificate = Certificate.from_bytes(stored.body)
    if (certificate.dataset, certificate.slot) != (dataset.name, str(slot)):
        raise IncompleteRun(
            f"expected the certificate of {dataset.name} {slot} at {keys.certificate}, found that of "
            f"{certificate.dataset} {certificate.slot}"
        )
    _check_digests(certificate, raw)
    proved = certificate.contract_sha256 == dataset.contract_sha256 and certificate.certificate >= 2
    if proved:
        _prove_again(dataset, slot, certificate, stored, raw)
    return Verified(certificate, hashlib.sha256(stored.body).hexdigest(), proved)


def _check_digests(certificate: Certificate, raw: RawStore) -> None:
    """Every object that is named has the bytes that are named."""
    named = [(page.key, page.sha256) for page in certificate.pages]
    for key, digest in (
        (certificate.total_key, certificate.total_sha256),
        (certificate.total_after_key, certificate.total_after_sha256),
    ):
        if key is not None and digest is not None:
            named.append((key, digest))
    for key, digest in named:
        stored = raw.get(key)
        found = "no object" if stored is None else hashlib.sha256(stored.body).hexdigest()
        if found != digest:
            raise IncompleteRun(f"{key}: expected sha256 {digest} as certified, found {found}", key=key)


def _check_beginning(source: HttpSource, key: str, raw: RawStore) -> None:
    """What the run began from is what follows from the certificate that it names, which is still the same."""
    stored = raw.get(key)
    if stored is None:
        raise IncompleteRun(f"expected {key} as certified, found no object", key=key)
    begin = Begin.from_bytes(stored.body)
    before = None if begin.after is None else raw.get(begin.after)
    follows = Begin() if begin.after is None or before is None else begin_after(source, begin.after, before.body)
    if (begin, begin.to_bytes()) != (follows, stored.body):
        raise IncompleteRun(
            f"{key}: expected what follows from {begin.after or 'no run before'}, found something else: find out from "
            "the bucket's versions which of the two was changed",
            key=key,
        )


def _prove_again(dataset: Dataset, slot: Slot, certificate: Certificate, stored: RawObject, raw: RawStore) -> None:
    if certificate.begin_key is not None:
        _check_beginning(dataset.contract.source, certificate.begin_key, raw)
    keys = SlotKeys(dataset.name, slot)
    view = _ReadOnly(raw, keys.certificate, keys.attempt(certificate.attempt + 1).folder)
    deps = Deps(view, _Nobody(), lambda: datetime.fromisoformat(_last_fetch(certificate)), certificate.release)
    keeper = Keeper(dataset, deps, lambda: float("inf"))
    complete(dataset, slot, deps, keeper, open_attempt(keys, dataset, deps, keeper))
    made = Certificate.from_bytes(view.written).as_version(certificate.certificate)
    if made.to_bytes() != stored.body:
        raise IncompleteRun(
            f"expected the certificate at {keys.certificate} to follow from raw, found that another one does: find out "
            "from the bucket's versions what was changed"
        )


def _last_fetch(certificate: Certificate) -> str:
    return certificate.pages[-1].fetched_at if certificate.pages else datetime.now(UTC).isoformat()


class _Nobody:
    """An upstream that may not be asked."""

    def get(self, request: Request, _bounds: Bounds) -> AbstractContextManager[Answer]:
        """Refuse.

        Raises:
            IncompleteRun: always: what would be asked should lie in raw.
        """
        raise IncompleteRun(f"expected the answer to GET {request.url} in raw, found none")


@dataclass
class _ReadOnly:
    """Raw without the slot's certificate and later attempts, whose one write is caught."""

    raw: RawStore
    certificate: str
    later: str
    written: bytes = b""

    def get(self, key: str) -> RawObject | None:
        """As in raw."""
        return None if key == self.certificate else self.raw.get(key)

    def keys(self, prefix: str) -> list[str]:
        """As in raw."""
        return [key for key in self.raw.keys(prefix) if key != self.certificate and key < self.later]

    def folders(self, prefix: str) -> list[str]:
        """As in raw."""
        return self.raw.folders(prefix)

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Catch the certificate.

        Raises:
            RawConflict: something else would be written.
        """
        if key != self.certificate:
            raise RawConflict(
                f"expected {key} in raw, found that it would be written only now ({content_type}, {sha256})"
            )
        self.written = body.read()
        return metadata
