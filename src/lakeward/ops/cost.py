"""What a run costs on AWS, estimated: list prices of us-east-1 in US dollars, without free tiers.

Source: the AWS price pages for Lambda (x86) and Step Functions (standard), as of 2026-11.
S3, logs, alarms and queries are left out.
"""

from dataclasses import dataclass

LAMBDA_GB_SECOND = 0.0000166667
LAMBDA_REQUEST = 0.20 / 1_000_000
STATE_TRANSITION = 0.025 / 1_000


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
