"""What a mart's query wrote, held to what the mart declares and written as files of its table: DuckDB's work."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from lakeward.adapters.duckdb_files import connect, write_partitions
from lakeward.adapters.s3_files import S3Files
from lakeward.contract.mart import Mart
from lakeward.errors import AuditFailed, SchemaConflict, StagedMissing
from lakeward.ports.lake import FieldIds, LocalFile
from lakeward.ports.marts import QueryExecution
from lakeward.slot import Slot
from lakeward.tables import LINEAGE
from lakeward.transform.compile import ident, instant

TYPES = {
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
"""A mart's type -> DuckDB's; decimals have the same name."""


class UnloadedRows:
    """The output of UNLOAD. See ``lakeward.ports.marts.MartRows``.

    Args:
        lake: the bucket that queries write to.
        results: the bucket that has Athena's manifests.
    """

    def __init__(self, lake: S3Files, results: S3Files) -> None:
        self._lake = lake
        self._results = results

    def fetch(self, query: QueryExecution, folder: Path) -> list[Path]:
        """See ``lakeward.ports.marts.MartRows``. A query that found no row wrote no file."""
        manifest = query.get("Statistics", {}).get("DataManifestLocation")
        text = self._results.read(_key(manifest)) if manifest else None
        if text is None:
            raise StagedMissing(
                f"expected the manifest of query {query.get('QueryExecutionId')} at {manifest}, found none; "
                "run the slot again"
            )
        paths = []
        for number, uri in enumerate(text.decode().split()):
            paths.append(folder / f"output-{number:05d}.parquet")
            if not self._lake.download(_key(uri), paths[-1]):
                raise StagedMissing(f"expected {uri}, which {manifest} names, found none; run the slot again")
        return paths

    def write(self, mart: Mart, slot: Slot, output: list[Path], ids: FieldIds, folder: Path) -> list[LocalFile]:
        """See ``lakeward.ports.marts.MartRows``."""
        if not output:
            _prove_rows(mart, slot, {"rows": 0})
            return []
        with connect(folder) as db:
            files = ", ".join(f"'{path}'" for path in output)
            db.execute(f"CREATE VIEW given AS FROM read_parquet([{files}], hive_partitioning = false)")
            _prove_columns(mart, db)
            columns = ", ".join(f"CAST({ident(c.name)} AS {_type(c.type)}) AS {ident(c.name)}" for c in mart.columns)
            db.execute(f"CREATE TABLE built AS SELECT {columns}, {instant(slot)} AS {LINEAGE} FROM given")
            _prove_rows(mart, slot, _measured(mart, db))
            order = list(dict.fromkeys([mart.partition_by, *mart.unique]))
            return write_partitions(db, "FROM built", order, ids, folder / "written")


def _type(name: str) -> str:
    return TYPES.get(name, name.upper())


def _key(uri: str) -> str:
    return urlsplit(uri).path.lstrip("/")


def _prove_columns(mart: Mart, db: duckdb.DuckDBPyConnection) -> None:
    """The query gives the declared columns and no others, in any order, each in its type: nothing is rounded here."""
    given = {str(name): str(kind) for name, kind, *_ in db.execute("DESCRIBE given").fetchall()}
    problems = [
        f"column {name} is given and not declared" for name in given if all(name != c.name for c in mart.columns)
    ]
    for column in mart.columns:
        found = given.get(column.name)
        wanted = _type(column.type)
        if found is None:
            problems.append(f"column {column.name} is declared and not given")
        elif found != wanted and not (wanted == "TIMESTAMP" and found.startswith("TIMESTAMP")):
            problems.append(f"column {column.name} is declared {column.type} and given as {found.lower()}: CAST it")
    if problems:
        raise SchemaConflict(
            f"mart {mart.name}: the query does not give what is declared: {'; '.join(sorted(problems))}. "
            "The mart stays as it was; mend its query or its columns, deploy, run the slot again"
        )


def _measured(mart: Mart, db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows, rows without a required value by column, and rows whose name another row has."""
    required = [column.name for column in mart.columns if column.required]
    missing = "".join(f", count(*) FILTER ({ident(name)} IS NULL)" for name in required)
    row: tuple[Any, ...] = db.execute(f"SELECT count(*){missing} FROM built").fetchone() or ()
    names = ", ".join(map(ident, mart.unique))
    twice = f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM built GROUP BY {names} HAVING n > 1)"
    (surplus,) = db.execute(twice).fetchone() or (0,)
    return {"rows": row[0], "surplus": int(surplus), **dict(zip(required, row[1:], strict=True))}


def _prove_rows(mart: Mart, slot: Slot, measured: dict[str, int]) -> None:
    problems = []
    if measured["rows"] < mart.min_rows:
        problems.append(f"expected at least {mart.min_rows} row(s), found {measured['rows']}")
    if measured.get("surplus"):
        problems.append(f"expected one row for each {', '.join(mart.unique)}, found {measured['surplus']} too many")
    problems += [
        f"expected a value of {column.name} in every row, found {measured[column.name]} without"
        for column in mart.columns
        if column.required and measured.get(column.name)
    ]
    if problems:
        raise AuditFailed(
            f"mart {mart.name}, slot {slot}: {'; '.join(problems)}. The mart stays as it was; mend its query or "
            "what it reads, run the slot again"
        )
