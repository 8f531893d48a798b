"""A run that is expected to cost more than its contract allows stops before the transform until that is accepted."""

from lakeward.contract import Contract
from lakeward.errors import CostAboveLimit
from lakeward.ops.cost import Engine, Size, run_dollars
from lakeward.slot import Slot


def hold_to_limit(contract: Contract, slot: Slot, size: Size, engine: Engine, *, accepted: bool) -> None:
    """Let a run go on, or stop it.

    Args:
        contract: has the limit, or none.
        slot: which is to be transformed.
        size: of the slot, from its certificate.
        engine: that the slot was routed to.
        accepted: whether whoever started the run said that it may cost what it costs.

    Raises:
        CostAboveLimit: the estimate is above the limit, and nobody accepted it.
    """
    limit = contract.cost.max_run_dollars
    dollars = sum(run_dollars(size, engine).values())
    if limit is None or accepted or dollars <= limit:
        return
    raise CostAboveLimit(
        f"{contract.dataset} {slot}: expected a run of at most ${limit:g} (cost.max_run_dollars), found an estimate of "
        f"${dollars:.4f} for {size.raw_bytes / 1e6:,.0f} MB with {engine}; nothing was transformed, raw is kept. If it "
        f"is meant: lakeward run {contract.dataset} --slot {slot} --accept-cost, or raise the limit",
        limit_dollars=limit,
        estimated_dollars=round(dollars, 6),
    )
