"""json_value, json_query, json_exists. https://trino.io/docs/current/functions/json.html"""

from __future__ import annotations

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.syntax import nodes as n


def json_path(node: n.JsonPath, value: p.Expr) -> p.Expr:
    """The call with its options as constants."""
    if not value.type.is_text and value.type not in (t.JSON, t.UNKNOWN):
        raise QueryError(
            "TYPE_MISMATCH", f"Cannot read input of type {value.type} as JSON using formatting JSON", node.at
        )
    text = p.Cast(t.VARCHAR, value) if value.type != t.VARCHAR else value
    options = dict(node.options)
    path = _text(node.path)
    if node.function == "json_exists":
        on_error = next((name.split("_")[0] for name in options if name.endswith("on_error")), "false")
        return p.Call(t.BOOLEAN, op.JSON_EXISTS, (text, path, _text(on_error)))
    on_empty, on_error = _handler(options, "on_empty"), _handler(options, "on_error")
    if node.function == "json_query":
        wrapper = next((w for name in options if name.endswith("wrapper") for w in (_wrapper(name),)), "without")
        if any("quotes" in name for name in options) or any(x not in {"null", "error"} for x in (on_empty, on_error)):
            raise unsupported("these options of json_query", node.at)
        return p.Call(t.VARCHAR, op.JSON_QUERY, (text, path, _text(wrapper), _text(on_empty), _text(on_error)))
    if any(x not in {"null", "error"} for x in (on_empty, on_error)):
        raise unsupported("DEFAULT ... ON EMPTY/ERROR of json_value", node.at)
    found: p.Expr = p.Call(t.VARCHAR, op.JSON_VALUE, (text, path, _text(on_empty), _text(on_error)))
    target = t.parse_type(node.returning) if node.returning else t.VARCHAR
    return found if target == t.VARCHAR else p.Cast(target, found, safe=on_error == "null")


def _handler(options: dict[str, n.Expression | None], which: str) -> str:
    return next((name.removesuffix(f"_{which}") for name in options if name.endswith(which)), "null")


def _wrapper(name: str) -> str:
    if name.startswith("without"):
        return "without"
    return "conditional" if "conditional" in name else "always"


def _text(value: str) -> p.Const:
    return p.Const(t.VARCHAR, value)
