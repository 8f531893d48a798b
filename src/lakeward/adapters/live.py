"""What is deployed in an environment, and what can be done to it at once."""

import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lakeward.adapters.functions import call
from lakeward.adapters.raw_slots import certified_slots
from lakeward.adapters.store_errors import store_errors
from lakeward.contract import Dataset
from lakeward.errors import DeploymentFailed, LakewardError
from lakeward.ports.catalog import Point
from lakeward.ports.deployment import Ran, Ringing, RunningFunction, SlotRecord
from lakeward.ports.ledger import Entry
from lakeward.released import Release
from lakeward.slot import Slot

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_stepfunctions import SFNClient

RELEASE = "LAKEWARD_RELEASE"
FRESHNESS = ("Lakeward", "SlotPublished")
"""Namespace and name of the metric that the alarms of freshness are about."""
SCHEDULE = (
    *("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target"),
    *("ScheduleExpressionTimezone", "Description", "StartDate", "EndDate", "KmsKeyArn", "ActionAfterCompletion"),
)
"""What UpdateSchedule takes of what GetSchedule answers."""


@dataclass(frozen=True)
class Clients:
    """AWS clients of one environment. That of Lambda waits for long calls and asks once."""

    functions: "LambdaClient"
    machines: "SFNClient"
    schedules: "EventBridgeSchedulerClient"
    alarms: "CloudWatchClient"
    objects: "S3Client"


@dataclass(frozen=True)
class LiveEnvironment:
    """See ``lakeward.ports.deployment.Live``.

    Attributes:
        prefix: of all names, ``lakeward-<environment>``.
        schedules_enabled: whether the environment's values say that schedules fire.
        dataset: one by its name, as the release knows it that is asked about.
        runner: runs slots to their end.
        entries: the ledger's entries of a dataset.
    """

    prefix: str
    account_id: str
    artifacts_bucket: str
    machine_arn: str
    schedules_enabled: bool
    dataset: Callable[[str], Dataset]
    clients: Clients
    runner: Callable[[Dataset, Sequence[Slot], bool], list[Ran]]
    entries: Callable[[Dataset], list[Entry]]

    def functions(self) -> dict[str, RunningFunction]:
        """See ``lakeward.ports.deployment.Live``."""
        pages = self.clients.functions.get_paginator("list_functions")
        with store_errors(f"functions {self.prefix}-*", "list"):
            found = [function for page in pages.paginate() for function in page["Functions"]]
        return {
            function["FunctionName"].removeprefix(f"{self.prefix}-"): RunningFunction(
                release=function.get("Environment", {}).get("Variables", {}).get(RELEASE, "no release"),
                code_sha256=base64.b64decode(function["CodeSha256"]).hex(),
            )
            for function in found
            if function["FunctionName"].startswith(f"{self.prefix}-")
        }

    def swap_functions(self, release: Release, instead_of: Release) -> bool:
        """See ``lakeward.ports.deployment.Live``."""
        if (release.layer, release.job) != (instead_of.layer, instead_of.job):
            return False
        with store_errors(f"functions {self.prefix}-*", "give the former code"):
            names = [f"{self.prefix}-{role}" for role in self.functions()]
            with ThreadPoolExecutor(max_workers=len(names) or 1) as pool:
                list(pool.map(lambda name: self._swap(name, release), names))
        return True

    def _swap(self, name: str, release: Release) -> None:
        client = self.clients.functions
        client.update_function_code(FunctionName=name, S3Bucket=self.artifacts_bucket, S3Key=release.functions.key)
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**variables, RELEASE: release.functions.sha256}}
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name)

    def freeze(self) -> list[str]:
        """See ``lakeward.ports.deployment.Live``."""
        return self._set_schedules("DISABLED")

    def thaw(self) -> list[str]:
        """See ``lakeward.ports.deployment.Live``."""
        return self._set_schedules("ENABLED") if self.schedules_enabled else []

    def _set_schedules(self, state: Literal["ENABLED", "DISABLED"]) -> list[str]:
        """Names of the schedules that were in the other state. An update must name everything that is to stay."""
        client, changed = self.clients.schedules, []
        with store_errors(f"schedules {self.prefix}", "update"):
            pages = client.get_paginator("list_schedules").paginate(GroupName=self.prefix)
            for name in [schedule["Name"] for page in pages for schedule in page["Schedules"]]:
                found: dict[str, Any] = dict(client.get_schedule(GroupName=self.prefix, Name=name))
                if found["State"] != state:
                    client.update_schedule(**{key: found[key] for key in SCHEDULE if found.get(key)}, State=state)
                    changed.append(name)
        return changed

    def running(self) -> list[str]:
        """See ``lakeward.ports.deployment.Live``."""
        client = self.clients.machines
        with store_errors(self.machine_arn, "list the executions of"):
            try:
                pages = client.get_paginator("list_executions").paginate(
                    stateMachineArn=self.machine_arn, statusFilter="RUNNING"
                )
                return [execution["name"] for page in pages for execution in page["executions"]]
            except client.exceptions.StateMachineDoesNotExist:
                return []

    def stop(self, execution: str, why: str) -> None:
        """See ``lakeward.ports.deployment.Live``."""
        arn = f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{execution}"
        with store_errors(arn, "stop"):
            self.clients.machines.stop_execution(executionArn=arn, error="RolledBack", cause=why)

    def look(self) -> Point | None:
        """See ``lakeward.ports.deployment.Live``."""
        if "switch" not in self.functions():
            return None
        return Point.model_validate(self._call("switch", {"action": "look"}))

    def restore(self, point: Point) -> list[str]:
        """See ``lakeward.ports.deployment.Live``."""
        done = self._call("switch", {"action": "restore", "point": point.model_dump(mode="json")})
        return list(done["changed"])

    def migrate(self) -> dict[str, dict[str, Any]]:
        """See ``lakeward.ports.deployment.Live``."""
        return dict(self._call("migrate", {})["datasets"])

    def _call(self, role: str, payload: dict[str, Any]) -> dict[str, Any]:
        try:
            return call(self.clients.functions, f"{self.prefix}-{role}", payload)
        except DeploymentFailed:
            raise
        except LakewardError as problem:
            raise DeploymentFailed(f"{self.prefix}-{role}: {type(problem).__name__}: {problem.message}") from problem

    def ringing(self) -> list[Ringing]:
        """See ``lakeward.ports.deployment.Live``."""
        pages = self.clients.alarms.get_paginator("describe_alarms")
        with store_errors(f"alarms {self.prefix}-*", "read"):
            found = pages.paginate(AlarmNamePrefix=f"{self.prefix}-", StateValue="ALARM")
            alarms = [alarm for page in found for alarm in page.get("MetricAlarms", [])]
        return [
            Ringing(alarm["AlarmName"], of_freshness=(alarm.get("Namespace"), alarm.get("MetricName")) == FRESHNESS)
            for alarm in alarms
        ]

    def certified(self, dataset: str) -> list[Slot]:
        """See ``lakeward.ports.deployment.Live``."""
        return certified_slots(self.clients.objects, f"{self.prefix}-{self.account_id}-raw", self.dataset(dataset))

    def held(self) -> dict[str, set[str]]:
        """See ``lakeward.ports.deployment.Live``."""
        found = self._call("switch", {"action": "held"})["slots"]
        return {dataset: set(slots) for dataset, slots in found.items()}

    def records(self, dataset: str) -> list[SlotRecord]:
        """See ``lakeward.ports.deployment.Live``."""
        return [
            SlotRecord(
                entry.slot,
                entry.status == "SUCCEEDED",
                entry.recorded_at,
                entry.facts.get("release"),
                entry.facts.get("contract_sha256"),
            )
            for entry in self.entries(self.dataset(dataset))
        ]

    def run(self, dataset: str, slots: Sequence[Slot], *, again: bool) -> list[Ran]:
        """See ``lakeward.ports.deployment.Live``."""
        return self.runner(self.dataset(dataset), slots, again)
