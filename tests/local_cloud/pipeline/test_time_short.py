"""A slot of a thousand pages, for which one call of ingest has not the time: the state machine calls again.

On AWS a call has 900 seconds. Here the function's own timeout, a setting of Lambda, leaves it about fifteen to ask in.
"""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from deployed_world import Deployed

FUNCTION = "lakeward-local-ingest"
TIMEOUT_SECONDS = 40
DAY, KEY, FLIGHTS = "2013-03-08", "20130308T0000Z", 979


@pytest.fixture
def hurried(deployed: Deployed) -> Iterator[Deployed]:
    """The deployment, whose calls of ingest end early."""
    functions = deployed.clients.client("lambda")
    before = functions.get_function_configuration(FunctionName=FUNCTION)["Timeout"]
    functions.update_function_configuration(FunctionName=FUNCTION, Timeout=TIMEOUT_SECONDS)
    yield deployed
    functions.update_function_configuration(FunctionName=FUNCTION, Timeout=before)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_slot_of_a_thousand_pages_goes_on_from_call_to_call(hurried: Deployed) -> None:
    listed = hurried.lakeward("run", "airlines", "--slot", DAY)  # flights refer to it
    assert listed.returncode == 0, listed.stderr
    hurried.forget_sent()

    done = hurried.lakeward("run", "flights_one_a_page", "--slot", DAY)

    assert done.returncode == 0, done.stdout + done.stderr
    calls = Counter(hurried.states(f"flights_one_a_page-{KEY}"))["Ingest"]
    assert calls >= 2
    prefix = f"flights_one_a_page/slot={KEY}/"
    found = hurried.objects("raw", prefix)
    certificate = json.loads(found[f"{prefix}certificate.json"])
    assert (certificate["attempt"], len(certificate["pages"]), certificate["counted_records"]) == (1, FLIGHTS, FLIGHTS)
    assert len(hurried.versions("raw", prefix)) == FLIGHTS + 1
    asked = [sent for sent in hurried.sent() if sent["path"].endswith("/flights")]
    assert FLIGHTS <= len(asked) <= FLIGHTS + 2 * (calls - 1)  # a call ends while the next two pages come to it
    assert hurried.sql("SELECT count(*) AS n FROM flights_one_a_page") == [{"n": FLIGHTS}]
    verified = hurried.lakeward("certificate", "verify", "flights_one_a_page", "--slot", DAY)
    assert "its proof was made anew from raw" in verified.stdout
