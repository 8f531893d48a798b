"""What the end-to-end queries of the flights' datasets must answer, computed from their samples by plain Python.

python tests/support/flights_by_hand.py     writes the expected results into the datasets' folders
"""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DATASETS = Path(__file__).parents[2] / "datasets"
NOTE = (
    "Computed from the samples by plain Python: tests/support/flights_by_hand.py. "
    "It holds once the slots of report.yaml ran."
)
DAYS = ("2013-03-08", "2013-03-09", "2013-03-10")
Line = dict[str, str]
Result = tuple[list[tuple[str, str]], list[list[str | None]]]
"""Names and types of the columns, and the rows."""


def sample(name: str) -> list[Line]:
    """Every line of a sample; with its local day where it has one."""
    with gzip.open(DATASETS / name / "sample" / f"{name}.csv.gz", "rt", newline="") as text:
        return [line | day_of(line) for line in csv.DictReader(text)]


def day_of(line: Line) -> Line:
    """The local day of a flight or of an hour of weather."""
    return {"on": f"{line['year']}-{line['month']:0>2}-{line['day']:0>2}"} if "month" in line else {}


def by(lines: list[Line], *keys: str) -> list[tuple[tuple[str, ...], list[Line]]]:
    """Groups in the order of their keys, ``NA`` last, as Athena orders NULL."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[tuple(line[key] for key in keys)].append(line)
    return sorted(groups.items(), key=lambda group: [(value == "NA", value) for value in group[0]])


def of_days(name: str) -> list[Line]:
    """The lines of the days whose slots are run."""
    return [line for line in sample(name) if line["on"] in DAYS]


def instant(text: str) -> str:
    """``2013-03-10T09:00:00Z`` as Athena writes it."""
    return text.replace("T", " ").replace("Z", ".000")


def airlines_listed() -> Result:
    """All airlines."""
    rows: list[list[str | None]] = [[a["carrier"], a["name"]] for a in sample("airlines")]
    return [("carrier", "varchar"), ("name", "varchar")], sorted(rows, key=str)


def airports_by_time_zone() -> Result:
    """Airports by zone."""
    types = [("time_zone", "varchar"), ("airports", "bigint"), ("codes", "bigint"), ("highest_feet", "integer")]
    rows: list[list[str | None]] = [
        [
            None if zone == "NA" else zone,
            str(len(a)),
            str(len({x["faa"] for x in a})),
            str(max(int(x["alt"]) for x in a)),
        ]
        for (zone,), a in by(sample("airports"), "tzone")
    ]
    return types, rows


def planes_by_engine() -> Result:
    """Planes by engine."""
    types = [("engine", "varchar"), ("planes", "bigint"), ("seats", "bigint"), ("without_year", "bigint")]
    rows: list[list[str | None]] = [
        [engine, str(len(p)), str(sum(int(x["seats"]) for x in p)), str(sum(x["year"] == "NA" for x in p))]
        for (engine,), p in by(sample("planes"), "engine")
    ]
    return types, rows


def hours_by_day() -> Result:
    """Hours of weather a day and airport."""
    types = [("observed_on", "date"), ("origin", "varchar"), ("hours", "bigint"), ("instants", "bigint")]
    rows: list[list[str | None]] = []
    for (day, origin), hours in by(of_days("weather"), "on", "origin"):
        instants = sorted({instant(hour["time_hour"]) for hour in hours})
        rows.append([day, origin, str(len(hours)), str(len(instants)), instants[0], instants[-1]])
    return [*types, ("first_hour", "timestamp"), ("last_hour", "timestamp")], rows


def flights_by_day() -> Result:
    """What became of the flights."""
    names = ("flights", "cancelled", "not_arrived_as_planned", "late", "miles")
    rows: list[list[str | None]] = []
    for (day,), flights in by(of_days("flights"), "on"):
        gone = [f for f in flights if f["dep_time"] != "NA"]
        rows.append(
            [
                day,
                str(len(flights)),
                str(len(flights) - len(gone)),
                str(sum(f["arr_delay"] == "NA" for f in gone)),
                str(sum(int(f["dep_delay"]) >= 15 for f in gone)),
                str(sum(int(f["distance"]) for f in flights)),
            ]
        )
    return [("flight_date", "date"), *((name, "bigint") for name in names)], rows


def flights_past_midnight() -> Result:
    """Late flights whose clock went back."""
    types = [("flight_date", "date"), ("departed_next_day", "bigint"), ("arrived_past_midnight", "bigint")]
    rows: list[list[str | None]] = []
    for (day,), flights in by(of_days("flights"), "on"):
        hours = sorted(instant(f["time_hour"]) for f in flights)
        rows.append([day, _behind(flights, "dep"), _behind(flights, "arr"), hours[0], hours[-1]])
    return [*types, ("first_hour", "timestamp"), ("last_hour", "timestamp")], rows


def _behind(flights: list[Line], what: str) -> str:
    known = [f for f in flights if f[f"{what}_time"] != "NA" and f[f"{what}_delay"] != "NA"]
    return str(
        sum(int(f[f"{what}_time"]) < int(f[f"sched_{what}_time"]) and int(f[f"{what}_delay"]) > 0 for f in known)
    )


def keys_are_unique() -> Result:
    """Flights, and distinct keys."""
    flights = of_days("flights")
    keys = {(f["on"], f["carrier"], f["flight"], f["origin"]) for f in flights}
    numbers = {key[:3] for key in keys}
    return [(name, "bigint") for name in ("flights", "keys", "numbers")], [
        [str(len(x)) for x in (flights, keys, numbers)]
    ]


def arrival(flight: Line, airports: dict[str, Line]) -> tuple[datetime, datetime | None]:
    """Scheduled departure and arrival as instants; no arrival where the zone of the destination is not known."""
    hour = datetime.fromisoformat(flight["time_hour"])
    departure = hour + timedelta(minutes=int(flight["sched_dep_time"]) % 100)
    zone = airports.get(flight["dest"], {}).get("tzone", "NA")
    if zone == "NA":
        return departure, None
    there = departure.astimezone(ZoneInfo(zone))
    clock = int(flight["sched_arr_time"])
    shown = there.replace(hour=clock // 100, minute=clock % 100)
    if shown.replace(tzinfo=None) <= there.replace(tzinfo=None):
        shown += timedelta(days=1)  # on the clock, not in hours
    return departure, shown.astimezone(UTC)


def enriched_by_day() -> Result:
    """Flights with what they refer to."""
    airlines, planes = (
        {line[key] for line in sample(name)} for name, key in (("airlines", "carrier"), ("planes", "tailnum"))
    )
    airports = {line["faa"]: line for line in sample("airports")}
    wet = {(w["origin"], w["time_hour"]) for w in sample("weather") if w["precip"] != "NA" and float(w["precip"]) > 0}
    rows: list[list[str | None]] = []
    for (day,), flights in by(of_days("flights"), "on"):
        times = [(f, *arrival(f, airports)) for f in flights]
        minutes = sum((landing - start).total_seconds() / 60 for _, start, landing in times if landing is not None)
        departed = [start + timedelta(minutes=int(f["dep_delay"])) for f, start, _ in times if f["dep_delay"] != "NA"]
        arrived = [a + timedelta(minutes=int(f["arr_delay"])) for f, _, a in times if a and f["arr_delay"] != "NA"]
        rows.append(
            [
                day,
                str(len(flights)),
                str(sum(f["carrier"] not in airlines for f in flights)),
                str(sum(f["tailnum"] not in planes for f in flights)),
                str(sum(f["dest"] not in airports for f in flights)),
                str(sum((f["origin"], f["time_hour"]) in wet for f in flights)),
                f"{minutes:.0f}",
                f"{min(departed):%Y-%m-%d %H:%M:%S}.000",
                f"{max(arrived):%Y-%m-%d %H:%M:%S}.000",
            ]
        )
    counts = ("flights", "without_airline", "without_plane", "without_airport", "in_the_wet", "scheduled_minutes")
    times_of = [("first_departure", "timestamp"), ("last_arrival", "timestamp")]
    return [("flight_date", "date"), *((name, "bigint") for name in counts), *times_of], rows


def routes_by_carrier() -> Result:
    """What airlines flew."""
    seats = {plane["tailnum"]: int(plane["seats"]) for plane in sample("planes")}
    names = {airline["carrier"]: airline["name"] for airline in sample("airlines")}
    rows: list[list[str | None]] = []
    for (carrier,), flights in by(of_days("flights"), "carrier"):
        gone = [f for f in flights if f["dep_time"] != "NA"]
        late = sum(max(int(f["arr_delay"]), 0) for f in gone if f["arr_delay"] != "NA")
        figures = (
            len(flights),
            len(flights) - len(gone),
            sum(f["tailnum"] not in seats for f in gone),
            sum(seats.get(f["tailnum"], 0) for f in gone),
            sum(seats.get(f["tailnum"], 0) * int(f["distance"]) for f in gone),
            late,
        )
        rows.append([carrier, names[carrier], *map(str, figures), f"{late * 100}.00"])
    counts = ("flights", "cancelled", "seats_not_known", "seats_flown", "seat_miles", "delay_minutes")
    texts = [("carrier", "varchar"), ("airline", "varchar")]
    return [*texts, *((name, "bigint") for name in counts), ("delay_cost_usd", "decimal")], rows


def months_are_their_days() -> Result:
    """Nothing differs."""
    return [("months_that_differ", "bigint")], [["0"]]


RESULTS: dict[str, dict[str, Callable[[], Result]]] = {
    "airlines": {"airlines_listed": airlines_listed},
    "airports": {"airports_by_time_zone": airports_by_time_zone},
    "planes": {"planes_by_engine": planes_by_engine},
    "weather": {"hours_by_day": hours_by_day},
    "flights": {
        "flights_by_day": flights_by_day,
        "flights_past_midnight": flights_past_midnight,
        "keys_are_unique": keys_are_unique,
        "enriched_by_day": enriched_by_day,
        "routes_by_carrier": routes_by_carrier,
        "months_are_their_days": months_are_their_days,
    },
}


def expected(dataset: str, query: str) -> dict[str, Any]:
    """The content of an expected result's file."""
    types, rows = RESULTS[dataset][query]()
    return {"note": NOTE, "columns": [{"name": name, "type": kind} for name, kind in types], "rows": rows}


def main() -> None:
    """Write every result."""
    for dataset, queries in RESULTS.items():
        for query in queries:
            path = DATASETS / dataset / "queries" / f"{query}.expected.json"
            path.write_text(json.dumps(expected(dataset, query), indent=2) + "\n")


if __name__ == "__main__":
    main()
