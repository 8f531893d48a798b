"""Rules over whole loads in use: flights are held to the lists that they refer to."""

import pytest
from deployed_world import Deployed

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

DAY, FLIGHTS = "2013-03-09", 765


def seen(deployed: Deployed) -> int:
    (row,) = deployed.sql(f"SELECT count(*) AS n FROM flights WHERE flight_date = DATE '{DAY}'")
    return int(row["n"])


def test_flights_of_airlines_that_nobody_lists_are_not_published_and_the_alert_says_which_rule(
    deployed: Deployed,
) -> None:
    refused = deployed.lakeward("run", "flights", "--slot", DAY)

    rule = "quality.references (carrier in airlines.carrier): expected at most 0.005 missing, found 1.0000: 765 of 765"
    assert refused.returncode == 1
    assert rule in refused.stderr
    assert deployed.states("flights-20130309T0000Z")[-5:] == [
        "Audit",
        "AuditFailed",
        "RecordFailure",
        "Alert",
        "Failed",
    ]
    (alert,) = deployed.alerts()
    assert (alert["dataset"], alert["step"], alert["error"]) == ("flights", "audit", "AuditFailed")
    assert rule in alert["cause"]
    assert "where airlines is behind: run that first" in alert["cause"]
    assert seen(deployed) == 0
    assert "failed: audit" in deployed.lakeward("runs", "flights").stdout


def test_once_the_airlines_are_listed_the_same_slot_goes_through_and_what_only_warns_is_told(
    deployed: Deployed,
) -> None:
    listed = deployed.lakeward("run", "airlines", "--slot", DAY)
    again = deployed.lakeward("run", "flights", "--slot", DAY)

    assert (listed.returncode, again.returncode) == (0, 0), again.stderr
    assert (seen(deployed), deployed.alerts()) == (FLIGHTS, [])
    told = " ".join(deployed.lakeward("runs", "flights").stdout.split())
    assert (
        "warning quality.references (destination in airports.faa): expected at most 0.05 missing, found 1.0000" in told
    )
