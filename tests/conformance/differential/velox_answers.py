"""Answers calls with PyVelox; runs in .venv-pyvelox, where this project is not installed.

In: one call a line, ``{"velox": expression over c0, c1..., "types": [...], "args": [...]}``. Out: a line for each,
``{"ok": value}`` or ``{"error": text}``. ``--functions`` prints the names that PyVelox has.
"""

import json
import os
import sys
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyvelox
from canonical import canonical

_ARROW = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "timestamp(3)": pa.timestamp("us"),
}


def _arrow(kind: str) -> pa.DataType:
    if kind.startswith("array("):
        return pa.list_(_arrow(kind[6:-1]))
    if kind.startswith("map("):
        key, value = kind[4:-1].split(", ", 1)
        return pa.map_(_arrow(key), _arrow(value))
    return _ARROW[kind]


def _value(value: Any, kind: str) -> Any:  # noqa: PLR0911 - one kind a line
    if value is None:
        return None
    if kind.startswith("array("):
        return [_value(x, kind[6:-1]) for x in value]
    if kind.startswith("map("):
        key, inner = kind[4:-1].split(", ", 1)
        return [(_value(k, key), _value(v, inner)) for k, v in value]
    match kind:
        case "double" | "real":
            return float(value)
        case "varbinary":
            return bytes.fromhex(value)
        case "date":
            return date.fromisoformat(value)
        case "timestamp(3)":
            return datetime.fromisoformat(value)
    return value


def answer(call: dict[str, Any]) -> dict[str, Any]:
    """What PyVelox answers to one call."""
    columns = [
        pyvelox.import_from_arrow(pa.array([_value(v, k)], _arrow(k)))
        for k, v in zip(call["types"], call["args"], strict=True)
    ]
    try:
        names = [f"c{i}" for i in range(len(columns))]
        if not columns:  # an expression needs a row to be computed for
            names, columns = ["c0"], [pyvelox.import_from_arrow(pa.array([0]))]
        found = pyvelox.Expression.from_string(call["velox"]).evaluate(names, columns)
        return {"ok": canonical(pyvelox.export_to_arrow(found))}
    except (RuntimeError, ValueError, TypeError, pa.ArrowException) as error:
        return {"error": " ".join(str(error).split())}


def _say(found: Any) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def main() -> None:
    if sys.argv[1:] == ["--functions"]:
        _say(sorted(pyvelox.get_function_signatures()))
    else:
        for line in sys.stdin:
            _say(answer(json.loads(line)))
    os._exit(0)  # PyVelox 0.2.0 aborts when the interpreter takes it down


if __name__ == "__main__":
    main()
