"""A bucket that is a folder, so that more than one process can reach it."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass
class FolderBucket:
    """``Files`` in a folder."""

    folder: Path

    def read(self, key: str) -> bytes | None:
        path = self.folder / key
        return path.read_bytes() if path.exists() else None

    def download(self, key: str, to: Path) -> bool:
        shutil.copyfile(self.folder / key, to)
        return True

    def put(self, key: str, body: bytes, _content_type: str) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def upload(self, path: Path, key: str) -> str:
        target = self.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        return f"s3://lake/{key}"
