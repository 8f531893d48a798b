"""Names of the objects that a slot has in raw.

<dataset>/slot=<key>/certificate.json
<dataset>/slot=<key>/attempt-01/begin.json             where the runs before ended, when the contract asks from there
<dataset>/slot=<key>/attempt-01/total.json             what the service declared before the first page
<dataset>/slot=<key>/attempt-01/page-00001.json        wire bytes; .json.gz when they came gzipped, .csv, .zip and so on
<dataset>/slot=<key>/attempt-01/total-after.json       the same question after the last page
<dataset>/slot=<key>/attempt-01/abandoned.json         why the attempt was given up
<dataset>/slot=<key>/attempt-01/rejected/page-00003-<sha12>.bin   a body that failed its checks
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lakeward.contract.source_records import Records
from lakeward.formats.encodings import Encoding
from lakeward.slot import Slot

ENDINGS: dict[Encoding, str] = {"identity": "", "gzip": ".gz", "deflate": ".zz", "zstd": ".zst"}
OBJECT = re.compile(
    r"attempt-(?P<attempt>\d{2,})/(?P<name>[a-z-]+?)(-(?P<page>\d{5,}))?"
    r"\.(json|ndjson|csv|zip|bin)(\.(gz|zz|zst))?"
)


@dataclass(frozen=True)
class AttemptKeys:
    """Names of one attempt's objects."""

    folder: str

    def document(self, name: str, kind: str, content_encoding: Encoding) -> str:
        """``total``, ``total-after`` or ``page-00001``, by what it is and how its bytes are encoded."""
        return f"{self.folder}{name}.{kind}{ENDINGS[content_encoding]}"

    def rejected(self, name: str, sha256: str) -> str:
        """A body that failed its checks; the same body again has the same name."""
        return f"{self.folder}rejected/{name}-{sha256[:12]}.bin"

    @property
    def begin(self) -> str:
        """Where the runs before ended."""
        return f"{self.folder}begin.json"

    @property
    def abandoned(self) -> str:
        """The mark of an attempt that was given up."""
        return f"{self.folder}abandoned.json"


@dataclass
class Found:
    """Keys of one attempt, as a listing shows them. A name has more than one key only when something went wrong."""

    named: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[int, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class SlotKeys:
    """Names of one slot's objects."""

    dataset: str
    slot: Slot

    @property
    def prefix(self) -> str:
        """All objects of the slot, and of no other slot, begin with this."""
        return f"{self.dataset}/slot={self.slot.key}/"

    @property
    def dataset_prefix(self) -> str:
        """All objects of the dataset's slots begin with this; slots sort by their time."""
        return f"{self.dataset}/"

    @property
    def certificate(self) -> str:
        """The proof that the slot is complete."""
        return f"{self.prefix}certificate.json"

    def attempt(self, number: int) -> AttemptKeys:
        """Names of attempt ``number``, from 1."""
        return AttemptKeys(f"{self.prefix}attempt-{number:02d}/")

    def attempts(self, keys: Iterable[str]) -> dict[int, Found]:
        """Sort a listing of ``prefix`` by attempt. Evidence under ``rejected/`` is left out."""
        attempts: dict[int, Found] = {}
        for key in sorted(keys):
            match = OBJECT.fullmatch(key.removeprefix(self.prefix))
            if match is None:
                continue
            found = attempts.setdefault(int(match["attempt"]), Found())
            if match["page"]:
                found.pages.setdefault(int(match["page"]), []).append(key)
            else:
                found.named.setdefault(match["name"], []).append(key)
        return attempts


def kind_of(records: Records) -> str:
    """The ending of a page's name: what a person would call its file."""
    if records.archive_member is not None:
        return "zip"
    return records.format if records.compression == "none" else "bin"


def page_name(number: int) -> str:
    """``page-00001``."""
    return f"page-{number:05d}"
