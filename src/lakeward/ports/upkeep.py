"""What maintenance needs of a table and of the bucket that its files lie in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class Bundle:
    """Small data files of one partition that make one file of the wanted size."""

    partition: date
    uris: tuple[str, ...]
    bytes: int


@dataclass(frozen=True)
class Tombstones:
    """A data file that holds tombstones whose time is over, and how many rows of it they are."""

    uri: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class StoredFile:
    """An object as a listing tells of it; ``modified_at`` is aware, whole seconds."""

    uri: str
    bytes: int
    modified_at: datetime


class UpkeepTable(Protocol):
    """An Iceberg table, its state read anew by ``refresh``. Commits are compare-and-set against the state last read."""

    name: str
    dataset: str
    folder: str
    """Of the bucket, where all of the table's files lie: ``curated/earthquakes_v1``."""

    def refresh(self) -> None:
        """Read the current state from the catalog."""
        ...

    def bundles(self, target_bytes: int) -> list[Bundle]:
        """What compaction would make one of, oldest partition first."""
        ...

    def compact(self, bundles: list[Bundle], sort_by: list[str]) -> int:
        """Write one sorted file for each bundle, the same rows, and put them in the place of its files, in one commit.
        A commit that came between does no harm when all those files are still there after it.

        Returns:
            Bytes of the new files.

        Raises:
            CommitConflict: others changed or removed some of the files, or committed again and again; nothing was
                committed.
            StoreUnavailable: the outcome is unknown.
        """
        ...

    def old_tombstones(self, before: datetime, without: Iterable[int] = ()) -> list[Tombstones]:
        """Where tombstones are still rows whose slots began before an instant, and are in every state that can be come
        back to, but for some snapshots; nowhere in tables that have no tombstones."""
        ...

    def forget(self, files: list[Tombstones], before: datetime) -> None:
        """Take those rows out of some files, in one commit that also remembers their keys and versions.

        Raises:
            CommitConflict: the table changed since it was read; nothing was committed.
            StoreUnavailable: the outcome is unknown.
        """
        ...

    def expirable(self, last_used_before: datetime, keep: int) -> list[int]:
        """Snapshots that may go: readers were last given them before that instant, they are not among the newest
        ``keep`` of the lineage, and no branch or tag names them."""
        ...

    def snapshots(self) -> int:
        """How many snapshots the table has."""
        ...

    def expire(self, snapshot_ids: list[int]) -> None:
        """Forget snapshots, in one commit. Their files stay, and so does the memory of which runs they were.

        Raises:
            CommitConflict: the table changed since it was read; nothing was committed.
            StoreUnavailable: the outcome is unknown.
        """
        ...

    def named_files(self, without: Iterable[int] = ()) -> set[str]:
        """URIs of all files that any snapshot or the catalog leads to, but for those of some snapshots alone."""
        ...


class Shelf(Protocol):
    """The bucket of the lake. Every method raises StoreUnavailable when the store does not answer."""

    def below(self, folder: str) -> Iterator[StoredFile]:
        """Every object below a folder."""
        ...

    def read(self, uri: str) -> bytes | None:
        """The object's bytes, or None when there is none."""
        ...

    def put(self, uri: str, body: bytes) -> None:
        """Store JSON."""
        ...

    def modified_at(self, uri: str) -> datetime | None:
        """When an object was stored, as a listing tells it; None when there is none."""
        ...

    def remove(self, uri: str) -> None:
        """Remove an object; one that is not there is none to remove."""
        ...


class FormerTables(Protocol):
    """Tables of the curated database that belong to lower major versions of a contract."""

    def exists(self, table: str) -> bool:
        """Whether there is such a table."""
        ...

    def is_shown(self, table: str) -> bool:
        """Whether any serving view reads it."""
        ...

    def unread_since(self, table: str) -> datetime | None:
        """The hour that is noted on it, aware; None when none is."""
        ...

    def note_unread(self, table: str, since: datetime | None) -> None:
        """Note an hour on the table, or take the note away.

        Raises:
            CommitConflict: somebody changed the table meanwhile.
        """
        ...

    def drop(self, table: str) -> None:
        """Take the table out of the catalog; its files stay. One that is not there is none to drop."""
        ...
