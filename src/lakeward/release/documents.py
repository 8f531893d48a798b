"""Documents that are written once: what they have in common, and series of them that are numbered from 1."""

import hashlib
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from lakeward.errors import CommitConflict, ReleaseInvalid
from lakeward.ports.artifacts import Artifacts

JSON = "application/json"


class Document(BaseModel):
    """Frozen, strict, kept as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_bytes(self) -> bytes:
        """The stored form."""
        return self.model_dump_json(indent=2).encode() + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes, where: str) -> Self:
        """Read the stored form.

        Raises:
            ReleaseInvalid: it is something else.
        """
        try:
            return cls.model_validate_json(raw)
        except ValidationError as problem:
            found = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}" for e in problem.errors())
            raise ReleaseInvalid(
                f"{where}: expected a document of {cls.__name__.lower()}, found {found}; find out from the bucket's "
                "versions who wrote it"
            ) from None


Numbered = TypeVar("Numbered", bound=Document)


def numbered_key(prefix: str, number: int) -> str:
    """The key of a document of a series."""
    return f"{prefix}{number:06d}.json"


def newest_number(store: Artifacts, prefix: str) -> int:
    """The number of the newest document of a series; 0 when there is none.

    Raises:
        ReleaseInvalid: something that is no number lies there.
    """
    keys = store.keys(prefix)
    names = [key.removeprefix(prefix).removesuffix(".json") for key in keys]
    strange = [key for key, name in zip(keys, names, strict=True) if not name.isdigit()]
    if strange:
        raise ReleaseInvalid(f"{store.where}/{strange[0]}: expected numbered documents only, found this one; remove it")
    return max(map(int, names), default=0)


def read_document(store: Artifacts, key: str, kind: type[Numbered]) -> Numbered | None:
    """The document at a key, or None.

    Raises:
        ReleaseInvalid: something else lies there.
    """
    raw = store.read(key)
    return None if raw is None else kind.from_bytes(raw, f"{store.where}/{key}")


def newest_document(store: Artifacts, prefix: str, kind: type[Numbered]) -> Numbered | None:
    """The newest document of a series, or None."""
    number = newest_number(store, prefix)
    return read_document(store, numbered_key(prefix, number), kind) if number else None


def keep(store: Artifacts, key: str, document: Document) -> None:
    """Store a document under a key that is free.

    Raises:
        CommitConflict: another one was stored there meanwhile.
    """
    raw = document.to_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    if store.put_once(key, raw, digest, JSON):
        return
    there = store.stored(key)
    if there is None or there.sha256 != digest:
        raise CommitConflict(f"{store.where}/{key}: expected a free key, found that another was stored; run this again")
