"""The SQL/JSON functions. https://trino.io/docs/current/functions/json.html"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.conversions import can_cast, coerce
from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.functions import catalogue
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.native.json_path import parsed
from lakeward_local.athena.native.kit import NativeError
from lakeward_local.athena.syntax import nodes as n

_TEXTS = t.array(t.VARCHAR)


def json_path(
    node: n.JsonPath, value: p.Expr, passed: Sequence[tuple[str, p.Expr, bool]], defaults: Mapping[str, p.Expr]
) -> p.Expr:
    """json_value, json_query or json_exists, with its options as constants.

    Raises:
        QueryError: TYPE_MISMATCH; INVALID_PATH.
    """
    _check_path(node.path, node.at)
    names = p.Call(_TEXTS, op.ARRAY, tuple(_text(name) for name, _, _ in passed))
    values = p.Call(_TEXTS, op.ARRAY, tuple(_as_json(x, formatted, node.at) for _, x, formatted in passed))
    given = (_input(value, node.at), _text(node.path), names, values)
    options = [name for name, _ in node.options]
    if node.function == "json_exists":
        on_error = next((name.split("_")[0] for name in options if name.endswith("on_error")), "false")
        return p.Call(t.BOOLEAN, op.JSON_EXISTS, (*given, _text(on_error)))
    if node.function == "json_query":
        return p.Call(t.VARCHAR, op.JSON_QUERY, (*given, _text(_query_options(options))))
    target = t.parse_type(node.returning) if node.returning else t.VARCHAR
    on_empty, on_error = _handler(options, "on_empty"), _handler(options, "on_error")
    if defaults:
        return _with_defaults(given, target, on_empty, on_error, defaults, node.at)
    found = p.Call(t.VARCHAR, op.JSON_VALUE, (*given, _text(f"{on_empty} {on_error} {target.name}")))
    return found if target == t.VARCHAR else p.Cast(target, found, safe=on_error == "null")


def _with_defaults(
    given: tuple[p.Expr, ...],
    target: t.Type,
    on_empty: str,
    on_error: str,
    defaults: Mapping[str, p.Expr],
    at: Position,
) -> p.Expr:
    """What was found, or what the function is to answer instead; what does not convert is an error too."""
    state = p.Call(t.row([(None, t.VARCHAR), (None, t.VARCHAR)]), op.JSON_VALUE_STATE, (*given, _text(target.name)))
    kind, text = (p.Call(t.VARCHAR, op.field_access(i), (state,)) for i in (0, 1))

    def instead(handler: str, which: str) -> p.Expr:
        if handler == "default":
            value = defaults[f"default_{which}"]
            if not t.can_coerce(value.type, target):
                raise QueryError("TYPE_MISMATCH", f"Function json_value default result must be of type {target}", at)
            return coerce(value, target)
        if handler == "error":
            failing = p.Call(t.VARCHAR, op.JSON_VALUE, (*given, _text(f"error error {target.name}")))
            return p.Cast(target, failing) if target != t.VARCHAR else failing
        return p.Const(target, None)

    def equals(word: str) -> p.Expr:
        return p.Call(t.BOOLEAN, op.comparison("="), (kind, _text(word)))

    found = text if target == t.VARCHAR else p.Cast(target, text, safe=on_error != "error")
    cases = [equals("empty"), instead(on_empty, "on_empty"), equals("error"), instead(on_error, "on_error")]
    if on_error == "default" and target != t.VARCHAR:
        is_null = (p.Call(t.BOOLEAN, op.IS_NULL, (x,)) for x in (text, found))
        has_text, has_none = p.Call(t.BOOLEAN, op.NOT, (next(is_null),)), next(is_null)
        cases += [p.Call(t.BOOLEAN, op.AND, (has_text, has_none)), instead(on_error, "on_error")]
    return p.Call(target, op.CASE, (*cases, found))


def json_constructor(node: n.JsonConstructor, members: Sequence[tuple[p.Expr | None, p.Expr, bool]]) -> p.Expr:
    """json_object or json_array."""
    values = p.Call(_TEXTS, op.ARRAY, tuple(_as_json(value, formatted, node.at) for _, value, formatted in members))
    absent = p.Const(t.BOOLEAN, str(node.absent_on_null).lower())
    if node.function == "json_array":
        return p.Call(t.VARCHAR, op.JSON_ARRAY, (values, absent))
    for key, _, _ in members:
        if key is not None and not key.type.is_text and key.type != t.UNKNOWN:
            raise QueryError("INVALID_FUNCTION_ARGUMENT", f"Invalid type of JSON object key: {key.type}", node.at)
    keys = p.Call(_TEXTS, op.ARRAY, tuple(coerce(key, t.VARCHAR) for key, _, _ in members if key is not None))
    unique = p.Const(t.BOOLEAN, str(node.unique_keys).lower())
    return p.Call(t.VARCHAR, op.JSON_OBJECT, (keys, values, absent, unique))


def json_table(node: n.JsonTable, value: p.Expr) -> tuple[p.Expr, list[tuple[str, t.Type]]]:
    """The rows of JSON_TABLE as an array of rows, and the columns' names and types."""
    _check_path(node.path, node.at)
    columns = list(_flat(node.columns))
    kinds = [t.parse_type(c.type) for c in columns]
    spec = _text(json.dumps([_spec(c) for c in node.columns]))
    cells = p.Call(
        t.array(_TEXTS), op.JSON_TABLE, (_input(value, node.at), _text(node.path), spec, _text(node.on_error))
    )
    cell = p.Variable(_TEXTS, "_cells")
    found = []
    for at, (column, kind) in enumerate(zip(columns, kinds, strict=True), 1):
        text = p.Call(t.VARCHAR, op.SUBSCRIPT_ARRAY, (cell, p.Const(t.BIGINT, str(at))))
        strict = ("error_on_error", None) in column.options
        found.append(text if kind == t.VARCHAR else p.Cast(kind, text, safe=not strict))
    row = t.row([(c.name, kind) for c, kind in zip(columns, kinds, strict=True)])
    body = p.Lambda(t.Type("function", (_TEXTS, row)), ("_cells",), p.Call(row, op.ROW, tuple(found)))
    transform = catalogue.by_name()["transform"][0]
    return p.Call(t.array(row), transform, (cells, body)), [(c.name, k) for c, k in zip(columns, kinds, strict=True)]


def _flat(columns: Sequence[n.JsonColumn]) -> list[n.JsonColumn]:
    return [x for c in columns for x in (_flat(c.columns) if c.kind == "nested" else [c])]


def _spec(column: n.JsonColumn) -> dict[str, Any]:
    """A column as the native function reads it."""
    if column.kind == "nested":
        _check_path(column.path, column.at)
        return {"kind": "nested", "path": column.path, "columns": [_spec(c) for c in column.columns]}
    if column.kind == "ordinality":
        return {"kind": "ordinality"}
    _check_path(column.path, column.at)
    names = [name for name, _ in column.options]
    kind = t.parse_type(column.type).name
    found = {"kind": column.kind, "path": column.path, "type": kind, "options": _query_options(names)}
    for which in ("empty", "error"):
        found[which] = _handler(names, f"on_{which}")
        default = dict(column.options).get(f"default_on_{which}")
        if default is not None and not isinstance(default, n.Literal):
            raise unsupported("DEFAULT of JSON_TABLE that is no constant", column.at)
        found[f"{which}_default"] = default.value if isinstance(default, n.Literal) else None  # type: ignore[assignment]
    return found


def _check_path(path: str, at: Position) -> None:
    try:
        parsed(path)
    except NativeError as error:
        raise QueryError("INVALID_PATH", f"invalid JSON path: {path}", at) from error


def _input(value: p.Expr, at: Position) -> p.Expr:
    if not value.type.is_text and value.type not in (t.JSON, t.UNKNOWN):
        raise QueryError("TYPE_MISMATCH", f"Cannot read input of type {value.type} as JSON using formatting JSON", at)
    if value.type == t.JSON:
        return p.Call(t.VARCHAR, catalogue.by_name()["json_format"][0], (value,))
    return coerce(value, t.VARCHAR) if value.type.name in {"varchar", "unknown"} else p.Cast(t.VARCHAR, value)


def _as_json(value: p.Expr, formatted: bool, at: Position) -> p.Expr:
    """A value as JSON text; SQL NULL stays NULL."""
    if formatted:
        return p.Call(t.VARCHAR, op.JSON_FORMATTED, (_input(value, at),))
    if value.type == t.JSON:
        return _input(value, at)
    if not can_cast(value.type, t.JSON):  # what JSON has no form of is passed as its text
        value = p.Cast(t.VARCHAR, value)
    return _input(p.Cast(t.JSON, value), at) if value.type != t.UNKNOWN else p.Const(t.VARCHAR, None)


def _query_options(options: Sequence[str]) -> str:
    """Wrapper, quotes, ON EMPTY, ON ERROR."""
    wrapper = next((name for name in options if name.endswith("wrapper")), "without")
    kind = "without" if wrapper.startswith("without") else "conditional" if "conditional" in wrapper else "always"
    quotes = "omit" if any(name.startswith("omit_quotes") for name in options) else "keep"
    return f"{kind} {quotes} {_handler(options, 'on_empty')} {_handler(options, 'on_error')}"


def _handler(options: Sequence[str], which: str) -> str:
    found = next((name.removesuffix(f"_{which}") for name in options if name.endswith(which)), "null")
    return {"empty": "empty_array"}.get(found, found)


def _text(value: str) -> p.Const:
    return p.Const(t.VARCHAR, value)
