"""The quick way through a transform: one pass that is sure of nearly all records, and says which it is not sure of.

A record that this statement is sure of is one that ``lakeward.transform.compile`` accepts, with the same values. The
other direction is not promised: whatever looks unusual here is read again there, which also finds the reason. So the
two can differ in speed alone; ``tests/unit/transform/test_fast.py`` holds them together.

Leaves come typed as JSON from the reader of whole pages (see ``lakeward.transform.shape``), so that a page is parsed
once. Their texts then tell what they are: ``"5"`` begins with a quote, ``5`` does not.
"""

from collections.abc import Callable
from pathlib import Path

from lakeward.contract import Column, Contract
from lakeward.contract.types import DECIMAL, NUMERIC, kind
from lakeward.slot import Slot
from lakeward.tables import NOTES
from lakeward.transform.compile import FILE, FILE_NAME, ident, instant
from lakeward.transform.instants import OFFSET
from lakeward.transform.leaf import leaf_of, quote
from lakeward.transform.rules import rules_of
from lakeward.transform.shape import Shape, shape_of

KNOWN = frozenset(
    {
        *("name", "type", "description", "at", "utc_day_of", "parse", "required", "minimum", "maximum", "allowed"),
        *("pattern", "min_length", "max_length", "on_violation", "policies"),
    }
)
"""The options of a column that are understood here. One more, and the dataset is read in the other way."""
KNOWN_OF_RECORDS = frozenset(
    {
        *("format", "at", "declared_count_at", "text_encoding", "compression", "archive_member"),
        *("delimiter", "quote", "header", "fields", "skip_lines", "open_end", "null_text"),
    }
)
OF_LEAVES = ("required", "type")
"""Rules that are about what was found, not about the value that was read."""
DAY = r"[12]\d{3}-\d{2}-\d{2}"
PLAIN_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
USUAL_SECONDS = (-2_208_988_800, 7_258_118_400)
"""From 1900 to 2200: numbers since 1970 outside of these are looked at twice."""


def compile_fast(contract: Contract, slot: Slot, pages: list[Path]) -> str | None:
    """A SELECT of the curated table's columns for every record, in which the partition column is NULL where unsure.

    Args:
        contract: the dataset's contract.
        slot: becomes the lineage column of every row.
        pages: local files, decoded, named ``page-00001.json`` and so on; at least one.

    Returns:
        None when the contract has anything that is not understood here.
    """
    columns = [c for c in contract.columns if c.at is not None]
    shape = shape_of([c.at for c in columns if c.at])
    values = [_value(c, f"_leaf{n}") for n, c in enumerate(columns)]
    if not is_understood(contract) or shape is None or None in values:
        return None
    places = [f"CAST({place} AS VARCHAR)" for place in shape.places]
    if contract.source.records.format == "csv":
        places = [_meant(column, place) for column, place in zip(columns, places, strict=True)]
    leaves = ", ".join(f"{place} AS _leaf{n}" for n, place in enumerate(places))
    texts = f"SELECT _page, _position, {leaves} FROM ({_read(contract, shape, pages)})"
    return select_rows(contract, slot, texts, [value or "" for value in values])


def is_understood(contract: Contract) -> bool:
    """Whether the contract has no option that has a meaning only in the other way."""
    unknown = any(c.model_fields_set - KNOWN for c in contract.columns)
    return not (
        unknown
        or contract.source.records.model_fields_set - KNOWN_OF_RECORDS
        or contract.drift.new == "keep"
        or contract.rules
    )


def select_rows(contract: Contract, slot: Slot, leaves: str, values: list[str]) -> str:
    """See ``compile_fast``.

    Args:
        contract: the dataset's contract.
        slot: becomes the lineage column of every row.
        leaves: a SELECT of _page, _position and what stands at each column's path (_leaf0 and so on; NULL for nothing).
        values: SQL of the typed value of each leaf, NULL where it is not plainly one.
    """
    columns = [c for c in contract.columns if c.at is not None]
    typed = ", ".join(f"{value} AS {ident(c.name)}" for c, value in zip(columns, values, strict=True))
    kept = ", ".join(f"_leaf{n}" for n in range(len(columns)))
    select = f"SELECT _page, _position, {kept}, {typed} FROM ({leaves})"
    days = [f"CAST({ident(c.utc_day_of)} AS DATE) AS {ident(c.name)}" for c in contract.columns if c.utc_day_of]
    if days:
        select = f"SELECT *, {', '.join(days)} FROM ({select})"
    sure = " AND ".join(_sure(c, f"_leaf{n}") for n, c in enumerate(columns))
    names = [
        f"CASE WHEN {sure} THEN {ident(c.name)} END AS {ident(c.name)}"
        if c.name == contract.partition_by
        else ident(c.name)
        for c in contract.columns
    ]
    notes = [f"CAST(NULL AS VARCHAR) AS {NOTES}"] if contract.keeps_notes else []
    return f"SELECT {', '.join([*names, *notes])}, {instant(slot)} AS _slot, _page, _position FROM ({select})"


def _read(contract: Contract, shape: Shape, pages: list[Path]) -> str:
    """SELECT _page, _position and the record ``r`` of every page."""
    files = ", ".join(f"'{quote(str(p))}'" for p in pages)
    limit = 2 * contract.source.limits.page_bytes + 1024
    if contract.source.records.format != "json":
        return (
            f"SELECT parse_filename({FILE}, true) AS _page, position AS _position, record AS r "
            f"FROM read_json([{files}], format = 'newline_delimited', records = 'true', filename = '{FILE_NAME}', "
            f"columns = {{position: 'BIGINT', record: '{quote(shape.sql_type)}'}}, maximum_object_size = {limit})"
        )
    parts = [name for name in contract.source.records.at.split(".")[1:] if name]
    of = f"{shape.sql_type}[]"
    for name in reversed(parts[1:]):
        of = f"STRUCT({ident(name)} {of})"
    array = ".".join(ident(name) for name in parts or ["page"])
    return (
        f"SELECT parse_filename({FILE}, true) AS _page, unnest({array}) AS r, "
        f"CAST(generate_subscripts({array}, 1) AS BIGINT) AS _position "
        f"FROM read_json([{files}], format = 'unstructured', records = {'true' if parts else 'false'}, "
        f"filename = '{FILE_NAME}', columns = {{{ident((parts or ['page'])[0])}: '{quote(of)}'}}, "
        f"maximum_object_size = {limit})"
    )


def _meant(column: Column, leaf: str) -> str:
    """The leaf of a source that knows texts only: a number or truth value without the quotes, if it is plainly one."""
    if column.type == "boolean":
        return f"CASE {leaf} WHEN '\"true\"' THEN 'true' WHEN '\"false\"' THEN 'false' ELSE {leaf} END"
    if kind(column.type) in NUMERIC or column.reading.startswith("epoch"):
        return f"CASE WHEN regexp_full_match({leaf}, '\"{PLAIN_NUMBER}\"') THEN {_unquoted(leaf)} ELSE {leaf} END"
    return leaf


def _sure(column: Column, leaf: str) -> str:
    """SQL, never NULL: the value was read, or there is none and none is needed, and no rule about it broke."""
    value = ident(column.name)
    read = f"{value} IS NOT NULL"
    held = [read if column.required else f"({leaf} IS NULL OR {read})"]
    if kind(column.type) == "double":
        held.append(f"coalesce(isfinite({value}), true)")
    rules = rules_of(column, leaf_of("NULL::JSON"), value)  # the leaf itself: only rules that are left out ask for it
    held += [f"NOT {rule.broken}" for rule in rules if rule.rule not in OF_LEAVES]
    return " AND ".join(held)


def _value(column: Column, leaf: str) -> str | None:
    """SQL of the typed value of a leaf's text; NULL where it is anything but plainly that. None for unknown types."""
    found = VALUES.get((kind(column.type), column.reading))
    return found(column, leaf) if found else None


def _unquoted(leaf: str) -> str:
    """The text between a leaf's quotes. Counted from the front: DuckDB walks backwards for each negative index."""
    return f"substring({leaf}, 2, length({leaf}) - 2)"


def _string(_: Column, leaf: str) -> str:
    escaped = f"CAST({leaf} AS JSON) ->> '$'"
    text = f"CASE WHEN contains({leaf}, '\\') THEN {escaped} ELSE {_unquoted(leaf)} END"
    return f"CASE WHEN starts_with({leaf}, '\"') THEN {text} END"


def _boolean(_: Column, leaf: str) -> str:
    return f"CASE {leaf} WHEN 'true' THEN true WHEN 'false' THEN false END"


def _integer(column: Column, leaf: str) -> str:
    return _whole(leaf, "INTEGER" if column.type == "int" else "BIGINT")


def _double(_: Column, leaf: str) -> str:
    return f"TRY_CAST({leaf} AS DOUBLE)"


def _date(_: Column, leaf: str) -> str:
    return f"CASE WHEN regexp_full_match({leaf}, '\"{DAY}\"') THEN TRY_CAST({_unquoted(leaf)} AS DATE) END"


def _whole(leaf: str, sql_type: str) -> str:
    """A number that prints as it was written, so without point and exponent. 5.0 is whole too, and rarer."""
    number = f"TRY_CAST({leaf} AS {sql_type})"
    even = f"WHEN length({leaf}) <= 15 AND ends_with({leaf}, '.0') THEN TRY_CAST({leaf}[:-3] AS {sql_type})"
    return f"CASE WHEN CAST({number} AS VARCHAR) = {leaf} THEN {number} {even} END"


def _decimal(column: Column, leaf: str) -> str:
    found = DECIMAL.fullmatch(column.type)
    scale = int(found["scale"]) if found else 0
    number = rf'"?-?\d+(\.\d{{1,{scale}}})?"?' if scale else r'"?-?\d+"?'
    # 15 digits and a point: with more of them, what a JSON number prints as may not be what the source wrote.
    sure = f"(length({leaf}) <= 16 OR starts_with({leaf}, '\"') OR NOT contains({leaf}, '.'))"
    return (
        f"CASE WHEN regexp_full_match({leaf}, '{number}') AND {sure} "
        f"THEN TRY_CAST(replace({leaf}, '\"', '') AS {column.type.upper()}) END"
    )


def _instant(_: Column, leaf: str) -> str:
    """UTC says so with a Z: then no time zone has to be worked out."""
    offset = f"CAST(TRY_CAST({_unquoted(leaf)} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)"
    at = f"{DAY}[T ]{CLOCK}"
    return (
        f"CASE WHEN regexp_full_match({leaf}, '\"{at}Z\"') THEN TRY_CAST({_unquoted(leaf)} AS TIMESTAMP) "
        f"WHEN regexp_full_match({leaf}, '\"{at}{OFFSET}\"') THEN {offset} END"
    )


def _epoch(leaf: str, per_second: int) -> str:
    whole = _whole(leaf, "BIGINT")
    return usual_moment(whole, per_second)


def usual_moment(whole: str, per_second: int) -> str:
    """SQL of the instant that a whole number since 1970 is; NULL outside of the usual years."""
    low, high = (seconds * per_second for seconds in USUAL_SECONDS)
    return f"CASE WHEN {whole} BETWEEN {low} AND {high} THEN make_timestamp({whole} * {1_000_000 // per_second}) END"


VALUES: dict[tuple[str, str], Callable[[Column, str], str]] = {
    ("string", "plain"): _string,
    ("boolean", "plain"): _boolean,
    ("int", "plain"): _integer,
    ("bigint", "plain"): _integer,
    ("double", "plain"): _double,
    ("decimal", "plain"): _decimal,
    ("date", "iso8601"): _date,
    ("timestamp", "iso8601"): _instant,
    ("timestamp", "epoch_milliseconds"): lambda _, leaf: _epoch(leaf, 1_000),
    ("timestamp", "epoch_seconds"): lambda _, leaf: _epoch(leaf, 1),
}
