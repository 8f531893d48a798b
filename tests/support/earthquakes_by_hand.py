"""What the end-to-end queries of earthquakes must answer, computed from the recorded file by plain Python alone.

Nothing of Lakeward and no SQL engine is used here: these results are what the pipeline is held to. Run this file to
write ``datasets/earthquakes/queries/*.expected.json`` anew.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from math import floor
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "datasets" / "earthquakes"
SAMPLE = FOLDER / "sample" / "usgs_earthquakes_2018-02.geojson.gz"
NOTE = "Computed from the recorded sample by plain Python: tests/support/earthquakes_by_hand.py"

Event = dict[str, Any]
Result = tuple[dict[str, str], list[list[Any]]]
"""Column names with Athena's types, and rows of Python values."""

COLUMNS: dict[str, str] = {
    "id": "varchar",
    "event_date": "date",
    "occurred_at": "timestamp",
    "updated_at": "timestamp",
    "event_type": "varchar",
    "magnitude": "double",
    "magnitude_type": "varchar",
    "longitude": "double",
    "latitude": "double",
    "depth_km": "double",
    "place": "varchar",
    "status": "varchar",
    "tsunami": "integer",
    "significance": "integer",
    "felt_reports": "integer",
    "reported_intensity": "double",
    "instrumental_intensity": "double",
    "alert_level": "varchar",
    "network": "varchar",
    "network_code": "varchar",
    "station_count": "integer",
    "nearest_station_degrees": "double",
    "azimuthal_gap_degrees": "double",
    "travel_time_residual_seconds": "double",
    "title": "varchar",
    "details_url": "varchar",
}


def events() -> list[Event]:
    """Every event of the sample, with the names that readers see. The sample holds each event once."""
    return [event(feature) for feature in json.loads(gzip.decompress(SAMPLE.read_bytes()))["features"]]


def event(feature: dict[str, Any]) -> Event:
    """One feature of the file as one row of the view."""
    said, (longitude, latitude, depth_km) = feature["properties"], feature["geometry"]["coordinates"]
    occurred_at = instant(said["time"])
    return {
        "id": feature["id"],
        "event_date": occurred_at.date(),
        "occurred_at": occurred_at,
        "updated_at": instant(said["updated"]),
        "event_type": said["type"],
        "magnitude": number(said["mag"]),
        "magnitude_type": said["magType"],
        "longitude": number(longitude),
        "latitude": number(latitude),
        "depth_km": number(depth_km),
        "place": said["place"],
        "status": said["status"],
        "tsunami": said["tsunami"],
        "significance": said["sig"],
        "felt_reports": said["felt"],
        "reported_intensity": number(said["cdi"]),
        "instrumental_intensity": number(said["mmi"]),
        "alert_level": said["alert"],
        "network": said["net"],
        "network_code": said["code"],
        "station_count": said["nst"],
        "nearest_station_degrees": number(said["dmin"]),
        "azimuthal_gap_degrees": number(said["gap"]),
        "travel_time_residual_seconds": number(said["rms"]),
        "title": said["title"],
        "details_url": said["url"],
    }


def instant(millis: int) -> datetime:
    """Milliseconds since 1970 as a UTC wall time."""
    return datetime(1970, 1, 1) + timedelta(milliseconds=millis)


def number(value: float | None) -> float | None:
    """JSON writes 2 and 2.0 alike; the column is a double."""
    return None if value is None else float(value)


def rendered(value: Any) -> str | None:
    """A value as Athena renders it in GetQueryResults."""
    match value:
        case None:
            return None
        case datetime():
            return value.isoformat(sep=" ", timespec="milliseconds")
        case float():
            return rendered_double(value)
        case _:
            return str(value)


def rendered_double(value: float) -> str:
    """Java's Double.toString, which Athena uses: plain from 0.001 to below 10,000,000, else with an exponent."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0")
    power = len(digits) - 1 + int(exponent)
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def strongest_first(rows: Iterable[Event]) -> list[Event]:
    """By magnitude downwards, then by id. Every event of the sample has a magnitude."""
    return sorted(rows, key=lambda e: (-e["magnitude"], e["id"]))


def between(rows: list[Event], first: str, end: str) -> list[Event]:
    """Events from ``first`` to before ``end``, in time."""
    low, high = datetime.fromisoformat(first), datetime.fromisoformat(end)
    return sorted((e for e in rows if low <= e["occurred_at"] < high), key=lambda e: (e["occurred_at"], e["id"]))


def picked(rows: Iterable[Event], *names: str) -> Result:
    """Some columns of whole events."""
    return {name: COLUMNS[name] for name in names}, [[e[name] for name in names] for e in rows]


def total_events(rows: list[Event]) -> Result:
    days, ids = {e["event_date"] for e in rows}, {e["id"] for e in rows}
    return {"events": "bigint", "ids": "bigint", "days": "bigint"}, [[len(rows), len(ids), len(days)]]


def events_by_day_and_type(rows: list[Event]) -> Result:
    counts = Counter((e["event_date"], e["event_type"]) for e in rows)
    columns = {"event_date": "date", "event_type": "varchar", "events": "bigint"}
    return columns, [[day, kind, counts[day, kind]] for day, kind in sorted(counts)]


def magnitude_extremes(rows: list[Event]) -> Result:
    measured = [e["magnitude"] for e in rows if e["magnitude"] is not None]
    columns = {"smallest": "double", "greatest": "double", "measured": "bigint"}
    return columns, [[min(measured), max(measured), len(measured)]]


def hour_of_the_strongest_event(rows: list[Event]) -> Result:
    return picked(between(rows, "2018-02-06 15:50:42.400", "2018-02-06 16:50:42.400"), *COLUMNS)


def events_around_midnight(rows: list[Event]) -> Result:
    found = between(rows, "2018-02-04 23:53:00.450", "2018-02-05 00:30:00.000")
    return picked(found, "id", "event_date", "occurred_at", "updated_at")


def strongest_events(rows: list[Event]) -> Result:
    names = ("id", "event_type", "magnitude", "magnitude_type", "occurred_at", "place")
    return picked(strongest_first(rows)[:5], *names)


def strongest_event_of_each_day(rows: list[Event]) -> Result:
    days = sorted({e["event_date"] for e in rows})
    first = (strongest_first(e for e in rows if e["event_date"] == day)[0] for day in days)
    return picked(first, "event_date", "id", "magnitude", "depth_km")


def keys_are_unique(rows: list[Event]) -> Result:
    times = Counter(e["id"] for e in rows)
    return {"id": "varchar", "times": "bigint"}, [[key, n] for key, n in sorted(times.items()) if n > 1]


def quarantine_is_empty(_rows: list[Event]) -> Result:
    """Every record of the sample keeps the contract's rules; ``test_earthquakes_by_hand`` looks at each."""
    columns = {"slot_date": "date", "page": "varchar", "position": "bigint"}
    return {**columns, "column_name": "varchar", "rule": "varchar", "reason": "varchar"}, []


def null_counts(rows: list[Event]) -> Result:
    return dict.fromkeys(COLUMNS, "bigint"), [[sum(e[name] is None for e in rows) for name in COLUMNS]]


def events_by_network(rows: list[Event]) -> Result:
    columns = dict.fromkeys(("events", "reviewed", "significance"), "bigint")
    found = []
    for network in {e["network"] for e in rows}:
        own = [e for e in rows if e["network"] == network]
        reviewed = sum(e["status"] == "reviewed" for e in own)
        stations = [e["station_count"] for e in own if e["station_count"] is not None]
        significance = sum(e["significance"] for e in own)
        found.append([network, len(own), reviewed, significance, max(stations, default=None)])
    return {"network": "varchar", **columns, "most_stations": "integer"}, sorted(found, key=lambda r: (-r[1], r[0]))


def events_by_whole_magnitude(rows: list[Event]) -> Result:
    columns = {"whole_magnitude": "integer", "events": "bigint", "shallowest_km": "double", "deepest_km": "double"}
    found = []
    for whole in sorted({floor(e["magnitude"]) for e in rows}):
        depths = [e["depth_km"] for e in rows if floor(e["magnitude"]) == whole]
        found.append([whole, len(depths), min(depths), max(depths)])
    return columns, found


def revisions(rows: list[Event]) -> Result:
    revised = [e["updated_at"] for e in rows]
    later = sum(e["updated_at"].date() > e["event_date"] for e in rows)
    columns = {"first_revision": "timestamp", "last_revision": "timestamp", "revised_on_a_later_day": "bigint"}
    return columns, [[min(revised), max(revised), later]]


QUERIES: tuple[Callable[[list[Event]], Result], ...] = (
    total_events,
    events_by_day_and_type,
    magnitude_extremes,
    hour_of_the_strongest_event,
    events_around_midnight,
    strongest_events,
    strongest_event_of_each_day,
    keys_are_unique,
    quarantine_is_empty,
    null_counts,
    events_by_network,
    events_by_whole_magnitude,
    revisions,
)


def expected_files() -> dict[str, dict[str, Any]]:
    """Every expected file by its name, as the JSON value that it holds."""
    rows, files = events(), {}
    for query in QUERIES:
        columns, found = query(rows)
        files[f"{query.__name__}.expected.json"] = {
            "note": NOTE,
            "columns": [{"name": name, "type": kind} for name, kind in columns.items()],
            "rows": [[rendered(value) for value in row] for row in found],
        }
    return files


def text_of(expected: dict[str, Any]) -> str:
    """A file's text: a line for each column and each row."""

    def lines(items: list[Any]) -> str:
        return ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in items)

    rows = f"[\n{lines(expected['rows'])}\n  ]" if expected["rows"] else "[]"
    columns = f"[\n{lines(expected['columns'])}\n  ]"
    return f'{{\n  "note": {json.dumps(expected["note"])},\n  "columns": {columns},\n  "rows": {rows}\n}}\n'


if __name__ == "__main__":
    for name, expected in expected_files().items():
        (FOLDER / "queries" / name).write_text(text_of(expected), encoding="utf-8")
