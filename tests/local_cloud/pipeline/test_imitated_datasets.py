"""Services of other shapes through the whole pipeline, to the answers of their end-to-end queries.

A `Link` header, a cursor beside a declared total, a CSV file, and a day of flights in pages with the lists that it
refers to; each from its imitation.
"""

import re

import pytest
from deployed_world import Deployed

RUNS = {
    "terraform_releases": ("2024-01-02", "2024-01-02"),
    "clinical_trials": ("2024-01-02", "2024-01-04"),
    "exchange_rates": ("2024-01-05", "2024-01-12"),
    "airlines": ("2013-03-08", "2013-03-08"),
    "airports": ("2013-03-08", "2013-03-08"),
    "planes": ("2013-03-08", "2013-03-08"),
    "weather": ("2013-03-08", "2013-03-10"),
    "flights": ("2013-03-08", "2013-03-10"),
}


@pytest.mark.long
@pytest.mark.parametrize("dataset", RUNS)
def test_a_range_of_slots_is_filled_and_its_queries_hold(deployed: Deployed, dataset: str) -> None:
    first, last = RUNS[dataset]

    filled = deployed.lakeward("backfill", dataset, "--from", first, "--to", last)
    again = deployed.lakeward("backfill", dataset, "--from", first, "--to", last)
    queries = deployed.lakeward("e2e", dataset)
    verified = deployed.lakeward("certificate", "verify", dataset, "--slot", last)

    assert filled.returncode == 0, filled.stdout + filled.stderr
    assert queries.returncode == 0, queries.stdout + queries.stderr
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "its proof was made anew from raw" in verified.stdout
    assert again.returncode == 0, again.stdout + again.stderr
    assert re.search(rf"^{dataset}: ([1-9]\d*) slots?, \1 done before$", again.stdout, re.MULTILINE), again.stdout
    assert "together 0 = 0 + 0 + 0" in again.stdout
