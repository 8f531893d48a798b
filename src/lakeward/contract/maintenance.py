"""How tables are kept in shape: those of datasets and of marts."""

from pydantic import Field

from lakeward.contract.part import Part


class Maintenance(Part):
    """How the table is kept in shape, by `lakeward maintain` and on a schedule."""

    keep_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description=(
            "Days after a newer one that a state of the table can still be come back to, by a rollback or by time "
            "travel. A query that is under way keeps its files at least as long."
        ),
    )
    keep_snapshots: int = Field(
        default=10, ge=1, le=1000, description="Newest states of the table that are kept however old they are."
    )
    target_file_mb: int = Field(
        default=256,
        ge=128,
        le=512,
        description=(
            "Size in MiB that files of a partition are brought to: when they are written, or by maintenance that night."
        ),
    )
