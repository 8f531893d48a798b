"""CAST to and from JSON. https://trino.io/docs/current/functions/json.html#cast-to-json"""

from __future__ import annotations

from collections.abc import Callable

from lakeward_local.athena import types as t
from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.functions.sql import decimal_text, duck_type, literal, local
from lakeward_local.athena.types import Type


def to_json(sql: str, source: Type) -> str:
    """A value as JSON text; SQL NULL inside becomes JSON null."""
    return f"(CASE WHEN {sql} IS NOT NULL THEN {_text(sql, source)} END)"


def _text(sql: str, source: Type) -> str:  # noqa: PLR0911 - one kind a line
    match source.name:
        case "array":
            inner = f"list_transform({sql}, lambda _j: COALESCE({to_json('_j', source.element)}, 'null'))"
            return f"'[' || COALESCE(array_to_string({inner}, ','), '') || ']'"
        case "map":
            key = "_m.key" if source.inner[0].is_text else "CAST(_m.key AS VARCHAR)"
            inner = (
                f"list_transform(list_sort(map_entries({sql})), lambda _m: trino_json_string({key}) || ':' || "
                f"COALESCE({to_json('_m.value', source.inner[1])}, 'null'))"
            )
            return f"'{{' || COALESCE(array_to_string({inner}, ','), '') || '}}'"
        case "row":
            parts = []
            for i, (name, kind) in enumerate(zip(source.fields, source.inner, strict=True)):
                value = to_json(f"struct_extract({sql}, 'f{i}')", kind)
                parts.append(f"trino_json_string({literal(name or '')}) || ':' || COALESCE({value}, 'null')")
            return "'{' || " + " || ',' || ".join(parts) + " || '}'"
        case "double" | "real":
            return f"trino_json_{source.name}({sql})"
        case "decimal":
            return decimal_text(sql, source)
        case "boolean" | "tinyint" | "smallint" | "integer" | "bigint":
            return f"CAST({sql} AS VARCHAR)"
        case "varchar" | "char":
            return f"trino_json_string({sql})"
        case "date":
            return f"trino_json_string(strftime({sql}, '%Y-%m-%d'))"
        case "timestamp":
            from lakeward_local.athena.rewrite.casts import cast  # noqa: PLC0415 - casts need this module

            return f"trino_json_string({cast(sql, source, t.VARCHAR)})"
        case "unknown":
            return "'null'"
    raise unsupported(f"CAST from {source} to json ({local(sql, source)})")


def from_json(sql: str, target: Type, cast: Callable[[str, Type, Type], str]) -> str:
    """A JSON value as a type; JSON null becomes SQL NULL."""
    match target.name:
        case "array":
            return f"list_transform(trino_json_elements({sql}), lambda _j: {from_json('_j', target.element, cast) if target.element != t.JSON else '_j'})"  # noqa: E501
        case "map":
            keys = cast(f"trino_json_keys({sql})", t.array(t.VARCHAR), t.array(target.inner[0]))
            value = from_json("_j", target.inner[1], cast) if target.inner[1] != t.JSON else "_j"
            return (
                f"(CASE WHEN {sql} IS NOT NULL AND {sql} <> 'null' THEN CAST(map({keys}, list_transform("
                f"trino_json_values({sql}), lambda _j: {value})) AS {duck_type(target)}) END)"
            )
        case "row":
            names = ", ".join(literal(name or "") for name in target.fields)
            fields = []
            for i, kind in enumerate(target.inner, 1):
                value = f"list_extract(_j, {i})" if kind != t.JSON else f"COALESCE(list_extract(_j, {i}), 'null')"
                fields.append(f"f{i - 1} := {from_json(value, kind, cast) if kind != t.JSON else value}")
            made = f"lambda _j: struct_pack({', '.join(fields)})"
            one = f"list_extract(list_transform([trino_json_fields({sql}, [{names}])], {made}), 1)"
            return f"(CASE WHEN {sql} IS NOT NULL AND {sql} <> 'null' THEN {one} END)"
    text = f"trino_json_scalar({sql}, '{target.name}')"
    if target.is_text:
        return cast(text, t.VARCHAR, target) if target.numbers else text
    return cast(text, t.VARCHAR, target)
