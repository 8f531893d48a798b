"""A run above its contract's limit waits for somebody who accepts it."""

import pytest
from transform_world import SLOT, contract

from lakeward.contract.cost import Cost
from lakeward.errors import CostAboveLimit
from lakeward.ops.cost import Size
from lakeward.ops.cost_limit import hold_to_limit

LARGE = Size(pages=1500, raw_bytes=6_000_000_000, text_bytes=6_000_000_000)
LIMITED = contract().model_copy(update={"cost": Cost(max_run_dollars=0.02)})


def test_a_run_above_the_limit_stops_and_says_how_to_go_on() -> None:
    with pytest.raises(CostAboveLimit) as stopped:
        hold_to_limit(LIMITED, SLOT, LARGE, "duckdb", accepted=False)

    assert stopped.value.message == (
        "parcels 2024-03-01T00:00Z: expected a run of at most $0.02 (cost.max_run_dollars), found an estimate of "
        "$0.0215 for 6,000 MB with duckdb; nothing was transformed, raw is kept. If it is meant: lakeward run "
        "parcels --slot 2024-03-01T00:00Z --accept-cost, or raise the limit"
    )


@pytest.mark.parametrize(
    ("limit", "accepted"), [(0.02, True), (0.03, False), (None, False)], ids=["accepted", "below", "no limit"]
)
def test_a_run_that_is_accepted_or_below_the_limit_goes_on(limit: float | None, accepted: bool) -> None:
    of = contract().model_copy(update={"cost": Cost(max_run_dollars=limit)})

    hold_to_limit(of, SLOT, LARGE, "duckdb", accepted=accepted)
