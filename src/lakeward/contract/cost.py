"""What a run may cost before somebody has to say that it is meant."""

from pydantic import Field

from lakeward.contract.part import Part


class Cost(Part):
    """A limit on estimates: what is above it waits for a person."""

    max_run_dollars: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description=(
            "US dollars. A run whose estimate is above this stops before the transform; raw stays. "
            "`lakeward run --accept-cost` goes on. Without it there is no limit."
        ),
    )
