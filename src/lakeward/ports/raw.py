"""Raw storage: objects that are written once and never change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Protocol


@dataclass(frozen=True)
class RawObject:
    """A stored object: its bytes, and what was said of them when they were stored."""

    body: bytes
    metadata: Mapping[str, str]


class RawStore(Protocol):
    """A bucket, or what stands for one. Every method raises StoreUnavailable when the store does not answer."""

    def get(self, key: str) -> RawObject | None:
        """The object, or None when there is none."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin with ``prefix``, sorted. Sees every put that has returned."""
        ...

    def folders(self, prefix: str) -> list[str]:
        """The next level below ``prefix``, which ends in a slash: all ``prefix…/`` that keys begin with, sorted."""
        ...

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Store an object unless the key is taken.

        Args:
            key: where.
            body: seekable, at position 0.
            sha256: of the body, hex; a store that receives other bytes refuses them.
            content_type: media type.
            metadata: lower-case names, ASCII values, 2 KB in all.

        Returns:
            The metadata that lies beside the bytes now: what was given, or, when the same bytes were there already
            (a lost answer, another run), what was given then.

        Raises:
            RawConflict: the key holds other bytes.
        """
        ...
