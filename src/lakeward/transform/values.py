"""How one JSON value becomes one typed value, as DuckDB SQL: a table with one line for each type and parse.

A leaf is what ``json_extract`` gives for a column's path: JSON, or NULL when the path leads nowhere. A reading has the
SQL of the typed value (NULL when it cannot be read) and the words for what was expected. Readings are strict: a number
in quotes is not a number, an instant without an offset is not an instant, nothing is rounded, nothing is clipped.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lakeward.contract import Column
from lakeward.contract.types import kind

INTEGERS = {"int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}
EARLIEST_SECONDS, LATEST_SECONDS = -62_135_596_800, 253_402_300_799  # 0001-01-01T00:00:00Z, 9999-12-31T23:59:59Z
CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
INSTANT = rf"^\d{{4}}-\d{{2}}-\d{{2}}[T ]{CLOCK}(Z|[+-]\d{{2}}(:?\d{{2}})?)$"
PLAIN_NUMBER = r"^-?\d+(\.\d+)?$"
DAY = r"^\d{4}-\d{2}-\d{2}$"


@dataclass(frozen=True)
class Reading:
    """SQL of a leaf's typed value, and what a value must be to have one."""

    value: str
    expected: str


def reading(column: Column, leaf: str) -> Reading:
    """The reading of a column's leaf (an SQL expression of type JSON)."""
    return READINGS[kind(column.type), column.reading](column, leaf)


def text(leaf: str) -> str:
    """SQL of the leaf's text: a string without its quotes, a number as it prints; NULL for JSON null."""
    return f"({leaf} ->> '$')"


def is_absent(leaf: str) -> str:
    """SQL: the path leads nowhere, or to JSON null."""
    return f"({leaf} IS NULL OR json_type({leaf}) = 'NULL')"


def _when(leaf: str, kinds: str, value: str) -> str:
    return f"CASE WHEN json_type({leaf}) IN ({kinds}) THEN {value} END"


NUMBER = "'BIGINT', 'UBIGINT', 'DOUBLE'"


def _whole(leaf: str) -> str:
    """SQL of a whole number as HUGEINT: 5 and 5.0 are whole, 5.5 and "5" are not."""
    exact = f"TRY_CAST({text(leaf)} AS HUGEINT)"
    from_double = (
        f"CASE WHEN abs(TRY_CAST({text(leaf)} AS DOUBLE)) <= 9007199254740992 "
        f"AND trunc(TRY_CAST({text(leaf)} AS DOUBLE)) = TRY_CAST({text(leaf)} AS DOUBLE) "
        f"THEN CAST(TRY_CAST({text(leaf)} AS DOUBLE) AS HUGEINT) END"
    )
    whole = f"WHEN 'BIGINT' THEN {exact} WHEN 'UBIGINT' THEN {exact}"
    return f"CASE json_type({leaf}) WHEN 'DOUBLE' THEN {from_double} {whole} END"


def _between(value: str, low: int, high: int, then: str) -> str:
    return f"CASE WHEN {value} BETWEEN {low} AND {high} THEN {then} END"


def _boolean(_: Column, leaf: str) -> Reading:
    return Reading(_when(leaf, "'BOOLEAN'", f"CAST({text(leaf)} AS BOOLEAN)"), "true or false")


def _integer(column: Column, leaf: str) -> Reading:
    low, high = INTEGERS[column.type]
    whole = _whole(leaf)
    sql_type = {"int": "INTEGER", "bigint": "BIGINT"}[column.type]
    return Reading(
        _between(f"({whole})", low, high, f"CAST(({whole}) AS {sql_type})"), f"a whole number from {low} to {high}"
    )


def _double(_: Column, leaf: str) -> Reading:
    number = f"TRY_CAST({text(leaf)} AS DOUBLE)"
    return Reading(_when(leaf, NUMBER, f"CASE WHEN isfinite({number}) THEN {number} END"), "a number")


def _decimal(column: Column, leaf: str) -> Reading:
    value, number = text(leaf), f"TRY_CAST({text(leaf)} AS DOUBLE)"
    typed = f"TRY_CAST({value} AS {column.type.upper()})"
    scale = column.type.rpartition(",")[2].rstrip(")")
    decimals = f"length(rtrim(regexp_extract({value}, '\\.(\\d+)$', 1), '0'))"
    plain = f"WHEN regexp_full_match({value}, '{PLAIN_NUMBER}') THEN CASE WHEN {decimals} <= {scale} THEN {typed} END"
    # A JSON number such as 1e-7 has no plain text; what it is worth as a double must survive.
    power = f"WHEN json_type({leaf}) = 'DOUBLE' AND CAST({typed} AS DOUBLE) = {number} THEN {typed}"
    exact = f"CASE {plain} {power} END"
    return Reading(_when(leaf, f"{NUMBER}, 'VARCHAR'", exact), f"a number that fits {column.type} without rounding")


def _string(_: Column, leaf: str) -> Reading:
    return Reading(_when(leaf, "'VARCHAR'", text(leaf)), "a string")


def _date(_: Column, leaf: str) -> Reading:
    day = f"TRY_CAST({text(leaf)} AS DATE)"
    checked = f"CASE WHEN regexp_full_match({text(leaf)}, '{DAY}') AND {day} >= DATE '0001-01-01' THEN {day} END"
    return Reading(_when(leaf, "'VARCHAR'", checked), "a day such as 2018-01-31")


def _instant(_: Column, leaf: str) -> Reading:
    instant = f"CAST(TRY_CAST({text(leaf)} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)"
    within = f"{instant} >= TIMESTAMP '0001-01-01' AND {instant} < TIMESTAMP '10000-01-01'"
    checked = f"CASE WHEN regexp_full_match({text(leaf)}, '{INSTANT}') AND {within} THEN {instant} END"
    return Reading(_when(leaf, "'VARCHAR'", checked), "an instant with an offset such as 2018-01-31T12:00:00Z")


def _epoch(per_second: int, words: str) -> Callable[[Column, str], Reading]:
    def read(_: Column, leaf: str) -> Reading:
        whole = f"({_whole(leaf)})"
        low, high = EARLIEST_SECONDS * per_second, LATEST_SECONDS * per_second + per_second - 1
        micros = f"make_timestamp(CAST({whole} AS BIGINT) * {1_000_000 // per_second})"
        return Reading(_between(whole, low, high, micros), f"{words} since 1970 within the years 1 to 9999")

    return read


READINGS: dict[tuple[str, str], Callable[[Column, str], Reading]] = {
    ("boolean", "plain"): _boolean,
    ("int", "plain"): _integer,
    ("bigint", "plain"): _integer,
    ("double", "plain"): _double,
    ("decimal", "plain"): _decimal,
    ("string", "plain"): _string,
    ("date", "iso8601"): _date,
    ("timestamp", "iso8601"): _instant,
    ("timestamp", "epoch_milliseconds"): _epoch(1000, "milliseconds"),
    ("timestamp", "epoch_seconds"): _epoch(1, "seconds"),
}
