"""Partition projection: partitions that are computed from table properties, not registered.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog.model import Table
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.tables.partitions import Partition

_PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")
_MAX_PARTITIONS: Final = 1_000_000
_UNITS: Final = {"YEARS": "years", "MONTHS": "months", "WEEKS": "weeks", "DAYS": "days", "HOURS": "hours",
                 "MINUTES": "minutes", "SECONDS": "seconds"}  # fmt: skip
_JAVA: Final = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))


def projected(table: Table, scan: p.Scan, now: datetime | None = None) -> list[Partition]:
    """The partitions that the table's properties make, before WHERE narrows them.

    Raises:
        QueryError: INVALID_TABLE_PROPERTY; CONSTRAINT_VIOLATION for an injected column without an equality.
    """
    values = [
        list(_values(table, key, scan, now or datetime.now(UTC).replace(tzinfo=None))) for key in table.partition_keys
    ]
    count = 1
    for choices in values:
        count *= len(choices)
    if count > _MAX_PARTITIONS:
        raise unsupported(f"a projection of {count} partitions (at most {_MAX_PARTITIONS}); narrow the ranges")
    template = table.parameters.get("storage.location.template") or (
        table.location + "/".join(f"{k}=${{{k}}}" for k in table.partition_keys)
    )
    named = {x.lower() for x in _PLACEHOLDER.findall(template)}
    missing = [k for k in table.partition_keys if k not in named]
    if missing:
        raise QueryError(
            "INVALID_TABLE_PROPERTY",
            f"storage.location.template of {table.database}.{table.name} has no placeholder for the partition "
            f"column {missing[0]}",
        )
    return [
        Partition(combination, _location(template, table.partition_keys, combination))
        for combination in product(*values)
    ]


def _location(template: str, keys: tuple[str, ...], values: tuple[str, ...]) -> str:
    by_key = dict(zip(keys, values, strict=True))
    template = _PLACEHOLDER.sub(lambda found: by_key.get(found.group(1).lower(), found.group()), template)
    return template if template.endswith("/") else f"{template}/"


def _values(table: Table, key: str, scan: p.Scan, now: datetime) -> Iterator[str]:
    def setting(name: str, default: str | None = None) -> str:
        value = table.parameters.get(f"projection.{key}.{name}", default)
        if value is None:
            raise QueryError(
                "INVALID_TABLE_PROPERTY", f"Table {table.database}.{table.name} needs projection.{key}.{name}"
            )
        return value

    match setting("type").lower():
        case "enum":
            yield from (v.strip() for v in setting("values").split(","))
        case "integer":
            yield from _integers(setting("range"), int(setting("interval", "1")), int(setting("digits", "0")))
        case "date":
            yield from _dates(
                setting("range"), setting("format"), setting("interval", "1"), setting("interval.unit", ""), now
            )
        case "injected":
            yield from _injected(table, key, scan)
        case other:
            raise QueryError(
                "INVALID_TABLE_PROPERTY",
                f"projection.{key}.type: expected enum, integer, date or injected, found {other!r}",
            )


def _integers(text: str, interval: int, digits: int) -> Iterator[str]:
    low, high = (int(x) for x in text.split(","))
    yield from (str(v).zfill(digits) for v in range(low, high + 1, interval))


def _dates(text: str, java_format: str, interval: str, unit: str, now: datetime) -> Iterator[str]:
    pattern = java_pattern(java_format)
    low, high = (_moment(x.strip(), pattern, now) for x in text.split(",", 1))
    step = _UNITS.get(unit.upper()) or _UNITS.get(unit.upper() + "S") or _natural_unit(java_format)
    seen, current = None, low
    while current <= high:
        value = current.strftime(pattern)
        if value != seen:
            yield value
        seen, current = value, _plus(current, int(interval), step)


def java_pattern(java_format: str) -> str:
    """SimpleDateFormat's letters as strftime's.

    Raises:
        QueryError: NOT_SUPPORTED, a letter that is not known here.
    """
    pattern = ""
    for quoted, plain in re.findall(r"'([^']*)'|([^']+)", java_format):
        for java, python in _JAVA:
            plain = plain.replace(java, python)  # noqa: PLW2901
        if re.search(r"(?<!%)[A-Za-z]", plain):
            raise unsupported(f"projection.format {java_format!r}")
        pattern += quoted.replace("%", "%%") + plain
    return pattern


def _natural_unit(java_format: str) -> str:
    return next(
        u
        for letters, u in (
            ("ss", "seconds"),
            ("mm", "minutes"),
            ("HH", "hours"),
            ("dd", "days"),
            ("MM", "months"),
            ("yyyy", "years"),
        )
        if letters in java_format
    )


def _moment(text: str, pattern: str, now: datetime) -> datetime:
    relative = re.fullmatch(r"NOW(?:\s*([+-])\s*(\d+)\s*(\w+?)S?)?", text.upper())
    if relative is None:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - dates of partitions have no zone
        except ValueError as error:
            raise QueryError("INVALID_TABLE_PROPERTY", f"projection range: {error}") from error
    sign, amount, unit = relative.groups()
    if amount is None:
        return now
    return _plus(now, int(amount) * (-1 if sign == "-" else 1), _UNITS[f"{unit}S"])


def _plus(moment: datetime, amount: int, unit: str) -> datetime:
    if unit not in {"months", "years"}:
        return moment + timedelta(**{unit: amount})
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "years" else 1)
    year, month = divmod(months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError(moment)


def _injected(table: Table, key: str, scan: p.Scan) -> list[str]:
    """The values that WHERE gives: ``key = 'constant'``, ``key IN (constants)``, or several of them with OR."""
    known = [x for x in (_equalities(condition, key, scan) for condition in scan.filters) if x is not None]
    if known:
        return [value for value in known[0] if all(value in other for other in known[1:])]
    raise QueryError(
        "CONSTRAINT_VIOLATION",
        f"For the injected projected partition column {key}, the WHERE clause must contain "
        f"only static equality conditions, and at least one such condition must be present (table {table.name}).",
    )


def _equalities(condition: p.Expr, key: str, scan: p.Scan) -> list[str] | None:
    """The constants that a condition allows the column to be; None when it says anything else."""
    if not isinstance(condition, p.Call):
        return None
    if condition.function.name == "or":
        parts = [_equalities(x, key, scan) for x in condition.args]
        return None if any(x is None for x in parts) else list(dict.fromkeys(v for x in parts for v in x or []))
    if condition.function.name not in {"=", "in"}:
        return None
    first, *rest = condition.args
    if condition.function.name == "=" and isinstance(first, p.Const):
        first, rest = rest[0], [first]
    first = first.value if isinstance(first, p.Cast) else first
    is_key = isinstance(first, p.Column) and first.relation == scan.alias and first.label == key
    if not is_key or not all(isinstance(x, p.Const) for x in rest):
        return None
    return list(dict.fromkeys(x.value for x in rest if isinstance(x, p.Const) and x.value is not None))
