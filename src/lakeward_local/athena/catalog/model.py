"""Tables and views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from lakeward_local.athena import types as t
from lakeward_local.athena.types import Type

CATALOG: Final = "awsdatacatalog"


@dataclass(frozen=True)
class Column:
    """A column: its lower-case name, its Trino type, the type's text in Glue, its comment."""

    name: str
    type: Type
    glue_type: str = ""
    comment: str = ""


_HIDDEN: Final = (
    Column("$path", t.VARCHAR),
    Column("$file_size", t.BIGINT),
    Column("$file_modified_time", t.timestamp_tz(3)),
)


#: Where a row stands in its file; no query can write this name.
ROW_POSITION: Final = "\0position"


@dataclass(frozen=True, eq=False)
class Table:
    """A table.

    Attributes:
        kind: hive, iceberg, or a metadata table's suffix (``snapshots``, ``partitions``, ...) or
            ``information_schema``.
        columns: data columns, then partition columns.
        partition_keys: names of the partition columns (Hive).
        glue: the Glue table as ``GetTable`` answered it.
        metadata: an Iceberg table's metadata.
        base: for a metadata table, the table that it describes.
    """

    database: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    partition_keys: tuple[str, ...] = ()
    glue: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    base: Table | None = None

    @property
    def parameters(self) -> dict[str, str]:
        return self.glue.get("Parameters") or {}

    @property
    def storage(self) -> dict[str, Any]:
        return self.glue.get("StorageDescriptor") or {}

    @property
    def location(self) -> str:
        """Where the data is, ending in a slash."""
        return str(self.storage.get("Location") or self.metadata.get("location") or "").rstrip("/") + "/"

    @property
    def is_projected(self) -> bool:
        return self.parameters.get("projection.enabled", "").lower() == "true"

    @property
    def hidden(self) -> tuple[Column, ...]:
        if self.kind == "iceberg":
            return (*_HIDDEN, Column(ROW_POSITION, t.BIGINT))
        return _HIDDEN if self.kind == "hive" else ()

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


@dataclass(frozen=True, eq=False)
class View:
    """A view in Glue's Presto encoding; ``schema`` is the database its text is resolved in."""

    database: str
    name: str
    sql: str
    schema: str
    columns: tuple[Column, ...]
    glue: dict[str, Any] = field(default_factory=dict)
