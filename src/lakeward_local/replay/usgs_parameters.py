"""The parameters of the event service that are imitated: what they accept, what they keep, how they order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lakeward_local.replay.model import Question, Record

MAX_RECORDS = 20_000
"""The service answers no more events than this at once."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Keep = Callable[[Record], bool]


@dataclass(frozen=True)
class Parameters:
    """A question's parameters, understood."""

    filters: tuple[Keep, ...]
    order: str
    limit: int | None
    offset: int
    """Of the first event, counted from 1."""
    status_of_nothing: int
    """204, or 404 when ``nodata=404`` was given."""

    @classmethod
    def parse(cls, question: Question, method: str) -> "Parameters":
        """Understand the parameters of ``query`` or ``count``.

        Raises:
            ValueError: with the text that the service would answer.
        """
        names = [name for name, _ in question.parameters]
        for name in names:
            if name not in _FILTERS and name not in _OTHERS:
                raise ValueError(f'Unknown parameter "{name}".')
            if names.count(name) > 1:
                raise ValueError(f'Parameter "{name}" may not be specified more than once.')
        if question.get("format") not in _FORMATS[method]:
            raise ValueError(f'Bad format value "{question.get("format")}". The replay server speaks geojson.')
        limit = question.get("limit")
        return cls(
            filters=tuple(_FILTERS[name](name, value) for name, value in question.parameters if name in _FILTERS),
            order=_one_of("orderby", question.get("orderby") or "time", tuple(_ORDERS)),
            limit=None if limit is None else _integer("limit", limit, 1, MAX_RECORDS),
            offset=_integer("offset", question.get("offset") or "1", 1, None),
            status_of_nothing=int(_one_of("nodata", question.get("nodata") or "204", ("204", "404"))),
        )

    def select(self, records: Iterable[Record]) -> list[Record]:
        """The records that every filter keeps, in order; events of one instant are ordered by id."""
        key, reverse = _ORDERS[self.order]
        return sorted((r for r in records if all(keep(r) for keep in self.filters)), key=key, reverse=reverse)


def _times(compare: Callable[[int, int], bool], member: str) -> Callable[[str, str], Keep]:
    def of(name: str, value: str) -> Keep:
        bound = _microseconds(name, value)
        return lambda record: compare(record.value["properties"][member] * 1000, bound)

    return of


def _magnitudes(compare: Callable[[float, float], bool]) -> Callable[[str, str], Keep]:
    def of(name: str, value: str) -> Keep:
        try:
            bound = float(value)
        except ValueError as error:
            raise ValueError(f'Bad {name} value "{value}". Valid values are numeric.') from error
        return lambda record: (mag := record.value["properties"]["mag"]) is not None and compare(mag, bound)

    return of


def _event_types(_name: str, value: str) -> Keep:
    return lambda record: bool(record.value["properties"]["type"] == value)


def _microseconds(name: str, value: str) -> int:
    """Microseconds since 1970 of an ISO 8601 instant, which is UTC when it has no offset."""
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f'Bad {name} value "{value}". Valid values are ISO-8601 timestamps.') from error
    return ((instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def _integer(name: str, value: str, least: int, most: int | None) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < least or (most is not None and int(value) > most):
        valid = f"{least} or more" if most is None else f"{least} to {most}"
        raise ValueError(f'Bad {name} value "{value}". Valid values are integers, {valid}.')
    return int(value)


def _one_of(name: str, value: str, valid: tuple[str, ...]) -> str:
    if value not in valid:
        raise ValueError(f'Bad {name} value "{value}". Valid values are: {", ".join(valid)}.')
    return value


def _by_time(record: Record) -> tuple[int, str]:
    return record.value["properties"]["time"], record.value["id"]


def _by_magnitude(record: Record) -> tuple[float, int, str]:
    magnitude = record.value["properties"]["mag"]
    return float("-inf") if magnitude is None else magnitude, *_by_time(record)


_FILTERS: dict[str, Callable[[str, str], Keep]] = {
    "starttime": _times(lambda time, bound: time >= bound, "time"),
    "endtime": _times(lambda time, bound: time <= bound, "time"),
    "updatedafter": _times(lambda updated, bound: updated > bound, "updated"),
    "minmagnitude": _magnitudes(lambda mag, bound: mag >= bound),
    "maxmagnitude": _magnitudes(lambda mag, bound: mag <= bound),
    "eventtype": _event_types,
}
_OTHERS = frozenset({"format", "orderby", "limit", "offset", "nodata"})
_FORMATS: dict[str, frozenset[str | None]] = {
    "query": frozenset({"geojson"}),
    "count": frozenset({"geojson", "text", None}),
}
_ORDERS: dict[str, tuple[Callable[[Record], tuple[float | str, ...]], bool]] = {
    "time": (_by_time, True),
    "time-asc": (_by_time, False),
    "magnitude": (_by_magnitude, True),
    "magnitude-asc": (_by_magnitude, False),
}
