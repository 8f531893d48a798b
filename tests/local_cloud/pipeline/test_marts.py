"""Marts through the deployed state machine: one that fails, the way on, a rerun, and data that comes late."""

import pytest
from deployed_world import Deployed

DAY = "2013-11-03"
MARTS = ("flights_enriched", "daily_routes", "carrier_months")
UNKNOWN = {"fault": {"kind": "change_record", "id": "UA 322 EWR", "set": {"carrier": "ZZ"}}}
NAMED = {"fault": {"kind": "change_record", "id": "9E", "set": {"carrier": "ZZ", "name": "Zephyr"}}}


def rows(deployed: Deployed, mart: str) -> int:
    """Rows of a mart on the day."""
    (row,) = deployed.sql(f"SELECT count(*) AS n FROM {mart} WHERE flight_date = DATE '{DAY}'")
    return int(row["n"])


def versions(deployed: Deployed) -> dict[str, str]:
    """The version of each mart's table in the catalog: a commit makes a new one."""
    return {mart: deployed.table_version("marts", mart) for mart in MARTS}


def run(deployed: Deployed, dataset: str, day: str, *options: str) -> int:
    """Run one slot; the command's exit code."""
    return deployed.lakeward("run", dataset, "--slot", day, *options).returncode


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_mart_that_fails_stays_as_it_was_and_is_built_when_its_run_goes_on(lying: Deployed) -> None:
    assert [run(lying, name, "2013-03-08") for name in ("airlines", "airports", "planes")] == [0, 0, 0]
    before = versions(lying)
    lying.lie({"match": {"path": "*/flights"}, **UNKNOWN})

    failed = lying.lakeward("run", "flights", "--slot", DAY)

    assert failed.returncode == 1
    assert "mart daily_routes, slot 2013-11-03T00:00Z: expected a value of airline in every row" in failed.stderr
    states = lying.states("flights-20131103T0000Z")
    assert states[-5:] == ["Marts", "MartsFailed", "RecordFailure", "Alert", "Failed"]
    assert states.count("QueryMart") == 2
    (alert,) = lying.alerts()
    assert (alert["dataset"], alert["slot"], alert["step"], alert["error"]) == (
        "flights",
        f"{DAY}T00:00Z",
        "marts",
        "AuditFailed",
    )
    assert (rows(lying, "flights"), rows(lying, "flights_enriched"), rows(lying, "daily_routes")) == (902, 902, 0)
    after = versions(lying)
    assert {mart for mart in MARTS if after[mart] != before[mart]} == {"flights_enriched"}

    lying.lie({"match": {"path": "*/airlines"}, **NAMED})
    assert run(lying, "airlines", "2013-11-04") == 0
    lying.lie()
    assert run(lying, "flights", DAY, "--again") == 0
    assert rows(lying, "daily_routes") > 200
    stands = versions(lying)

    assert run(lying, "flights", DAY, "--again") == 0
    assert versions(lying) == stands

    assert run(lying, "weather", DAY) == 0
    (known,) = lying.sql(f"SELECT count(temperature_f) AS n FROM flights_enriched WHERE flight_date = DATE '{DAY}'")
    assert known["n"] == 902
    newest = versions(lying)
    assert {mart for mart in MARTS if newest[mart] != stands[mart]} == set(MARTS)
    assert lying.states("weather-20131103T0000Z").count("QueryMart") == len(MARTS)
    said = lying.lakeward("runs", "weather").stdout
    of_the_day = [line for line in said.splitlines() if line.strip(" │┃").startswith(DAY)]
    assert [sum(f" {mart} " in line for line in of_the_day) for mart in MARTS] == [1, 1, 1]
