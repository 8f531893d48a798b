"""DuckDB as the engine needs it: one database in memory, the native functions, one cursor a query."""

from __future__ import annotations

import os
import threading
from functools import wraps
from typing import Any, Final

import duckdb

from lakeward_local.athena.native import (
    addresses,
    datetimes,
    formatting,
    jsons,
    numbers,
    patterns,
    regexps,
    sql_json,
    texts,
    zones,
)
from lakeward_local.athena.native.kit import Native

#: Polymorphic helpers that the templates use.
MACROS: Final = """
CREATE MACRO trino_any(hits) AS
  CASE WHEN list_contains(hits, true) THEN true
       WHEN len(hits) <> list_count(hits) THEN NULL
       WHEN hits IS NOT NULL THEN false END;
CREATE MACRO trino_all(hits) AS
  CASE WHEN list_contains(hits, false) THEN false
       WHEN len(hits) <> list_count(hits) THEN NULL
       WHEN hits IS NOT NULL THEN true END;
CREATE MACRO trino_has(items, x) AS
  CASE WHEN x IS NULL THEN len(items) <> list_count(items) ELSE list_contains(items, x) END;
CREATE MACRO trino_before(items, x, i) AS
  len(list_filter(list_slice(items, 1, i - 1), lambda _y: _y IS NOT DISTINCT FROM x));
CREATE MACRO trino_distinct(items) AS list_filter(items, lambda _x, _i: trino_before(items, _x, _i) = 0);
CREATE MACRO trino_divide(a, b) AS
  (abs(a) + abs(b) // 2) // abs(b) * CASE WHEN (a < 0) <> (b < 0) THEN -1 ELSE 1 END;
CREATE MACRO trino_round_decimal(x, digits) AS trino_round_decimal_text(CAST(x AS VARCHAR), CAST(digits AS BIGINT));
CREATE MACRO trino_truncate(x, digits) AS trino_truncate_text(CAST(x AS VARCHAR), CAST(digits AS BIGINT));
CREATE MACRO trino_interval_months_text(x) AS
  trino_interval_month_count_text(CAST(date_part('year', x) * 12 + date_part('month', x) AS BIGINT));
CREATE MACRO trino_keys(entries) AS
  trino_distinct(list_filter(list_transform(entries, lambda _e: _e.f0), lambda _k: _k IS NOT NULL));
CREATE MACRO trino_of(entries, k) AS
  list_transform(list_filter(entries, lambda _e: _e.f0 = k), lambda _e: _e.f1);
CREATE MACRO trino_map_agg(entries) AS
  CASE WHEN entries IS NOT NULL THEN
    map(trino_keys(entries), list_transform(trino_keys(entries), lambda _k: trino_of(entries, _k)[1])) END;
CREATE MACRO trino_multimap_agg(entries) AS
  CASE WHEN entries IS NOT NULL THEN
    map(trino_keys(entries), list_transform(trino_keys(entries), lambda _k: trino_of(entries, _k))) END;
CREATE MACRO trino_counted(items) AS
  list_reverse_sort(list_transform(map_entries(list_histogram(items)),
    lambda _e: struct_pack(n := _e.value, k := _e.key)));
CREATE MACRO trino_most_frequent(items, wanted) AS
  CASE WHEN items IS NOT NULL THEN map_from_entries(list_transform(
    list_slice(trino_counted(list_filter(items, lambda _i: _i IS NOT NULL)), 1, wanted), lambda _e: (_e.k, _e.n))) END;
CREATE MACRO trino_entries(maps) AS
  flatten(list_transform(list_filter(maps, lambda _m: _m IS NOT NULL), lambda _m: map_entries(_m)));
CREATE MACRO trino_map_union(maps) AS
  trino_map_agg(list_transform(trino_entries(maps), lambda _e: struct_pack(f0 := _e.key, f1 := _e.value)));
"""

_TABLES: Final = (addresses, datetimes, formatting, jsons, numbers, patterns, regexps, sql_json, texts, zones)


class Sessions:
    """Makes connections that share one in-memory database; thread-safe."""

    def __init__(self, threads: int | None = None, memory_limit: str | None = None) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {"threads": threads or max(2, os.cpu_count() or 2)}
        if memory_limit:
            config["memory_limit"] = memory_limit
        self._lock = threading.Lock()
        self._database = duckdb.connect(":memory:", config=config)
        self._database.execute(
            "SET TimeZone='UTC'; SET ieee_floating_point_ops=true; SET autoinstall_known_extensions=false; "
            "SET enable_progress_bar=false; SET errors_as_json=false"
        )
        for table in _TABLES:
            for native in table.NATIVES:
                self._register(native)
        self._database.execute(MACROS)

    def _register(self, native: Native) -> None:
        """Make a native function known. DuckDB takes a NaN that Python returns for NULL: such answers come as text."""
        register: Any = self._database.create_function  # its stubs know no text for a type or a null handling
        nulls = "special" if native.nulls or native.optional else "default"
        if native.returns not in {"DOUBLE", "FLOAT"}:
            register(native.name, native.registered, list(native.params), native.returns, null_handling=nulls)
            return
        body = native.registered

        @wraps(body)  # DuckDB counts the parameters
        def as_text(*values: Any) -> str | None:
            answer = body(*values)
            return None if answer is None else repr(float(answer))

        text = f"{native.name}_text"
        register(text, as_text, list(native.params), "VARCHAR", null_handling=nulls)
        names = ", ".join(f"a{i}" for i in range(len(native.params)))
        self._database.execute(f"CREATE MACRO {native.name}({names}) AS CAST({text}({names}) AS {native.returns})")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection for one query: zones are UTC, files are read as they are."""
        with self._lock:
            cursor = self._database.cursor()
        cursor.execute("SET TimeZone='UTC'; SET ieee_floating_point_ops=true; SET preserve_insertion_order=true")
        return cursor

    def close(self) -> None:
        self._database.close()
