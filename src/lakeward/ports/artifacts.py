"""The artifacts bucket of an environment: what was built and what was decided about it, written once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """An object as the store knows it: sha256 (hex) of its bytes, and their number."""

    sha256: str
    bytes: int


class Artifacts(Protocol):
    """Every method raises StoreUnavailable when the store does not answer."""

    where: str
    """For messages: ``s3://bucket``."""

    def read(self, key: str) -> bytes | None:
        """An object's bytes, or None when there is none."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin with ``prefix``, sorted."""
        ...

    def stored(self, key: str) -> Stored | None:
        """What lies at a key now, or None. The digest is that of the bytes that are there, whoever put them."""
        ...

    def put_once(self, key: str, body: bytes | Path, sha256: str, content_type: str) -> bool:
        """Store an object unless the key is taken; a store that receives other bytes than ``sha256`` refuses them.

        Returns:
            Whether it was stored now. False: the key was taken, by these bytes or by others; ``stored`` tells.
        """
        ...

    def download(self, key: str, to: Path) -> bool:
        """Copy an object to a local file; False when there is none."""
        ...
