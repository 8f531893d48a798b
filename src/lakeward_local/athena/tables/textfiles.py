"""JSON lines and delimited text under a table's schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from lakeward_local.athena.catalog.model import Column, Table
from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.functions.sql import duck_type, guard, literal, quote
from lakeward_local.athena.rewrite.casts import cast
from lakeward_local.athena.types import BIGINT, INTEGER, JSON, VARCHAR, Type

Reader = tuple[str, Callable[[Column], str]]

#: Hive's names of characters in serde parameters.
_ESCAPES: Final = {"\\t": "\t", "\\n": "\n", "\\001": "\x01", "\\u0001": "\x01", "\\\\": "\\"}


def json_reader(table: Table, columns: Sequence[Column], paths: Sequence[str]) -> Reader:
    """One object a line; names match case-insensitively; a value that does not convert fails."""
    del columns
    settings = {k.lower(): v for k, v in ((table.storage.get("SerdeInfo") or {}).get("Parameters") or {}).items()}
    for name, usual in (("case.insensitive", "true"), ("dots.in.keys", "false")):
        if settings.get(name, usual).lower() != usual:
            raise unsupported(f"JSON tables with {name} = {settings[name]} ({table.database}.{table.name})")
    files = ", ".join(map(literal, paths))
    ignore = (table.storage.get("SerdeInfo") or {}).get("Parameters", {}).get(
        "ignore.malformed.json", ""
    ).lower() == "true"
    source = (
        f"(SELECT line, filename FROM (SELECT unnest(string_split(content, chr(10))) AS line, filename FROM "
        f"{_lines(files)}) WHERE trim(line, ' ' || chr(13) || chr(9)) <> '')"
    )

    def value(column: Column) -> str:
        member = literal(settings.get(f"mapping.{column.name}", column.name).lower())
        field = f"trino_json_line(f.line, {member}, {str(ignore).lower()})"
        if column.type == VARCHAR:
            return f"trino_json_line_text(f.line, {member}, {str(ignore).lower()})"
        return _parsed(field, f"{field} <> 'null'", cast("_v", JSON, column.type), column)

    return source, value


def _lines(files: str) -> str:
    return f"(SELECT content, filename FROM read_text([{files}]))"


def csv_reader(table: Table, columns: Sequence[Column], paths: Sequence[str]) -> Reader:
    """OpenCSV (every column text) or LazySimple (typed, what does not convert is NULL)."""
    serde = table.storage.get("SerdeInfo") or {}
    settings = serde.get("Parameters") or {}
    is_open_csv = "opencsv" in (serde.get("SerializationLibrary") or "").lower()
    if is_open_csv:
        names = (("separatorChar", ","), ("quoteChar", '"'), ("escapeChar", "\\"))
        delimiter, mark, escape = (_unescaped(settings.get(name, usual)) for name, usual in names)
        # The usual backslash is left out: DuckDB takes one escape, and files double their quotes far more often.
        escape = mark if escape == "\\" else escape
    else:
        delimiter, mark, escape = (
            _unescaped(settings.get("field.delim", settings.get("serialization.format", "\x01"))),
            "",
            _unescaped(settings.get("escape.delim", "")),
        )
        delimiter = "\x01" if delimiter == "1" else delimiter
    skip = int(table.parameters.get("skip.header.line.count", "0"))
    files = ", ".join(map(literal, paths))
    shape = "{" + ", ".join(f"{literal(c.name)}: 'VARCHAR'" for c in columns) + "}"
    usual_null = "\\0" if is_open_csv else "\\N"
    null_text = literal(usual_null if is_open_csv else settings.get("serialization.null.format", usual_null))
    source = (
        f"read_csv([{files}], auto_detect=false, header=false, skip={skip}, delim={literal(_unescaped(delimiter))}, "
        f"quote={literal(mark)}, escape={literal(escape)}, null_padding=true, strict_mode=false, filename=true, "
        f"nullstr={null_text}, columns={shape})"
    )

    separators = _separators(settings)

    def value(column: Column) -> str:
        text = f"f.{quote(column.name)}"
        if is_open_csv:
            text = f"COALESCE({text}, '')"
            return text if column.type == VARCHAR else _parsed(text, "true", _open_csv_value("_v", column), column)
        return _delimited_value(text, column.type, separators)

    return source, value


def _parsed(text: str, present: str, value: str, column: Column) -> str:
    """A field's value, ``value`` being over ``_v``; HIVE_BAD_DATA when the text has none of the column's type."""
    message = f"'Error parsing field value ''' || _v || ''' for field {column.name}: For input string'"
    read = guard(f"TRY({value}) IS NULL", "HIVE_BAD_DATA", message, value, column.type)
    given = f"CASE WHEN {present} THEN {text} END"
    return f"list_transform([{given}], lambda _v: CASE WHEN _v IS NOT NULL THEN {read} END)[1]"


def _separators(settings: dict[str, str]) -> tuple[str, ...]:
    """What parts values inside a field, by depth; the first two may be set."""
    items = settings.get("collection.delim") or settings.get("colelction.delim") or "\x02"
    keys = settings.get("mapkey.delim") or "\x03"
    return (_unescaped(items), _unescaped(keys), *(chr(at) for at in range(4, 9)))


def _delimited_value(text: str, kind: Type, separators: tuple[str, ...], depth: int = 0) -> str:
    """A text as LazySimple reads it: what does not convert is NULL, each depth of nesting has its own mark."""
    if not kind.inner:
        return _lazy(text, kind)
    if len(separators) < 2:
        raise unsupported(f"a {kind} so deep inside delimited text")
    name = f"_d{depth}"
    parts = f"string_split({text}, {literal(separators[0])})"
    match kind.name:
        case "array":
            item = _delimited_value(_known(name), kind.element, separators[1:], depth + 1)
            found = f"CASE WHEN {text} = '' THEN [] ELSE list_transform({parts}, lambda {name}: {item}) END"
        case "map":
            pair = f"string_split({name}, {literal(separators[1])})"
            keys = _delimited_value(f"{pair}[1]", kind.inner[0], separators[2:], depth + 1)
            values = _delimited_value(_known(f"{pair}[2]"), kind.inner[1], separators[2:], depth + 1)
            found = (
                f"CASE WHEN {text} = '' THEN MAP {{}} ELSE MAP(list_transform({parts}, lambda {name}: {keys}), "
                f"list_transform({parts}, lambda {name}: {values})) END"
            )
        case _:
            fields = (
                f"f{at} := {_delimited_value(_known(f'{parts}[{at + 1}]'), x, separators[1:], depth + 1)}"
                for at, x in enumerate(kind.inner)
            )
            found = f"struct_pack({', '.join(fields)})"
    return f"CASE WHEN {text} IS NOT NULL THEN CAST({found} AS {duck_type(kind)}) END"


def _known(text: str) -> str:
    """A value inside a field, whose NULL is written like a field's."""
    return f"nullif({text}, '\\N')"


def _lazy(text: str, kind: Type) -> str:
    """A text as Hive's lazy reading of one plain type."""
    if kind == VARCHAR:
        return text
    if kind.name == "boolean":
        return f"(CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END)"
    if kind.name == "varbinary":
        return f"TRY(from_base64({text}))"
    if kind.is_integer:
        whole = f"regexp_full_match({text}, '[+-]?[0-9]+')"
        return f"(CASE WHEN {whole} THEN TRY_CAST({text} AS {duck_type(kind)}) END)"
    return f"TRY_CAST({text} AS {duck_type(kind)})"


def _open_csv_value(text: str, column: Column) -> str:
    """OpenCSV has dates as days and timestamps as milliseconds since 1970; everything else as casts read it."""
    if column.type.name == "date":
        return f"(CAST('1970-01-01' AS DATE) + {cast(text, VARCHAR, INTEGER)})"
    if column.type.name == "timestamp":
        return f"make_timestamp({cast(text, VARCHAR, BIGINT)} * 1000)"
    return cast(text, VARCHAR, column.type)


def _unescaped(text: str) -> str:
    return _ESCAPES.get(text, text)
