"""Answers of an upstream, masked on their way in: the second line of defence where no person's data may be.

A sample that is not marked as masked is served as it was recorded. What a contract calls personal is masked before
ingest sees it, and what it does not name is left out, so raw never holds either.
"""

import gzip
import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords, JsonRecords
from lakeward.errors import ContractInvalid
from lakeward.formats.encodings import content_encoding
from lakeward.formats.opened import opened
from lakeward.formats.page import json_text
from lakeward.formats.separated import field_names
from lakeward.ports.upstream import Answer, Bounds, Request, Upstream
from lakeward.sampling.form import separated
from lakeward.sampling.lossless import Members, parse, written
from lakeward.sampling.mask import Masks
from lakeward.sampling.pages import read_records
from lakeward.sampling.places import STEP, Shaper, places, values_at

WITH_BODY = 200


class MaskingUpstream:
    """Another upstream's answers, masked by one contract. The same value has the same mask in all of them.

    Raises:
        ContractInvalid: pages are wrapped in a way that they cannot be wrapped again.
    """

    def __init__(self, contract: Contract, upstream: Upstream, key: bytes) -> None:
        spec = contract.source.records
        if spec.archive_member is not None or spec.compression not in ("none", "gzip"):
            raise ContractInvalid(
                f"{contract.dataset}: expected pages as they are or in gzip, because they are masked on their way into "
                "raw; found another wrapping: record a masked sample with `lakeward dataset sample`"
            )
        self._contract = contract
        self._upstream = upstream
        self._masks = Masks(contract, key)
        self._root = places(contract)
        self._lock = threading.Lock()

    @contextmanager
    def get(self, request: Request, bounds: Bounds) -> Iterator[Answer]:
        """See ``lakeward.ports.upstream.Upstream``."""
        with self._upstream.get(request, bounds) as answer:
            if answer.status != WITH_BODY or self._is_total(request):
                yield answer
                return
            body = self._masked(answer)
            headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
            if "content-length" in headers:
                headers["content-length"] = str(len(body))
            yield replace(
                answer,
                headers=headers,
                body=io.BytesIO(body),
                body_bytes=len(body),
                sha256=hashlib.sha256(body).hexdigest(),
            )

    def _is_total(self, request: Request) -> bool:
        """Whether the answer is the total's, which holds no records."""
        source = self._contract.source
        total = source.total.url if source.total is not None else None
        return total is not None and total != source.url and urlsplit(request.url).path == urlsplit(total).path

    def _masked(self, answer: Answer) -> bytes:
        spec, source = self._contract.source.records, self._contract.source
        encoding = content_encoding(answer.headers.get("content-encoding", ""))
        with opened(answer.body, answer.body_bytes, encoding, spec, source.limits) as stream:
            decoded = stream.read()
        with self._lock:
            text = self._text(decoded)
        body = text.encode("utf-8" if spec.text_encoding == "utf-8" else spec.codec)
        return gzip.compress(body, mtime=0) if spec.compression == "gzip" else body

    def _text(self, decoded: bytes) -> str:
        spec = self._contract.source.records
        if isinstance(spec, JsonRecords):
            document = parse(json_text(spec, decoded))
            (records,) = values_at(document, spec.at) or [None]
            if not isinstance(records, list):
                return written(document)  # ingest says what is wrong with it
            return written(_with(document, [name for name, _ in STEP.findall(spec.at)], self._records(records)))
        records = self._records(read_records(self._contract, io.BytesIO(decoded)))
        if isinstance(spec, CsvRecords):
            named = [name for name in field_names(spec, io.BytesIO(decoded)) if name in self._root.names]
            return separated(spec, records, named)
        return "".join(f"{written(record)}\n" for record in records)

    def _records(self, records: list[Any]) -> list[Any]:
        for record in records:
            Shaper(self._root, self._masks.learn).shaped(record)
        return [Shaper(self._root, self._masks.mask).shaped(record) for record in records]


def _with(document: Any, names: list[str], records: list[Any]) -> Any:
    """A page with other records in their place."""
    if not names:
        return records
    outer = cast("Members", document)
    pairs = ((n, _with(inner, names[1:], records) if n == names[0] else inner) for n, inner in outer.pairs)
    return Members(tuple(pairs))
