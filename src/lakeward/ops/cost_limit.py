"""A run that is expected to cost more than its contract allows stops before the transform until that is accepted."""

from collections.abc import Iterable

from lakeward.contract import Contract
from lakeward.errors import CostAboveLimit
from lakeward.ops.cost import Engine, Size, run_dollars
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

PAST_RUNS = 5
"""Newest runs whose marts are looked at: which of them a slot builds is known only when it is published."""


def hold_to_limit(
    contract: Contract,
    slot: Slot,
    size: Size,
    engine: Engine,
    *,
    accepted: bool,
    reason: str,
    marts: float = 0.0,
) -> None:
    """Let a run go on, or stop it.

    Args:
        contract: has the limit, or none.
        slot: which is to be transformed.
        size: of the slot, from its certificate.
        engine: that the slot was routed to.
        accepted: whether whoever started the run said that it may cost what it costs.
        reason: why it was routed there.
        marts: what the queries of its marts are expected to cost, in dollars.

    Raises:
        CostAboveLimit: the estimate is above the limit, and nobody accepted it.
    """
    limit = contract.cost.max_run_dollars
    dollars = sum(run_dollars(size, engine).values()) + marts
    if limit is None or accepted or dollars <= limit:
        return
    of_marts = f", ${marts:.4f} of it for queries of marts" if marts else ""
    raise CostAboveLimit(
        f"{contract.dataset} {slot}: expected a run of at most ${limit:g} (cost.max_run_dollars), found an estimate of "
        f"${dollars:.4f}{of_marts} for {_megabytes(size.raw_bytes)} with {engine}: {reason}; nothing was transformed, "
        f"raw is kept. If it is meant: lakeward run {contract.dataset} --slot {slot} --accept-cost, or raise the limit",
        limit_dollars=limit,
        estimated_dollars=round(dollars, 6),
    )


def marts_dollars(past: Iterable[Entry]) -> float:
    """What the queries of a run's marts are expected to cost: as much as the dearest of the newest runs."""
    ran = sorted((entry for entry in past if entry.status == "SUCCEEDED"), key=lambda entry: entry.started_at)
    costs = [sum(done["dollars"] for done in entry.facts.get("marts", [])) for entry in ran[-PAST_RUNS:]]
    return float(max(costs, default=0.0))


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count >= 10_000_000 else f"{count / 1e6:,.2f} MB"
