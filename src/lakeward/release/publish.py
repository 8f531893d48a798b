"""Bring a release's files into an environment's artifacts bucket, and prove that they are there as they were built."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lakeward.errors import ReleaseInvalid
from lakeward.ports.artifacts import Artifacts
from lakeward.release.documents import JSON
from lakeward.release.keys import release_key
from lakeward.released import Artifact, Release, short

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Published:
    """What was stored now, and what was there already; keys."""

    stored: list[str]
    there: list[str]


def prove_files(release: Release, folder: Path) -> None:
    """Check every file of a release on this machine, byte for byte.

    Args:
        folder: where the release file lies; artifacts lie below it by their keys.

    Raises:
        ReleaseInvalid: a file is missing or has another digest; all of them are named.
    """
    wrong = [problem for artifact in release.artifacts() if (problem := _wrong_file(folder / artifact.key, artifact))]
    if wrong:
        raise ReleaseInvalid(
            f"release {short(release.id)}: {'; '.join(wrong)}. Nothing was stored. Take the files of the build that "
            "made the release file, or build again: lakeward release build"
        )


def publish(release: Release, folder: Path, store: Artifacts, tell: Tell) -> Published:
    """Store what is missing: artifacts first, the release file last. A second call stores nothing.

    Raises:
        ReleaseInvalid: a file here, or an object there, is not what the release names.
    """
    prove_files(release, folder)
    stored, there = [], []
    for artifact in release.artifacts():
        if store.stored(artifact.key) is None:
            tell(f"storing {artifact.key.partition('/')[0]} ({artifact.bytes / 1e6:.1f} MB)")
            store.put_once(artifact.key, folder / artifact.key, artifact.sha256, artifact.content_type)
            stored.append(artifact.key)
        else:
            there.append(artifact.key)
    raw = release.to_bytes()
    key = release_key(release.id)
    (stored if store.put_once(key, raw, hashlib.sha256(raw).hexdigest(), JSON) else there).append(key)
    prove_stored(release, store)
    return Published(stored, there)


def prove_stored(release: Release, store: Artifacts) -> None:
    """Check every artifact in the bucket against the release.

    Raises:
        ReleaseInvalid: one is missing or has another digest; all of them are named.
    """
    own = Artifact.model_construct(key=release_key(release.id), sha256=release.id, bytes=len(release.to_bytes()))
    wrong = []
    for artifact in (*release.artifacts(), own):
        found = store.stored(artifact.key)
        if found is None:
            wrong.append(f"{artifact.key} is not there")
        elif (found.sha256, found.bytes) != (artifact.sha256, artifact.bytes):
            wrong.append(
                f"{artifact.key}: expected {artifact.bytes} bytes with sha256 {artifact.sha256}, found "
                f"{found.bytes} with {found.sha256}"
            )
    if wrong:
        raise ReleaseInvalid(
            f"{store.where}: {'; '.join(wrong)}. Nothing was deployed. Publish the release (lakeward release publish); "
            "where other bytes lie under a key, remove them first and find out from the bucket's versions who put them"
        )


def _wrong_file(path: Path, artifact: Artifact) -> str | None:
    if not path.is_file():
        return f"{path}: expected {artifact.bytes} bytes, found no file"
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != artifact.sha256:
        return f"{path}: expected sha256 {artifact.sha256}, found {found}"
    return None
