"""json_value, json_query, json_exists, json_table, json_object and json_array.

https://trino.io/docs/current/functions/json.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from lakeward_local.athena.native.json_path import Items, PathFailure, items_of
from lakeward_local.athena.native.jsons import castable_text, dump, dump_parsed, load
from lakeward_local.athena.native.kit import Native, NativeError, native

_EMPTY: Final = {"null": None, "empty_array": "[]", "empty_object": "{}"}


def _items(
    text: str, path: str, names: Sequence[str], values: Sequence[str | None], function: str
) -> Items | NativeError:
    """What a path finds, or the error that ON ERROR is about; an invalid path fails at once."""
    variables = {n: None if v is None else load(v) for n, v in zip(names, values, strict=True)}
    try:
        return items_of(text, path, variables)
    except PathFailure as failure:
        return NativeError("PATH_EVALUATION_ERROR", f"path evaluation failed in {function}: {failure}")
    except NativeError as error:
        if "JSON_INPUT_CONVERSION_ERROR" in str(error):
            return error
        raise


def _exists(text: str, path: str, names: Sequence[str], values: Sequence[str | None], on_error: str) -> bool | None:
    found = _items(text, path, names, values, "json_exists")
    if isinstance(found, NativeError):
        if on_error == "error":
            raise found
        return {"true": True, "unknown": None}.get(on_error, False)
    return bool(found)


def _value(
    text: str, path: str, names: Sequence[str], values: Sequence[str | None], target: str
) -> tuple[str, str | None]:
    """``value``, ``empty`` or ``error``, and the scalar's text for a cast to ``target`` or the error's."""
    found = _items(text, path, names, values, "json_value")
    if isinstance(found, NativeError):
        return "error", str(found)
    if not found:
        return "empty", None
    if len(found) > 1 or isinstance(found[0], (dict, list)):
        what = "multiple items" if len(found) > 1 else "non-scalar item"
        return "error", str(
            NativeError("JSON_VALUE_RESULT_ERROR", f"cannot extract SQL scalar from JSON: JSON path found {what}")
        )
    return "value", castable_text(found[0], target)


def value_state(text: str, path: str, names: list[str], values: list[str | None], target: str) -> dict[str, str | None]:
    state, value = _value(text, path, names, values, target)
    return {"f0": state, "f1": value}


def value_text(text: str, path: str, names: list[str], values: list[str | None], handlers: str) -> str | None:
    """The scalar's text; ``handlers`` are what ON EMPTY and ON ERROR do, null or error, and the type that is wanted."""
    on_empty, on_error, target = handlers.split(" ")
    state, value = _value(text, path, names, values, target)
    if state == "error" and on_error == "error":
        raise ValueError(value)
    if state == "empty" and on_empty == "error":
        raise NativeError("JSON_VALUE_RESULT_ERROR", "cannot extract SQL scalar from JSON: JSON path found no items")
    return value if state == "value" else None


def _query(text: str, path: str, names: list[str], values: list[str | None], options: str) -> str | None:
    """``options`` are the wrapper, the quotes, ON EMPTY and ON ERROR, with blanks between."""
    wrapper, quotes, on_empty, on_error = options.split(" ")
    found = _items(text, path, names, values, "json_query")
    if isinstance(found, list) and not found:
        if on_empty == "error":
            raise NativeError("JSON_QUERY_RESULT_ERROR", "cannot extract JSON from JSON: JSON path found no items")
        return _EMPTY[on_empty]
    if isinstance(found, list) and wrapper == "without" and len(found) > 1:
        found = NativeError("JSON_QUERY_RESULT_ERROR", "cannot extract JSON from JSON: JSON path found multiple items")
    if isinstance(found, NativeError):
        if on_error == "error":
            raise found
        return _EMPTY[on_error]
    if wrapper == "always" or (wrapper == "conditional" and (len(found) > 1 or not isinstance(found[0], (dict, list)))):
        return dump_parsed(found)
    return _unquoted(found[0]) if quotes == "omit" else dump_parsed(found[0])


def _unquoted(item: Any) -> str:
    return item if type(item) is str else dump_parsed(item)


def _object(keys: list[str | None], values: list[str | None], absent: bool, unique: bool) -> str:
    if any(key is None for key in keys):
        raise NativeError("INVALID_FUNCTION_ARGUMENT", "null value passed for JSON object key to JSON_OBJECT function")
    pairs = [(str(k), v) for k, v in zip(keys, values, strict=True) if v is not None or not absent]
    if unique and len({k for k, _ in pairs}) < len(pairs):
        raise NativeError("INVALID_FUNCTION_ARGUMENT", "duplicate key passed to JSON_OBJECT function")
    return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{v or 'null'}" for k, v in dict(pairs).items()) + "}"


def _array(values: list[str | None], absent: bool) -> str:
    return "[" + ",".join(v or "null" for v in values if v is not None or not absent) + "]"


def _formatted(text: str) -> str:
    try:
        return dump_parsed(load(text))
    except (ValueError, RecursionError) as error:
        raise NativeError("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ") from error


def _table(text: str, path: str, columns: str, on_error: str) -> list[list[str | None]]:
    """The rows of json_table; a cell is text, or NULL."""
    found = _items(text, path, [], [], "json_table")
    if isinstance(found, NativeError):
        if on_error == "error":
            raise found
        return []
    return _rows(found, json.loads(columns))


def _rows(items: Items, columns: list[dict[str, Any]]) -> list[list[str | None]]:
    """Each item's own cells with the rows of its nested paths; nested paths stand side by side, one after the other."""
    rows = []
    for number, item in enumerate(items, 1):
        own: list[list[str | None]] = [_cells(item, number, c) for c in columns]
        nested = [at for at, c in enumerate(columns) if c["kind"] == "nested"]
        made = []
        for at in nested:
            inner = _items(dump(item), columns[at]["path"], [], [], "json_table")
            made += [
                [x for i, cells in enumerate(own) for x in (row if i == at else cells)]
                for row in _rows(inner if isinstance(inner, list) else [], columns[at]["columns"])
            ]
        rows += made or [[x for cells in own for x in cells]]
    return rows


def _cells(item: Any, number: int, column: dict[str, Any]) -> list[str | None]:
    text = dump(item)
    match column["kind"]:
        case "ordinality":
            return [str(number)]
        case "nested":
            return [None] * _width(column["columns"])
        case "exists":
            found = _exists(text, column["path"], [], [], "false")
            return [str(found).lower()]
        case "query":
            return [_query(text, column["path"], [], [], column["options"])]
    state, value = _value(text, column["path"], [], [], column["type"])
    if state == "value":
        return [value]
    handler = column["empty" if state == "empty" else "error"]
    if handler == "error":
        raise (
            ValueError(value)
            if state == "error"
            else NativeError("JSON_VALUE_RESULT_ERROR", "cannot extract SQL scalar from JSON: JSON path found no items")
        )
    return [column["empty_default" if state == "empty" else "error_default"] if handler == "default" else None]


def _width(columns: list[dict[str, Any]]) -> int:
    return sum(_width(c["columns"]) if c["kind"] == "nested" else 1 for c in columns)


NATIVES: Final[list[Native]] = [
    native("json_exists", _exists, "VARCHAR VARCHAR VARCHAR[] VARCHAR[] VARCHAR", "BOOLEAN", optional=True),
    native("json_value", value_text, "VARCHAR VARCHAR VARCHAR[] VARCHAR[] VARCHAR", "VARCHAR", optional=True),
    native(
        "json_value_state", value_state, "VARCHAR VARCHAR VARCHAR[] VARCHAR[] VARCHAR", "STRUCT(f0 VARCHAR, f1 VARCHAR)"
    ),
    native("json_query", _query, "VARCHAR VARCHAR VARCHAR[] VARCHAR[] VARCHAR", "VARCHAR", optional=True),
    native("json_object", _object, "VARCHAR[] VARCHAR[] BOOLEAN BOOLEAN", "VARCHAR"),
    native("json_array", _array, "VARCHAR[] BOOLEAN", "VARCHAR"),
    native("json_formatted", _formatted, "VARCHAR", "VARCHAR"),
    native("json_table", _table, "VARCHAR VARCHAR VARCHAR VARCHAR", "VARCHAR[][]"),
]
