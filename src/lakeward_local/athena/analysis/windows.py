"""Windows: what a named one adds to another, and which frames there may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import Position, QueryError
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.syntax import nodes as n


def named_windows(windows: tuple[tuple[str, n.Window], ...], at: Position) -> dict[str, n.Window]:
    """The windows of a WINDOW clause; each may refer to those before it, also when nothing uses it.

    Raises:
        QueryError: DUPLICATE_WINDOW_NAME and what ``resolved_window`` raises.
    """
    found: dict[str, n.Window] = {}
    for name, window in windows:
        if name in found:
            raise QueryError("DUPLICATE_WINDOW_NAME", f"WINDOW name '{name}' specified more than once", at)
        found[name] = resolved_window(window, found, window.at)
    return found


def resolved_window(window: n.Window, named: Mapping[str, n.Window], at: Position) -> n.Window:
    """A window with the named one it refers to filled in.

    Raises:
        QueryError: INVALID_WINDOW_REFERENCE, INVALID_PARTITION_BY, INVALID_ORDER_BY.
    """
    if window.name is None:
        return window
    base = named.get(window.name)
    if base is None:
        raise QueryError("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {window.name}", at)
    if not window.partition_by and not window.order_by and window.frame is None and not window.bracketed:
        return base
    if window.partition_by:
        message = "WINDOW specification with named WINDOW reference cannot specify PARTITION BY"
        raise QueryError("INVALID_PARTITION_BY", message, at)
    if window.order_by and base.order_by:
        message = "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY"
        raise QueryError("INVALID_ORDER_BY", message, at)
    if base.frame is not None:
        message = "Cannot reference named WINDOW containing frame specification"
        raise QueryError("INVALID_WINDOW_REFERENCE", message, at)
    order_by = window.order_by or base.order_by
    return n.Window(None, base.partition_by, order_by, window.frame, window.start, window.end, at=window.at)


_BOUNDS: Final = ("unbounded_preceding", "preceding", "current", "following", "unbounded_following")


def check_frame(window: n.Window, at: Position) -> None:
    """A frame ends no earlier than it starts, and values count from one ORDER BY key."""
    if window.frame is None or window.start is None:
        return
    start, end = window.start, window.end or n.FrameBound("current")
    if start.kind == "unbounded_following":
        raise QueryError("INVALID_WINDOW_FRAME", "Window frame start cannot be UNBOUNDED FOLLOWING", at)
    if end.kind == "unbounded_preceding":
        raise QueryError("INVALID_WINDOW_FRAME", "Window frame end cannot be UNBOUNDED PRECEDING", at)
    if _BOUNDS.index(start.kind) > _BOUNDS.index(end.kind):
        raise QueryError(
            "INVALID_WINDOW_FRAME",
            f"Window frame starting from {start.kind.replace('_', ' ').upper()} cannot end with "
            f"{end.kind.replace('_', ' ').upper()}",
            at,
        )
    has_values = start.value is not None or end.value is not None
    if window.frame in {"range", "groups"} and has_values and not window.order_by:
        raise QueryError("MISSING_ORDER_BY", f"Window frame of type {window.frame.upper()} requires ORDER BY", at)
    if window.frame == "range" and has_values and len(window.order_by) != 1:
        raise QueryError(
            "INVALID_ORDER_BY", "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item", at
        )
    for bound in (start, end):
        if (
            isinstance(bound.value, n.Unary)
            and bound.value.operator == "-"
            and isinstance(bound.value.value, n.Literal)
        ):
            raise QueryError(
                "INVALID_WINDOW_FRAME",
                f"Window frame {'starting' if bound is start else 'ending'} offset must not be negative",
                at,
            )


def check_bounds(
    window: n.Window, order_by: tuple[p.Sort, ...], bounds: tuple[p.Bound | None, ...], at: Position
) -> None:
    """ROWS and GROUPS count by whole numbers; RANGE adds a value to what is sorted by.

    Raises:
        QueryError: TYPE_MISMATCH.
    """
    for value in (b.value for b in bounds if b is not None and b.value is not None):
        if window.frame in {"rows", "groups"}:
            if not value.type.is_exact or value.type.numbers[1:] not in {(), (0,)}:
                raise QueryError(
                    "TYPE_MISMATCH",
                    f"Window frame {(window.frame or '').upper()} value type must be exact numeric type with scale 0 "
                    f"(actual {value.type})",
                    at,
                )
            continue
        key = order_by[0].value.type
        if not key.is_numeric and not key.is_datetime and not key.is_interval and key.name != "time":
            raise QueryError(
                "TYPE_MISMATCH",
                "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime "
                f"or interval (actual: {key})",
                at,
            )
        if op.arithmetic_type("+", key, value.type) is None:
            raise QueryError(
                "TYPE_MISMATCH",
                f"Window frame RANGE value type ({value.type}) not compatible with sort item type ({key})",
                at,
            )
