"""What a run costs on AWS, estimated: list prices of us-east-1 in US dollars, without free tiers.

Sources, as of the month that ``PRICES_AS_OF`` says: https://aws.amazon.com/lambda/pricing/ (x86 and Arm),
https://aws.amazon.com/glue/pricing/ (Glue 5), https://aws.amazon.com/step-functions/pricing/ (standard),
https://aws.amazon.com/s3/pricing/ (standard) and https://aws.amazon.com/athena/pricing/.
Logs, alarms, storage and readers' queries are left out of a run: their prices are here for docs/cost.md.
"""

from dataclasses import dataclass
from typing import Literal

from lakeward.ops import throughput

PRICES_AS_OF = "2026-11"
LAMBDA_GB_SECOND = 0.0000166667
LAMBDA_ARM_GB_SECOND = 0.0000133334
LAMBDA_REQUEST = 0.20 / 1_000_000
STATE_TRANSITION = 0.025 / 1_000
GLUE_DPU_SECOND = 0.44 / 3600
GLUE_LEAST_SECONDS = 60
S3_PUT = 0.005 / 1_000
S3_GET = 0.0004 / 1_000
S3_GB_MONTH = 0.023
ATHENA_BYTE = 5.0 / 1e12
ATHENA_LEAST_BYTES = 10_000_000
"""Billed of every query that scans anything."""

Engine = Literal["duckdb", "spark"]
TABLE_REQUESTS = 40
"""S3 requests of two commits, about: metadata, manifests, data files."""


@dataclass(frozen=True)
class StepUse:
    """What one step used: calls of a function, their seconds in all, and the function's memory in MB."""

    calls: int
    seconds: float
    memory_mb: int


def step_dollars(use: StepUse) -> float:
    """Dollars for one step's function calls and the state transitions that made them."""
    compute = use.seconds * use.memory_mb / 1024 * LAMBDA_GB_SECOND
    return compute + use.calls * (LAMBDA_REQUEST + STATE_TRANSITION)


@dataclass(frozen=True)
class Size:
    """How large a slot is: pages, their bytes on the wire, and the text that they unpack to."""

    pages: int
    raw_bytes: int
    text_bytes: int


def run_dollars(size: Size, engine: Engine, transform_seconds: float | None = None) -> dict[str, float]:
    """Estimated dollars of one run by step, and of its requests to S3.

    Args:
        size: of the slot.
        engine: that transforms it.
        transform_seconds: what the transform took in Lambda, where that is known: it comes before the estimate.
    """
    small, transform = throughput.SMALL_MEMORY_MB, throughput.TRANSFORM_MEMORY_MB
    fixed = throughput.FIXED_SECONDS
    reading = size.raw_bytes / throughput.INGEST_BYTES_PER_SECOND
    known = transform_seconds is not None
    taken = step_dollars(StepUse(1, transform_seconds or 0.0, transform)) if known else lambda_transform_dollars(size)
    return {
        "ingest": step_dollars(StepUse(1, fixed["ingest"] + reading, throughput.INGEST_MEMORY_MB)),
        "transform": taken if engine == "duckdb" else glue_transform_dollars(size),
        "audit": step_dollars(StepUse(1, fixed["audit"], small)),
        "publish": step_dollars(StepUse(1, fixed["publish"], transform)),
        "record": step_dollars(StepUse(1, fixed["record"], small)),
        "requests": size.pages * (S3_PUT + S3_GET) + TABLE_REQUESTS * S3_PUT,
    }


def lambda_transform_dollars(size: Size) -> float:
    """The transform step in Lambda, with DuckDB."""
    return step_dollars(StepUse(1, lambda_transform_seconds(size.text_bytes), throughput.TRANSFORM_MEMORY_MB))


def lambda_transform_seconds(text_bytes: int) -> float:
    """How long it is expected to take."""
    per_second = throughput.TEXT_BYTES_PER_CPU_SECOND * throughput.TRANSFORM_CORES
    return throughput.FIXED_SECONDS["transform"] + text_bytes / per_second


def glue_transform_dollars(size: Size, workers: int = throughput.GLUE_WORKERS_AT_LEAST) -> float:
    """The transform step in Glue, with Spark: one DPU a worker (G.1X), a minute at least; then the finding call."""
    reading = size.text_bytes / (throughput.GLUE_TEXT_BYTES_PER_WORKER_SECOND * workers)
    seconds = max(GLUE_LEAST_SECONDS, throughput.GLUE_START_SECONDS + reading)
    found = step_dollars(StepUse(1, throughput.FIXED_SECONDS["transform"], throughput.TRANSFORM_MEMORY_MB))
    return workers * seconds * GLUE_DPU_SECOND + STATE_TRANSITION + found


def crossover_text_bytes(most: int = 10**15) -> int | None:
    """The text from which Glue's transform costs less than Lambda's; None when that is never so up to ``most``."""
    low, high = 0, most
    if _glue_saves(high) <= 0:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _glue_saves(middle) > 0 else (middle + 1, high)
    return low


def _glue_saves(text_bytes: int) -> float:
    size = Size(0, 0, text_bytes)
    return lambda_transform_dollars(size) - glue_transform_dollars(size)


def query_dollars(scanned_bytes: int) -> float:
    """Dollars for an Athena query by the bytes that it scanned."""
    return max(scanned_bytes, ATHENA_LEAST_BYTES) * ATHENA_BYTE if scanned_bytes else 0.0
