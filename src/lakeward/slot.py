"""Slots: the scheduled logical time of a run.

A slot is the start of the interval whose data the run asks for, in UTC. It identifies a run for ever; the wall clock
never does. It is written ``2018-01-31T00:00Z`` for people and ``20180131T0000Z`` where colons are not allowed
(execution names, S3 keys).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Self

from lakeward.errors import SlotInvalid

Every = Literal["hour", "day"]
INTERVALS: dict[Every, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, order=True)
class Slot:
    """One interval of one dataset: [start, start + interval), UTC.

    ``start`` is an aware datetime in UTC that lies on a boundary of ``every`` (an hour or a day).
    """

    start: datetime
    every: Every = "day"

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.start.utcoffset() != timedelta(0):
            raise SlotInvalid(f"expected a slot in UTC, found {self.start.isoformat()}; write it with a Z")
        if self.start != floor(self.start, self.every):
            raise SlotInvalid(
                f"expected a slot at the start of a UTC {self.every}, found {self.start.isoformat()}; "
                f"the slot that holds this instant is {floor(self.start, self.every).isoformat()}"
            )

    @classmethod
    def parse(cls, text: str, every: Every) -> Self:
        """Read ``2018-01-31``, ``2018-01-31T00:00Z``, ``20180131T0000Z`` or full ISO 8601 with an offset.

        Raises:
            SlotInvalid: not such a text, no offset where a time is given, or not on a boundary of ``every``.
        """
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise SlotInvalid(f"expected a slot such as 2018-01-31 or 2018-01-31T00:00Z, found {text!r}") from None
        if instant.tzinfo is None:
            if "T" in text or " " in text:
                raise SlotInvalid(f"expected a slot with an offset, found {text!r}; write {text}Z if it is UTC")
            instant = instant.replace(tzinfo=UTC)
        return cls(instant.astimezone(UTC), every)

    @classmethod
    def before(cls, instant: datetime, every: Every) -> Self:
        """The last interval that is wholly over at ``instant`` (aware)."""
        return cls(floor(instant.astimezone(UTC), every) - INTERVALS[every], every)

    @property
    def end(self) -> datetime:
        """The first instant after the slot."""
        return self.start + INTERVALS[self.every]

    @property
    def key(self) -> str:
        """The form without colons, for execution names and S3 keys: ``20180131T0000Z``."""
        return self.start.strftime("%Y%m%dT%H%MZ")

    def __str__(self) -> str:
        return self.start.strftime("%Y-%m-%dT%H:%MZ")

    def until(self, last: "Slot") -> list["Slot"]:
        """All slots from this one to ``last``, both included, oldest first.

        Raises:
            SlotInvalid: ``last`` lies before this slot.
        """
        if last.start < self.start:
            raise SlotInvalid(f"expected --to at or after --from ({self}), found {last}")
        step = INTERVALS[self.every]
        count = (last.start - self.start) // step + 1
        return [Slot(self.start + step * i, self.every) for i in range(count)]


def floor(instant: datetime, every: Every) -> datetime:
    """The start of the UTC hour or day that holds ``instant``."""
    midnight_or_hour = instant.replace(minute=0, second=0, microsecond=0)
    return midnight_or_hour if every == "hour" else midnight_or_hour.replace(hour=0)
