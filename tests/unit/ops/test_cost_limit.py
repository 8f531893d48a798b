"""A run above its contract's limit waits for somebody who accepts it."""

from typing import Literal

import pytest
from transform_world import SLOT, contract

from lakeward.contract.cost import Cost
from lakeward.errors import CostAboveLimit
from lakeward.ops.cost import Size
from lakeward.ops.cost_limit import hold_to_limit, marts_dollars
from lakeward.ports.ledger import Entry

LARGE = Size(pages=1500, raw_bytes=6_000_000_000, text_bytes=6_000_000_000)
LIMITED = contract().model_copy(update={"cost": Cost(max_run_dollars=0.02)})


def test_a_run_above_the_limit_stops_and_says_how_to_go_on() -> None:
    with pytest.raises(CostAboveLimit) as stopped:
        hold_to_limit(LIMITED, SLOT, LARGE, "duckdb", accepted=False, reason="240 s expected in Lambda")

    assert stopped.value.message == (
        "parcels 2024-03-01T00:00Z: expected a run of at most $0.02 (cost.max_run_dollars), found an estimate of "
        "$0.0215 for 6,000 MB with duckdb: 240 s expected in Lambda; nothing was transformed, raw is kept. If it is "
        "meant: lakeward run "
        "parcels --slot 2024-03-01T00:00Z --accept-cost, or raise the limit"
    )


@pytest.mark.parametrize(
    ("limit", "accepted"), [(0.02, True), (0.03, False), (None, False)], ids=["accepted", "below", "no limit"]
)
def test_a_run_that_is_accepted_or_below_the_limit_goes_on(limit: float | None, accepted: bool) -> None:
    of = contract().model_copy(update={"cost": Cost(max_run_dollars=limit)})

    hold_to_limit(of, SLOT, LARGE, "duckdb", accepted=accepted, reason="it fits")


def test_what_marts_cost_is_part_of_the_estimate() -> None:
    of = contract().model_copy(update={"cost": Cost(max_run_dollars=0.03)})

    with pytest.raises(CostAboveLimit, match=r"an estimate of \$0\.1215, \$0\.1000 of it for queries of marts for"):
        hold_to_limit(of, SLOT, LARGE, "duckdb", accepted=False, reason="it fits", marts=0.1)


def test_marts_are_expected_to_cost_what_they_cost_in_the_dearest_of_the_newest_runs() -> None:
    def ran(number: int, *dollars: float, status: Literal["SUCCEEDED", "FAILED"] = "SUCCEEDED") -> Entry:
        facts = {"marts": [{"dollars": of} for of in dollars]}
        return Entry("parcels", SLOT, "e", f"2024-03-{number:02d}", status, "r", facts)

    past = [ran(1, 9.0), ran(2, 0.1, 0.2), ran(3), ran(4, 0.1), ran(5), ran(6, 0.2), ran(7, 7.0, status="FAILED")]

    assert marts_dollars(past) == pytest.approx(0.3)
    assert marts_dollars([]) == 0
