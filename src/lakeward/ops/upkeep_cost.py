"""What keeping tables costs on AWS, and what it saves, estimated at the prices of ``lakeward.ops.cost``."""

from dataclasses import dataclass

from lakeward.ops.cost import LAMBDA_GB_SECOND, LAMBDA_REQUEST, S3_GB_MONTH, S3_GET, S3_PUT


@dataclass(frozen=True)
class UpkeepUse:
    """What one call of maintenance used: its seconds, the function's memory in MB, files read, files written.

    Reading a listing, a table's metadata and its manifests is left out: a few requests a table.
    """

    seconds: float
    memory_mb: int
    files_read: int
    files_written: int


def upkeep_dollars(use: UpkeepUse) -> float:
    """Dollars for a call of maintenance. Removing an object is free."""
    compute = use.seconds * use.memory_mb / 1024 * LAMBDA_GB_SECOND + LAMBDA_REQUEST
    return compute + use.files_read * S3_GET + use.files_written * S3_PUT


def storage_dollars(size_bytes: int) -> float:
    """Dollars a month for keeping so many bytes in S3 Standard."""
    return size_bytes / (1 << 30) * S3_GB_MONTH
