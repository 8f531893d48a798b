"""Rows on their way between tasks: compressed Arrow, which Spark moves without looking into it.

So no value passes through Spark's own types: what DuckDB read is what DuckDB writes.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.transform.compile import ident

_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")


def pack(table: pa.Table) -> bytes:
    """An Arrow table as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_COMPRESSED) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def unpack(blob: bytes) -> pa.Table:
    """The table again."""
    return pa.ipc.open_stream(blob).read_all()


def gather(db: duckdb.DuckDBPyConnection, name: str, blob: bytes) -> None:
    """Add rows to a DuckDB table, which is made from the first. One blob at a time is in memory."""
    db.register("arrived", unpack(blob))
    db.execute(f"CREATE TABLE IF NOT EXISTS {ident(name)} AS SELECT * FROM arrived LIMIT 0")
    db.execute(f"INSERT INTO {ident(name)} SELECT * FROM arrived")
    db.unregister("arrived")


def split(table: pa.Table, by: str) -> list[tuple[object, pa.Table]]:
    """The runs of equal values of a column, by which the table is sorted, each with its rows without that column.

    Returns:
        (value, rows) in the table's order.
    """
    if table.num_rows == 0:
        return []
    runs = pc.run_end_encode(table.column(by).combine_chunks())
    rows, found, start = table.drop_columns([by]), [], 0
    for end, value in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
        found.append((value, rows.slice(start, end - start)))
        start = end
    return found
