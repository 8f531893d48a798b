"""336,776 flights by way of a replayed service, raw, Iceberg and marts: every row is there, once, and right."""

from calendar import monthrange

import pytest
from flights_year_by_hand import Row
from flights_year_world import KILLED_AFTER, YearDeployed, columns, rows

pytestmark = [pytest.mark.long, pytest.mark.hour, pytest.mark.timeout(4 * 3600)]
MARTS = ("flights_enriched", "daily_routes", "carrier_months")
MONTHS = [[f"2013-{month:02}-{day:02}" for day in range(1, monthrange(2013, month)[1] + 1)] for month in range(1, 13)]


def asked(year: YearDeployed, sql: str) -> list[Row]:
    """What Athena answers, sorted."""
    return rows(year.deployed.clients, sql)


def test_every_record_of_every_day_is_accounted_for(year: YearDeployed) -> None:
    for name, of_day in (("flights", year.by_hand.flights), ("weather", year.by_hand.weather)):
        entries = year.ledger(name)
        assert [str(entry.slot)[:10] for entry in entries] == year.by_hand.days
        assert {entry.status for entry in entries} == {"SUCCEEDED"}
        for entry in entries:
            facts = entry.facts
            records = len(of_day.get(str(entry.slot)[:10], []))
            assert facts["records_in"] == records
            assert facts["written"] + facts["quarantined"] + facts["deduplicated"] == records
    assert sum(entry.facts["written"] for entry in year.ledger("flights")) == 336_776
    assert sum(entry.facts["written"] for entry in year.ledger("weather")) == 26_115


def test_each_day_came_in_pages(year: YearDeployed) -> None:
    keys = year.deployed.objects_named("raw", "flights/")
    pages = [key for key in keys if "/page-" in key and "/attempt-01/" in key]

    assert len(pages) == sum(year.by_hand.pages(day) for day in year.by_hand.days)


def test_each_day_and_carrier_has_its_flights_once(year: YearDeployed) -> None:
    counted: dict[tuple[str, str], int] = {}
    for day, flights in year.by_hand.flights.items():
        for flight in flights:
            counted[day, flight["carrier"]] = counted.get((day, flight["carrier"]), 0) + 1

    found = asked(
        year,
        "SELECT flight_date, carrier, count(*) AS n, count(DISTINCT (flight, origin)) AS keys "
        "FROM flights GROUP BY flight_date, carrier",
    )

    assert found == sorted(((day, carrier, str(n), str(n)) for (day, carrier), n in counted.items()), key=str)


@pytest.mark.parametrize("days", MONTHS, ids=[days[0][:7] for days in MONTHS])
def test_every_row_of_the_marts_by_day_is_as_computed_by_hand(year: YearDeployed, days: list[str]) -> None:
    between = f"WHERE flight_date BETWEEN DATE '{days[0]}' AND DATE '{days[-1]}'"

    flights = asked(year, f"SELECT {columns('flights_enriched')} FROM flights_enriched {between}")
    routes = asked(year, f"SELECT {columns('daily_routes')} FROM daily_routes {between}")

    assert flights == year.by_hand.enriched(days)
    assert routes == year.by_hand.routes(days)


def test_every_row_of_the_months_is_as_computed_by_hand(year: YearDeployed) -> None:
    found = asked(year, f"SELECT {columns('carrier_months')} FROM carrier_months")

    assert found == year.by_hand.months(year.by_hand.days)


def test_what_the_lists_and_the_weather_lack_is_what_the_package_lacks(year: YearDeployed) -> None:
    found = asked(
        year,
        "SELECT count_if(airline IS NULL) AS a, count_if(destination_name IS NULL) AS b, "
        "count_if(manufacturer IS NULL) AS c FROM flights_enriched",
    )
    no_weather = asked(
        year,
        "SELECT count(*) AS n FROM flights f LEFT JOIN weather w "
        "ON w.origin = f.origin AND w.observed_at = f.scheduled_hour_at WHERE w.origin IS NULL",
    )

    assert year.by_hand.gaps() == (0, 7_602, 52_606, 1_556)
    assert found == [("0", "7602", "52606")]
    assert no_weather == [("1556",)]


def test_a_backfill_that_was_killed_went_on_and_ran_nothing_twice(year: YearDeployed) -> None:
    now = {entry.slot: entry for entry in year.ledger("flights")}

    assert KILLED_AFTER <= len(year.before_it_was_killed) < 365
    assert [now[entry.slot] for entry in year.before_it_was_killed] == year.before_it_was_killed


def test_days_that_are_run_again_change_nothing(year: YearDeployed) -> None:
    before = versions(year)

    done = year.deployed.lakeward("run", "flights", "--from", "2013-06-28", "--to", "2013-07-02", "--again")
    same = year.deployed.lakeward("backfill", "flights", "--from", "2013-01-01", "--to", "2013-12-31")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" ran ") == 5
    assert (same.returncode, same.stdout.splitlines()[0]) == (0, "flights: 365 slots, 365 done before")
    assert versions(year) == before
    assert asked(year, "SELECT count(*) AS n FROM flights") == [("336776",)]


def versions(year: YearDeployed) -> dict[str, str]:
    """The version of every table in the catalog: a commit makes a new one."""
    marts = {mart: year.deployed.table_version("marts", mart) for mart in MARTS}
    return {**marts, "flights": year.deployed.table_version("curated", "flights_v1")}
