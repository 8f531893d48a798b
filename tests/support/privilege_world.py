"""Policies taken apart, and a deployment in which each function runs under its own."""

import copy
import json
import re
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from deployed_world import Deployed

Document = dict[str, Any]
PREFIX, POLICY = "lakeward-local-", "permissions"
UNKNOWN_END = "-??????"
"""What AWS adds to the name of a secret. An ARN with it and one without are the same secret, and one right."""
ARN = re.compile(r"^arn:aws:[a-z0-9]+:[a-z0-9-]*:\d*:(lakeward-local-\d+-)?")
"""What all ARNs of the deployment begin with, and all names of its buckets."""
TABLE_INPUT = (
    "Name",
    "Description",
    "TableType",
    "Parameters",
    "PartitionKeys",
    "StorageDescriptor",
    "ViewOriginalText",
    "ViewExpandedText",
)
"""What Glue's Table and TableInput have in common."""


@dataclass(frozen=True)
class Part:
    """What can be taken out of a policy: a statement, or one action or resource of it."""

    sid: str
    kind: str
    value: str

    @classmethod
    def whole(cls, sid: str) -> "Part":
        """The statement."""
        return cls(sid, "statement", sid)

    @property
    def is_whole(self) -> bool:
        """Whether it is the statement."""
        return self.kind == "statement"

    def __str__(self) -> str:
        return self.sid if self.is_whole else f"{self.sid}: {ARN.sub('', self.value)}"


def parts_of(document: Document) -> list[Part]:
    """Each statement, and each action and resource of it where it has more than one."""
    found = []
    for statement in document["Statement"]:
        found.append(Part.whole(statement["Sid"]))
        for kind in ("Action", "Resource"):
            values = [value for value in statement[kind] if not value.endswith(UNKNOWN_END)]
            if len(values) > 1:
                found += [Part(statement["Sid"], kind, value) for value in values]
    return found


def without(document: Document, part: Part) -> Document:
    """The policy without the part."""
    changed = copy.deepcopy(document)
    for statement in changed["Statement"]:
        if statement["Sid"] == part.sid and not part.is_whole:
            gone = (part.value, f"{part.value}{UNKNOWN_END}")
            statement[part.kind] = [value for value in statement[part.kind] if value not in gone]
    if part.is_whole:
        changed["Statement"] = [s for s in changed["Statement"] if s["Sid"] != part.sid]
    return changed


@dataclass(frozen=True)
class Privileges:
    """The deployment, and what its owner does with it."""

    deployed: Deployed

    def client(self, service: str, **settings: Any) -> Any:
        """A client of the account's owner, who may do everything."""
        return self.deployed.clients.client(service, **settings)

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """What terraform/platform said of the deployment."""
        stamp = self.deployed.root / ".lakeward" / "local" / "terraform" / "deployed.json"
        return dict(json.loads(stamp.read_text())["outputs"])

    @cached_property
    def roles(self) -> dict[str, Document]:
        """What each role may do that Terraform made for the pipeline, by the role's name without its prefix.

        Read from Terraform's state, so that none can be made and forgotten here.
        """
        bucket, key = self.deployed.bucket("state"), "platform.tfstate"
        state = json.loads(self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        found: dict[str, Document] = {}
        for resource in state["resources"]:
            for instance in resource["instances"]:
                attributes = instance["attributes"]
                if resource["type"] == "aws_iam_role":
                    assert not attributes["managed_policy_arns"], f"{attributes['name']}: write its rights out"
                    found.setdefault(attributes["name"].removeprefix(PREFIX), {"Statement": []})
                if resource["type"] == "aws_iam_role_policy":
                    assert attributes["name"] == POLICY, f"{attributes['role']}: expected one policy, {POLICY}"
                    found[attributes["role"].removeprefix(PREFIX)] = json.loads(attributes["policy"])
        return found

    def parts(self, role: str) -> list[Part]:
        """All that a role may do, taken apart."""
        return parts_of(self.roles[role])

    def put(self, role: str, document: Document) -> None:
        """Let a role do this and nothing else."""
        self.client("iam").put_role_policy(
            RoleName=f"{PREFIX}{role}", PolicyName=POLICY, PolicyDocument=json.dumps(document)
        )

    def call(self, function: str, event: dict[str, Any]) -> Any:
        """What a function answers.

        Raises:
            FunctionFailed: with the function's own words.
        """
        answer = self.client("lambda", read_timeout=300).invoke(
            FunctionName=f"lakeward-local-{function}", Payload=json.dumps(event)
        )
        said = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise FunctionFailed(json.dumps(said))
        return said

    def execute(self, event: dict[str, Any]) -> tuple[str, str]:
        """Run the state machine under a name of its own: how it ended, and all that its history says."""
        client = self.client("stepfunctions")
        arn = client.start_execution(stateMachineArn=self.outputs["state_machine_arn"], input=json.dumps(event))
        execution = arn["executionArn"]
        deadline = time.monotonic() + 240
        while (status := client.describe_execution(executionArn=execution)["status"]) == "RUNNING":
            assert time.monotonic() < deadline, f"{execution} still runs"
            time.sleep(0.1)
        pages = client.get_paginator("get_execution_history").paginate(executionArn=execution)
        return status, json.dumps([event for page in pages for event in page["events"]], default=str)

    def run_job(self, arguments: dict[str, str]) -> None:
        """Run the Glue job to its end.

        Raises:
            FunctionFailed: with the job's last words.
        """
        glue, name = self.client("glue"), f"{PREFIX}transform"
        run_id = glue.start_job_run(JobName=name, Arguments=arguments)["JobRunId"]
        deadline = time.monotonic() + 240
        while (run := glue.get_job_run(JobName=name, RunId=run_id)["JobRun"])["JobRunState"] in ("STARTING", "RUNNING"):
            assert time.monotonic() < deadline, f"{run_id} still runs"
            time.sleep(0.1)
        if run["JobRunState"] != "SUCCEEDED":
            raise FunctionFailed(f"{run['JobRunState']}: {run.get('ErrorMessage')}")

    def table(self, database: str, name: str) -> dict[str, Any]:
        """A table or view as Glue takes it."""
        found = self.client("glue").get_table(DatabaseName=database, Name=name)["Table"]
        return {key: found[key] for key in TABLE_INPUT if key in found}

    def forget(self, role: str, prefix: str) -> None:
        """Delete every version of every object below a prefix."""
        s3, bucket = self.client("s3"), self.outputs["buckets"][role]
        for version in self.deployed.versions(role, prefix):
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


class FunctionFailed(Exception):
    """A function or the job ended with an error."""
