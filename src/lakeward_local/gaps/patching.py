"""How a gap reaches into MiniStack: refuse loudly when it is not the MiniStack that the gap was written for."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

from lakeward_local.errors import MiniStackChanged

Function = Callable[..., Any]


def replace(module: ModuleType, name: str, wrap: Callable[[Function], Function]) -> None:
    """Put ``wrap(original)`` in the place of a module's function.

    Raises:
        MiniStackChanged: the module has no such function.
    """
    original = getattr(module, name, None)
    if not callable(original):
        raise MiniStackChanged(
            f"expected {module.__name__}.{name} to be a function, found {original!r}: "
            "this release of MiniStack is not the one that the gaps were written for"
        )
    setattr(module, name, wrap(original))


def replace_text(module: ModuleType, name: str, old: str, new: str) -> None:
    """Replace one piece of a script that a module holds as text.

    Raises:
        MiniStackChanged: the piece is not there exactly once.
    """
    text = getattr(module, name)
    if text.count(old) != 1:
        raise MiniStackChanged(
            f"expected {module.__name__}.{name} to hold {old!r} once, found it {text.count(old)} times: "
            "this release of MiniStack is not the one that the gaps were written for"
        )
    setattr(module, name, text.replace(old, new))


def ok(answer: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """An answer of a JSON service, in MiniStack's form."""
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer, default=str).encode()


def refuse(code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    """A refusal of a JSON service, in MiniStack's form."""
    body = {"__type": code, "message": message}
    return 400, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, json.dumps(body).encode()


def replace_entry(module: ModuleType, name: str, key: str, value: Function) -> None:
    """Put a handler into a table of a module.

    Raises:
        MiniStackChanged: the module has no such table.
    """
    table = getattr(module, name, None)
    if not isinstance(table, dict):
        raise MiniStackChanged(
            f"expected {module.__name__}.{name} to be a table of handlers, found {table!r}: "
            "this release of MiniStack is not the one that the gaps were written for"
        )
    table[key] = value
