"""String functions. https://trino.io/docs/current/functions/string.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.functions.registry import Function, Template, scalar
from lakeward_local.athena.functions.sql import decimal_text, guard, joined, local, zone_text
from lakeward_local.athena.types import Type


def _substr(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    """Positions count from 1, negative ones from the end; 0 and what lies outside answer the empty string."""
    start = a[1]
    taken = f"substring({a[0]}, {start})" if len(a) == 2 else f"substring({a[0]}, {start}, {a[2]})"
    outside = f"{start} = 0 OR {start} > length({a[0]}) OR -({start}) > length({a[0]})"
    if len(a) == 3:
        outside += f" OR {a[2]} <= 0"
    return f"(CASE WHEN {a[0]} IS NULL OR {' OR '.join(f'{x} IS NULL' for x in a[1:])} THEN NULL WHEN {outside} THEN '' ELSE {taken} END)"  # noqa: E501


def _split_part(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    value = f"list_extract(string_split({a[0]}, {a[1]}), {a[2]})"
    return guard(f"{a[2]} <= 0", "INVALID_FUNCTION_ARGUMENT", "'Index must be greater than zero'", value, result)


def _pad(side: str) -> Template:
    def template(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
        empty = guard(
            f"length({a[2]}) = 0",
            "INVALID_FUNCTION_ARGUMENT",
            "'Padding string must not be empty'",
            f"{side}({a[0]}, CAST({a[1]} AS INTEGER), {a[2]})",
            result,
        )
        return guard(
            f"{a[1]} < 0 OR {a[1]} > 2147483647",
            "INVALID_FUNCTION_ARGUMENT",
            "'Target length must be in the range [0..2147483647]'",
            empty,
            result,
        )

    return template


def _strpos(a: Sequence[str], _t: Sequence[Type], _result: Type) -> str:
    if len(a) == 2:
        return f"CAST(strpos({a[0]}, {a[1]}) AS BIGINT)"
    return f"trino_strpos({a[0]}, {a[1]}, {a[2]})"


def _format(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    """Java's formatter, over the values as text and their types as a tag each."""
    refused = [x for x in types[1:] if x.inner or x.name == "varbinary"]
    if refused:
        raise unsupported(f"format of {refused[0]}")
    tags = ",".join(x.name for x in types[1:])
    values = ", ".join(_as_text(x, y) for x, y in zip(a[1:], types[1:], strict=True))
    return f"trino_format({a[0]}, '{tags}', [{values}])"


def _as_text(sql: str, kind: Type) -> str:
    match kind.name:
        case "double":
            return f"trino_double_text({sql})"
        case "decimal":
            return decimal_text(sql, kind)
        case "timestamp" | "timestamp with time zone":
            zone = f" || ' ' || {zone_text(sql, kind)}" if kind.name != "timestamp" else ""
            return f"(strftime(CAST({local(sql, kind)} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f'){zone})"
    return f"CAST({sql} AS VARCHAR)"


def _concat_ws(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    if len(types) == 2 and types[1].name == "array":
        return f"(CASE WHEN {a[0]} IS NOT NULL THEN {joined(a[1], a[0])} END)"
    return f"(CASE WHEN {a[0]} IS NOT NULL THEN concat_ws({', '.join(a)}) END)"


def _translate(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"trino_translate({a[0]}, {a[1]}, {a[2]})"


#: Type variables of the values that ``format`` takes.
_FORMATTED: Final = "ABCDEFGHIJKLMNOPQRSTU"

FUNCTIONS: Final[list[Function]] = [
    scalar(
        "chr(bigint) -> varchar",
        lambda a, _t, r: guard(
            f"{a[0]} < 0 OR {a[0]} > 1114111",
            "INVALID_FUNCTION_ARGUMENT",
            f"'Not a valid Unicode code point: ' || {a[0]}",
            f"chr(CAST({a[0]} AS INTEGER))",
            r,
        ),
    ),
    scalar(
        "codepoint(varchar) -> integer",
        lambda a, _t, r: guard(
            f"length({a[0]}) <> 1",
            "INVALID_FUNCTION_ARGUMENT",
            "'Input string must be a single character string'",
            f"unicode({a[0]})",
            r,
        ),
    ),
    scalar("concat(varchar, varchar, varchar...) -> varchar", lambda a, _t, _r: "(" + " || ".join(a) + ")"),
    scalar("concat(varbinary, varbinary...) -> varbinary", lambda a, _t, _r: "(" + " || ".join(a) + ")"),
    scalar("concat(array(T), array(T)...) -> array(T)", lambda a, _t, _r: "(" + " || ".join(a) + ")"),
    scalar("concat(array(T), T) -> array(T)", "list_append({0}, {1})"),
    scalar("concat(T, array(T)) -> array(T)", "list_prepend({0}, {1})"),
    scalar("concat_ws(varchar, array(varchar)) -> varchar", _concat_ws),
    scalar("concat_ws(varchar, varchar...) -> varchar", _concat_ws),
    *(scalar(f"format({', '.join(('varchar', *_FORMATTED[:n]))}) -> varchar", _format) for n in range(1, 21)),
    scalar("format_number(double) -> varchar", "trino_format_number({0})"),
    scalar("human_readable_seconds(double) -> varchar", "trino_human_seconds({0})"),
    scalar(
        "hamming_distance(varchar, varchar) -> bigint",
        lambda a, _t, r: guard(
            f"length({a[0]}) <> length({a[1]})",
            "INVALID_FUNCTION_ARGUMENT",
            "'The input strings to hamming_distance function must have the same length'",
            f"(CASE WHEN length({a[0]}) = 0 THEN 0 ELSE trino_hamming({a[0]}, {a[1]}) END)",
            r,
        ),
    ),
    scalar("length(varchar) -> bigint", "length({0})"),
    scalar("length(varbinary) -> bigint", "octet_length({0})"),
    scalar("char_length(varchar) -> bigint", "length({0})"),
    scalar("character_length(varchar) -> bigint", "length({0})"),
    scalar("levenshtein_distance(varchar, varchar) -> bigint", "trino_levenshtein({0}, {1})"),
    scalar("lower(varchar) -> arg0", "lower({0})"),
    scalar("upper(varchar) -> arg0", "trino_upper({0})"),
    scalar("lpad(varchar, bigint, varchar) -> varchar", _pad("lpad")),
    scalar("rpad(varchar, bigint, varchar) -> varchar", _pad("rpad")),
    *(scalar(f"{n}(varchar) -> arg0", f"trino_{n}({{0}})") for n in ("ltrim", "rtrim", "trim")),
    *(scalar(f"{n}(varchar, varchar) -> arg0", f"{n}({{0}}, {{1}})") for n in ("ltrim", "rtrim", "trim")),
    scalar("luhn_check(varchar) -> boolean", "trino_luhn({0})"),
    scalar("normalize(varchar) -> varchar", "nfc_normalize({0})"),
    scalar("replace(varchar, varchar) -> arg0", "replace({0}, {1}, '')"),
    scalar("replace(varchar, varchar, varchar) -> varchar", "trino_replace({0}, {1}, {2})"),
    scalar("reverse(varchar) -> arg0", "trino_reverse({0})"),
    scalar("reverse(varbinary) -> varbinary", "trino_reverse_binary({0})"),
    scalar("reverse(array(T)) -> array(T)", "list_reverse({0})"),
    scalar("soundex(varchar) -> varchar", "trino_soundex({0})"),
    scalar(
        "split(varchar, varchar) -> array(varchar)",
        lambda a, _t, r: guard(
            f"length({a[1]}) = 0",
            "INVALID_FUNCTION_ARGUMENT",
            "'The delimiter may not be the empty string'",
            f"string_split({a[0]}, {a[1]})",
            r,
        ),
    ),
    scalar("split(varchar, varchar, bigint) -> array(varchar)", "trino_split({0}, {1}, {2})"),
    scalar("split_part(varchar, varchar, bigint) -> arg0", _split_part),
    scalar("split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)", "trino_split_to_map({0}, {1}, {2})"),
    scalar(
        "split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))",
        "trino_split_to_multimap({0}, {1}, {2})",
    ),
    scalar("starts_with(varchar, varchar) -> boolean", "starts_with({0}, {1})"),
    scalar("strpos(varchar, varchar) -> bigint", _strpos),
    scalar("strpos(varchar, varchar, bigint) -> bigint", _strpos),
    *(scalar(f"{n}(varchar, bigint) -> arg0", _substr) for n in ("substr", "substring")),
    *(scalar(f"{n}(varchar, bigint, bigint) -> arg0", _substr) for n in ("substr", "substring")),
    *(
        scalar(f"{n}(varbinary, bigint) -> varbinary", "trino_substr_binary({0}, {1}, NULL)")
        for n in ("substr", "substring")
    ),
    *(
        scalar(f"{n}(varbinary, bigint, bigint) -> varbinary", "trino_substr_binary({0}, {1}, {2})")
        for n in ("substr", "substring")
    ),
    scalar("translate(varchar, varchar, varchar) -> varchar", _translate),
    scalar("from_utf8(varbinary) -> varchar", "trino_from_utf8({0})"),
    scalar("from_utf8(varbinary, varchar) -> varchar", "trino_from_utf8_with({0}, {1})"),
    scalar("normalize(varchar, varchar) -> varchar", "trino_normalize({0}, upper({1}))"),
    scalar("to_utf8(varchar) -> varbinary", "encode({0})"),
    *(scalar(f"{n}() -> varchar", "'admin'") for n in ("current_user",)),
    scalar("current_catalog() -> varchar", "'awsdatacatalog'"),
]
