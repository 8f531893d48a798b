"""Which engine a dataset's slots are transformed with."""

from typing import Literal

from pydantic import Field

from lakeward.contract.part import Part

Use = Literal["auto", "lambda", "glue"]


class Engine(Part):
    """Where slots are transformed. Both engines give the same rows."""

    use: Use = Field(
        default="auto",
        description=(
            "`auto`: DuckDB in Lambda for slots that surely fit, Spark in Glue for larger ones, slot by slot. "
            "`lambda` or `glue`: always that one."
        ),
    )
