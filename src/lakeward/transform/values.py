"""How a leaf becomes one typed value, as DuckDB SQL: a table with one line for each type and parse.

A reading has the SQL of the typed value (NULL when it cannot be read) and the words for what was expected. Readings are
strict: a number in quotes is not a number unless the column says `parse: text`, an instant without an offset is not an
instant unless it names a zone, nothing is rounded, nothing is clipped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lakeward.contract import Column
from lakeward.contract.literals import INTEGERS, Constant
from lakeward.contract.types import Type
from lakeward.transform import instants
from lakeward.transform.leaf import NUMBER, Leaf, listed, quote

PLAIN_NUMBER = r"^-?\d+(\.\d+)?$"
SURE_DIGITS = 15
"""A number of so many digits is told by its double; of one with more, another with the same double may be there."""
BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
HEX = r"(?:[0-9A-Fa-f]{2})*"
DUCKDB = {"int": "INTEGER", "string": "VARCHAR", "binary": "BLOB"}


@dataclass(frozen=True)
class Reading:
    """SQL of a leaf's typed value, and what a value must be to have one."""

    value: str
    expected: str


def reading(column: Column, leaf: Leaf, of: Type | None = None) -> Reading:
    """The reading of a single value.

    Args:
        column: has the options.
        leaf: where it stands; its text is as ``lakeward.transform.texts`` makes it.
        of: the value's type, where that is not the column's: inside a list, map or struct.
    """
    of = of or column.parsed_type
    found = READINGS[of.kind](column, of, leaf)
    if column.map_values is not None:
        return Reading(found.value, f"one of {', '.join(column.map_values)}")
    return found


def is_absent(leaf: Leaf) -> str:
    """SQL: the path leads nowhere, or to JSON null, or to a word that means no value."""
    return f"({leaf.kind} = 'NULL')"


def sql_type(of: Type) -> str:
    """DuckDB's name of a type that is not nested."""
    return DUCKDB.get(of.kind, str(of).upper())


def sql_literal(of: Type, value: Constant) -> str:
    """A value that the contract writes down, as SQL of its type."""
    match value:
        case bool():
            text = "true" if value else "false"
        case datetime():
            text = (
                value.strftime("%Y-%m-%d %H:%M:%S.%f+00")
                if of.kind == "timestamptz"
                else value.strftime("%Y-%m-%d %H:%M:%S.%f")
            )
        case date() | int() | Decimal():
            text = str(value)
        case float():
            text = repr(value)
        case str():
            text = quote(value)
    return f"CAST('{text}' AS {sql_type(of)})"


def whole(leaf: Leaf, sql: str) -> str:
    """SQL of a whole number of an SQL type: 5 and 5.0 are whole, 5.5 and "5" are not.

    From 2^53 on a double says nothing of the number that it was made from.
    """
    number = f"TRY_CAST({leaf.text} AS DOUBLE)"
    is_whole = f"abs({number}) < 9007199254740992 AND trunc({number}) = {number}"
    even = f"CASE WHEN {is_whole} THEN TRY_CAST({number} AS {sql}) END"
    exact = f"TRY_CAST({leaf.text} AS {sql})"
    before_point = f"TRY_CAST(regexp_extract({leaf.text}, '^(-?\\d+)\\.0+$', 1) AS {sql})"
    powers = f"CASE WHEN {_digits(leaf.text)} <= {SURE_DIGITS} THEN {even} END"
    written = f"CASE WHEN regexp_full_match({leaf.text}, '{PLAIN_NUMBER}') THEN {before_point} ELSE {powers} END"
    return (
        f"CASE {leaf.kind} WHEN 'BIGINT' THEN {exact} WHEN 'UBIGINT' THEN {exact} "
        f"WHEN 'DOUBLE' THEN {even} WHEN 'DECIMAL' THEN {written} END"
    )


def _digits(text: str) -> str:
    """SQL of how many digits of a number count."""
    return f"length(trim(regexp_replace({text}, '[eE].*|[^0-9]', '', 'g'), '0'))"


def _number_words(column: Column, words: str) -> str:
    """What a number is called, when texts are numbers too."""
    if column.parse != "text":
        return words
    marks = [f"{column.decimal_mark!r} before decimals"] if column.decimal_mark != "." else []
    marks += [f"{column.group_mark!r} between groups of three digits"] if column.group_mark else []
    marks += [f"{' or '.join(column.signs)} beside it"] if column.signs else []
    return f"{words}, or a text of one" + (f" with {', '.join(marks)}" if marks else "")


def _boolean(column: Column, _: Type, leaf: Leaf) -> Reading:
    if column.true_words is None or column.false_words is None:
        return Reading(leaf.when("'BOOLEAN'", f"CAST({leaf.text} AS BOOLEAN)"), "true or false")
    words = (
        f"CASE WHEN {leaf.text} IN ({listed(column.true_words)}) THEN true "
        f"WHEN {leaf.text} IN ({listed(column.false_words)}) THEN false END"
    )
    expected = f"one of {', '.join([*column.true_words, *column.false_words])}"
    return Reading(leaf.when(f"'VARCHAR', 'BOOLEAN', {NUMBER}", words), expected)


def _integer(column: Column, of: Type, leaf: Leaf) -> Reading:
    low, high = INTEGERS[of.kind]
    return Reading(whole(leaf, sql_type(of)), _number_words(column, f"a whole number from {low} to {high}"))


def _floating(column: Column, of: Type, leaf: Leaf) -> Reading:
    number = f"TRY_CAST({leaf.text} AS {sql_type(of)})"
    value = leaf.when(NUMBER, f"CASE WHEN isfinite({number}) THEN {number} END")
    return Reading(value, _number_words(column, "a number" if of.kind == "double" else "a number of at most 3.4e38"))


def _decimal(column: Column, of: Type, leaf: Leaf) -> Reading:
    text, number = leaf.text, f"TRY_CAST({leaf.text} AS DOUBLE)"
    typed = f"TRY_CAST({text} AS {sql_type(of)})"
    decimals = f"length(rtrim(regexp_extract({text}, '\\.(\\d+)$', 1), '0'))"
    exact = f"CASE WHEN {decimals} <= {of.numbers[1]} THEN {typed} END"
    few = f"{_digits(text)} <= {SURE_DIGITS}"
    # What a double prints as may be another number than the source wrote, unless it is small and has few digits.
    large = f"abs({number}) >= 9007199254740992"
    doubted = f"{leaf.kind} = 'DOUBLE' AND regexp_matches({text}, '[.eE]') AND ({large} OR NOT {few})"
    plain = f"WHEN regexp_full_match({text}, '{PLAIN_NUMBER}') THEN CASE WHEN NOT ({doubted}) THEN {exact} END"
    # A number such as 1e-7 has no plain text; what it is worth as a double must survive.
    survives = f"{few} AND NOT ({doubted}) AND CAST({typed} AS DOUBLE) = {number}"
    power = f"WHEN {leaf.kind} IN ('DOUBLE', 'DECIMAL') AND {survives} THEN {typed}"
    kinds = NUMBER if column.parse == "text" else f"{NUMBER}, 'VARCHAR'"
    expected = _number_words(column, f"a number that fits {of} without rounding")
    return Reading(leaf.when(kinds, f"CASE {plain} {power} END"), expected)


def _string(_: Column, __: Type, leaf: Leaf) -> Reading:
    return Reading(leaf.when("'VARCHAR'", leaf.text), "a string")


def _binary(column: Column, _: Type, leaf: Leaf) -> Reading:
    pattern, decode = (HEX, "unhex") if column.reading == "hex" else (BASE64, "from_base64")
    value = f"CASE WHEN regexp_full_match({leaf.text}, '{pattern}') THEN {decode}({leaf.text}) END"
    return Reading(leaf.when("'VARCHAR'", value), f"bytes in {column.reading}" if column.parse else "bytes in base64")


def _date(column: Column, _: Type, leaf: Leaf) -> Reading:
    if column.formats is not None:
        return Reading(instants.formatted_day(column, leaf), f"a day written as {' or '.join(column.formats)}")
    if column.parse == "epoch_days":
        days = instants.days_since_1970(f"({whole(leaf, 'BIGINT')})")
        return Reading(days, "days since 1970 within the years 1 to 9999")
    return Reading(instants.iso_day(leaf), "a day such as 2018-01-31")


PER_SECOND = {"epoch_seconds": 1, "epoch_milliseconds": 1_000, "epoch_microseconds": 1_000_000}


def _timestamp(column: Column, _: Type, leaf: Leaf) -> Reading:
    if column.formats is not None:
        value, words = instants.formatted_instant(column, leaf), f"an instant written as {' or '.join(column.formats)}"
    elif column.parse in PER_SECOND:
        value = instants.since_1970(f"({whole(leaf, 'BIGINT')})", PER_SECOND[column.parse])
        words = f"{column.parse.removeprefix('epoch_')} since 1970 within the years 1 to 9999"
    else:
        value = instants.iso_instant(column, leaf)
        words = "an instant with an offset such as 2018-01-31T12:00:00Z"
    if column.zone is None:
        return Reading(value, words)
    shows = "shows" if column.repeated != "refuse" else "shows once"
    if column.formats is None:
        return Reading(value, f"{words}, or a time without one that {column.zone} {shows}")
    return Reading(value, f"{words}, at a time that {column.zone} {shows}")


def _timestamptz(column: Column, of: Type, leaf: Leaf) -> Reading:
    found = _timestamp(column, of, leaf)
    return Reading(f"timezone('UTC', {found.value})", found.expected)


READINGS: dict[str, Callable[[Column, Type, Leaf], Reading]] = {
    "boolean": _boolean,
    "int": _integer,
    "bigint": _integer,
    "float": _floating,
    "double": _floating,
    "decimal": _decimal,
    "string": _string,
    "date": _date,
    "timestamp": _timestamp,
    "timestamptz": _timestamptz,
    "binary": _binary,
}
