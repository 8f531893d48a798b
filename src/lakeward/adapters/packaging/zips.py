"""A zip whose bytes depend on its contents alone, stored under its own digest."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# The earliest time that a zip can hold; file times differ between clones, so they are left out.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_REGULAR_FILE_0644 = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True)
class Zip:
    """A built file: a zip, or what is stored like one.

    Attributes:
        path: where it lies on this machine, absolute.
        sha256: digest of its bytes, 64 hex digits.
        key: where it belongs in the artifacts bucket, ``<prefix>/<sha256>.<ending>``.
        bytes: its size.
        unpacked_bytes: the sum of its files' sizes: what Lambda's limit counts.
    """

    path: Path
    sha256: str
    key: str
    bytes: int
    unpacked_bytes: int

    def as_json(self) -> str:
        """One line for standard output: ``{"path", "sha256", "key", "unpacked_bytes"}``."""
        facts = {"path": str(self.path), "sha256": self.sha256, "key": self.key, "unpacked_bytes": self.unpacked_bytes}
        return json.dumps(facts)


def write_zip(files: Iterable[tuple[str, Path]], folder: Path, compression: int, ending: str = "zip") -> Zip:
    """Zip ``files`` into ``folder/<sha256>.<ending>``; the folder's name is the prefix of the key.

    Args:
        files: (name inside the zip, file to read), in any order; each name once.
        folder: made when it is not there.
        compression: ``zipfile.ZIP_STORED`` gives the same bytes everywhere; ``ZIP_DEFLATED`` gives the same bytes
            wherever zlib is the same.

    Raises:
        ValueError: no file, or one name twice.
    """
    sources = sorted(files)
    names = [name for name, _ in sources]
    distinct = len(set(names))
    if not names or distinct != len(names):
        raise ValueError(f"expected distinct names to zip into {folder}, found {len(names)}, {distinct} distinct")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as scratch:
        building = Path(scratch) / "building.zip"
        unpacked_bytes = _write_zip(sources, building, compression)
        sha256 = sha256_of(building)
        path = folder.resolve() / f"{sha256}.{ending}"
        building.replace(path)
    return Zip(path, sha256, f"{folder.name}/{path.name}", path.stat().st_size, unpacked_bytes)


def _write_zip(sources: list[tuple[str, Path]], target: Path, compression: int) -> int:
    unpacked_bytes = 0
    with zipfile.ZipFile(target, "w", compression, compresslevel=6) as archive:
        for name, source in sources:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = compression
            entry.create_system = _UNIX
            entry.external_attr = _REGULAR_FILE_0644
            content = source.read_bytes()
            archive.writestr(entry, content)
            unpacked_bytes += len(content)
    return unpacked_bytes


def sha256_of(path: Path) -> str:
    """Digest of a file, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
