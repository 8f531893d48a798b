"""What becomes of a load whose records have other fields than the contract names."""

from typing import Literal

from pydantic import Field

from lakeward.contract.part import Part


class SourceDrift(Part):
    """Fields that come and go. A field whose values changed their type breaks the rule `type` of its column."""

    new: Literal["ignore", "report", "keep", "fail"] = Field(
        default="report",
        description=(
            "Fields that no column is read from: `report` them; `keep` them besides, as JSON in the column `_extra`; "
            "`fail`: publish nothing of the slot."
        ),
    )
    missing: Literal["ignore", "report", "fail"] = Field(
        default="report", description="Paths of columns that no record has, not even as null."
    )
