"""Lambda entrypoint: EventBridge Scheduler's tick becomes the run of the last slot that is over."""

from datetime import datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lakeward.adapters.stepfunctions import StepFunctionsMachine
from lakeward.contract import dataset
from lakeward.handlers.settings import setting
from lakeward.ops.start import start_run
from lakeward.slot import Slot

logger = Logger()


@cache
def machine() -> StepFunctionsMachine:
    """Wire the adapter once per container."""
    return StepFunctionsMachine(boto3.client("stepfunctions"), setting("STATE_MACHINE_ARN"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Start the run. A tick that is delivered twice starts nothing the second time."""
    of = dataset(event["dataset"])
    slot = Slot.before(datetime.fromisoformat(event["scheduled_at"]), of.contract.slot)
    started = start_run(of.name, slot, machine(), setting("LAKEWARD_RELEASE"))
    logger.info("dispatched", extra={"slot": str(slot), "execution": started.execution, "outcome": started.outcome})
    return {"execution": started.execution, "outcome": started.outcome}
