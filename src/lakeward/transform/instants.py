"""Days and instants as SQL: from ISO 8601, from formats, from counts since 1970, in a zone or with an offset.

Every expression of an instant is a TIMESTAMP in UTC.
"""

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from lakeward.contract import Column
from lakeward.contract.formats import Format, parse_format
from lakeward.transform.leaf import Leaf, let, quote

EARLIEST_SECONDS, LATEST_SECONDS = -62_135_596_800, 253_402_300_799  # 0001-01-01T00:00:00Z, 9999-12-31T23:59:59Z
EARLIEST_DAYS, LATEST_DAYS = EARLIEST_SECONDS // 86_400, LATEST_SECONDS // 86_400
CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
OFFSET = r"[+-](?:(?:0\d|1[0-7])(?::?[0-5]\d)?|18(?::?00)?)"
"""To 18 hours either way, as far as any clock has been from UTC and more; DuckDB itself takes +99:99."""
INSTANT = rf"^\d{{4}}-\d{{2}}-\d{{2}}[T ]{CLOCK}(Z|{OFFSET})$"
LOCAL = rf"^\d{{4}}-\d{{2}}-\d{{2}}[T ]{CLOCK}$"
DAY = r"^\d{4}-\d{2}-\d{2}$"


def iso_day(leaf: Leaf) -> str:
    """SQL of the day that a text such as 2018-01-31 is."""
    day = f"TRY_CAST({leaf.text} AS DATE)"
    return leaf.when(
        "'VARCHAR'", f"CASE WHEN regexp_full_match({leaf.text}, '{DAY}') AND {day} >= DATE '0001-01-01' THEN {day} END"
    )


def formatted_day(column: Column, leaf: Leaf) -> str:
    """SQL of the day that a text in one of the column's formats is."""
    ways = []
    for written in map(parse_format, column.formats or ()):
        day = f"CAST({_parsed(written, leaf)} AS DATE)"
        ways.append(f"CASE WHEN {_fits(written, leaf)} AND {day} >= DATE '0001-01-01' THEN {day} END")
    return leaf.when("'VARCHAR'", f"coalesce({', '.join(ways)})")


def iso_instant(column: Column, leaf: Leaf) -> str:
    """SQL of the instant that an ISO 8601 text is; one without an offset is a time in the column's zone."""
    cases = f"WHEN regexp_full_match({leaf.text}, '{INSTANT}') THEN {instant_of(leaf.text)}"
    if column.zone is not None:
        local = in_zone(f"TRY_CAST({leaf.text} AS TIMESTAMP)", column.zone, column.repeated)
        cases += f" WHEN regexp_full_match({leaf.text}, '{LOCAL}') THEN {let('utc', local, within('utc'))}"
    return leaf.when("'VARCHAR'", f"CASE {cases} END")


def instant_of(text: str) -> str:
    """SQL of the instant that a text of the pattern ``INSTANT`` is. DuckDB takes no offset after minutes: 12:00Z."""
    whole = f"CASE substring({text}, 17, 1) WHEN ':' THEN {text} ELSE {text}[:16] || ':00' || {text}[17:] END"
    return within(f"CAST(TRY_CAST({whole} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)")


def formatted_instant(column: Column, leaf: Leaf) -> str:
    """SQL of the instant that a text in one of the column's formats is."""
    ways = []
    for written in map(parse_format, column.formats or ()):
        if written.zulu is None:
            ways.append((written, in_zone(_parsed(written, leaf), column.zone or "UTC", column.repeated)))
        else:
            ways.append((written, f"({_parsed(written, leaf)} AT TIME ZONE 'UTC')"))
            ways.append((written.zulu, _parsed(written.zulu, leaf)))
    fitting = [f"CASE WHEN {_fits(written, leaf)} THEN {instant} END" for written, instant in ways]
    return leaf.when("'VARCHAR'", let("utc", f"coalesce({', '.join(fitting)})", within("utc")))


def since_1970(whole: str, per_second: int) -> str:
    """SQL of the instant so many parts of a second after 1970-01-01T00:00Z.

    Args:
        whole: SQL of a BIGINT.
        per_second: parts in a second: 1, 1,000 or 1,000,000.
    """
    low, high = EARLIEST_SECONDS * per_second, LATEST_SECONDS * per_second + per_second - 1
    return f"CASE WHEN {whole} BETWEEN {low} AND {high} THEN make_timestamp({whole} * {1_000_000 // per_second}) END"


def days_since_1970(whole: str) -> str:
    """SQL of the day so many days after 1970-01-01."""
    day = f"DATE '1970-01-01' + CAST({whole} AS INTEGER)"
    return f"CASE WHEN {whole} BETWEEN {EARLIEST_DAYS} AND {LATEST_DAYS} THEN {day} END"


def in_zone(local: str, zone: str, repeated: str) -> str:
    """SQL of the instant at which a zone's clocks show a time; NULL when they skip it.

    DuckDB takes the later instant of a time that is shown twice and moves one that is skipped; both are found out by
    going back and forth.

    Args:
        local: SQL of a TIMESTAMP.
        zone: IANA name.
        repeated: what a time is that clocks show twice: ``refuse`` (NULL), ``earlier`` or ``later``.
    """
    if zone == "UTC":
        return local
    again = [(f"instant {sign} INTERVAL {minutes} MINUTE", sign) for minutes in overlaps(zone) for sign in "-+"]
    same = [(instant, f"timezone('{zone}', {instant}) = shown", sign) for instant, sign in again]
    if repeated == "refuse":
        cases = [f"WHEN {' OR '.join(is_same for _, is_same, _ in same)} THEN NULL"] if same else []
    else:
        wanted = "-" if repeated == "earlier" else "+"
        cases = [f"WHEN {is_same} THEN {instant}" for instant, is_same, sign in same if sign == wanted]
    chosen = f"CASE {' '.join(cases)} ELSE instant END" if cases else "instant"
    found = f"CASE WHEN timezone('{zone}', instant) = shown THEN timezone('UTC', {chosen}) END"
    return let("shown", local, let("instant", f"timezone('{zone}', shown)", found))


@cache
def overlaps(zone: str) -> tuple[int, ...]:
    """By how many minutes a zone's clocks were ever set back, 1900 to 2100: an hour nearly everywhere."""
    clock, week = ZoneInfo(zone), timedelta(days=7)
    found, at = set(), datetime(1900, 1, 1)  # noqa: DTZ001 -- a time that clocks show
    offset = clock.utcoffset(at)
    while at.year < 2100:
        at += week
        following = clock.utcoffset(at)
        if offset is not None and following is not None and following < offset:
            found.add(round((offset - following).total_seconds() / 60))
        offset = following
    return tuple(sorted(found - {0}))


def _parsed(written: Format, leaf: Leaf) -> str:
    return f"try_strptime({leaf.text}, '{quote(written.text)}')"


def _fits(written: Format, leaf: Leaf) -> str:
    return f"regexp_full_match({leaf.text}, '{quote(written.pattern)}')"


def within(instant: str) -> str:
    """SQL: the instant, if it lies in the years 1 to 9999."""
    return f"CASE WHEN {instant} >= TIMESTAMP '0001-01-01' AND {instant} < TIMESTAMP '10000-01-01' THEN {instant} END"
