"""What the native functions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lakeward_local.athena.functions.sql import MARK_END, MARK_START


class NativeError(ValueError):
    """A failure inside DuckDB that carries its Trino name through DuckDB's error text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{MARK_START}{code}: {message}{MARK_END}")


def invalid(message: str) -> NativeError:
    return NativeError("INVALID_FUNCTION_ARGUMENT", message)


@dataclass(frozen=True)
class Native:
    """One Python function registered in DuckDB.

    Attributes:
        params: DuckDB types of the arguments.
        nulls: when true the function is called with None; else any NULL argument answers NULL.
        optional: whether the answer may be None although no argument was.
    """

    name: str
    body: Callable[..., Any]
    params: tuple[str, ...]
    returns: str
    nulls: bool = False
    optional: bool = False

    @property
    def registered(self) -> Callable[..., Any]:
        """The function as DuckDB gets it: only a function that is called with None may answer None."""
        body = self.body
        if not self.optional:
            return body
        match len(self.params):
            case 1:
                return lambda a: None if a is None else body(a)
            case 2:
                return lambda a, b: None if a is None or b is None else body(a, b)
            case 3:
                return lambda a, b, c: None if a is None or b is None or c is None else body(a, b, c)
            case 4:
                return lambda a, b, c, d: None if any(x is None for x in (a, b, c, d)) else body(a, b, c, d)
        return lambda a, b, c, d, e: None if any(x is None for x in (a, b, c, d, e)) else body(a, b, c, d, e)


def native(
    name: str, body: Callable[..., Any], params: str, returns: str, *, nulls: bool = False, optional: bool = False
) -> Native:
    """A row of a table; ``params`` is space-separated."""
    return Native(f"trino_{name}", body, tuple(params.split()), returns, nulls, optional)
