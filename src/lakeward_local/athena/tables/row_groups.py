"""Which row groups of a Parquet file a query reads: those whose statistics leave room for a row that it wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from lakeward_local.athena.analysis import plan as p


@dataclass(frozen=True)
class RowGroup:
    """The compressed bytes of each top-level column, and the least and greatest value where the file says them."""

    column_bytes: Mapping[str, int]
    bounds: Mapping[str, tuple[Any, Any]]


def row_groups(metadata: Any) -> tuple[RowGroup, ...]:
    """The row groups of PyArrow's FileMetaData; names in lower case."""
    return tuple(_row_group(metadata.row_group(at)) for at in range(metadata.num_row_groups))


def _row_group(group: Any) -> RowGroup:
    sizes: dict[str, int] = {}
    bounds: dict[str, tuple[Any, Any]] = {}
    for at in range(group.num_columns):
        column = group.column(at)
        name, *nested = column.path_in_schema.lower().split(".")
        sizes[name] = sizes.get(name, 0) + column.total_compressed_size
        if not nested and column.is_stats_set and column.statistics.has_min_max:
            bounds[name] = (column.statistics.min, column.statistics.max)
    return RowGroup(sizes, bounds)


def scanned_bytes(groups: Sequence[RowGroup], scan: p.Scan) -> int:
    """The bytes of the columns that a scan uses, in the row groups that its conditions leave."""
    return sum(
        sum(size for name, size in group.column_bytes.items() if name in scan.used)
        for group in groups
        if all(_may_hold(condition, group, scan) for condition in scan.filters)
    )


def _may_hold(condition: p.Expr, group: RowGroup, scan: p.Scan) -> bool:
    """False only when no row of the group can satisfy the condition."""
    if not isinstance(condition, p.Call) or not condition.args:
        return True
    operator, args = condition.function.name, condition.args
    if operator in _FLIPPED and isinstance(args[0], p.Const):
        operator, args = _FLIPPED[operator], (args[1], args[0])
    column, *values = args
    if not isinstance(column, p.Column) or column.relation != scan.alias or column.label not in group.bounds:
        return True
    test, constants = _TESTS.get(operator), [_constant(x) for x in values]
    if test is None or any(x is None for x in constants):
        return True
    low, high = group.bounds[column.label]
    if any(type(x) is not type(low) for x in constants):
        return True
    return test(low, high, constants)


_FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
_TESTS: Final[dict[str, Callable[[Any, Any, list[Any]], bool]]] = {
    "=": lambda low, high, x: low <= x[0] <= high, "<": lambda low, _high, x: low < x[0],
    "<=": lambda low, _high, x: low <= x[0], ">": lambda _low, high, x: high > x[0],
    ">=": lambda _low, high, x: high >= x[0], "in": lambda low, high, x: any(low <= v <= high for v in x),
    "between": lambda low, high, x: low <= x[1] and high >= x[0],
}  # fmt: skip


def _constant(value: p.Expr) -> Any:
    """A constant as PyArrow shows statistics of its type, None when it is none."""
    if not isinstance(value, p.Const) or value.value is None:
        return None
    reader = _READERS.get(value.type.name)
    try:
        return reader(value.value) if reader is not None else None
    except (ValueError, ArithmeticError):
        return None


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "tinyint": int, "smallint": int, "integer": int, "bigint": int, "double": float, "varchar": str,
    "date": date.fromisoformat, "timestamp": datetime.fromisoformat, "decimal": Decimal,
}  # fmt: skip
