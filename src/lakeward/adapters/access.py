"""What may be reached: what a policy allows, what a query may cost, which buckets the public could read."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from botocore.exceptions import ClientError

from lakeward.adapters.store_errors import code_of, store_errors

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_s3 import S3Client

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class Iam(Protocol):
    """What is asked of a client of IAM; keyword arguments as boto3 names them."""

    def get_policy(self, **request: str) -> dict[str, Any]:
        """A policy."""
        ...

    def get_policy_version(self, **request: str) -> dict[str, Any]:
        """One of its documents."""
        ...

    def simulate_custom_policy(self, **request: list[str]) -> dict[str, Any]:
        """What a document allows."""
        ...


@dataclass(frozen=True)
class Deed:
    """Something that somebody might do: an action, and what it is done to."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


def allowed(client: Iam, policy_arn: str, deeds: Iterable[Deed]) -> dict[Deed, bool]:
    """What whoever has one managed policy, and nothing else, may do, as IAM itself evaluates it."""
    with store_errors(policy_arn, "read and simulate"):
        version = client.get_policy(PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
        found = client.get_policy_version(PolicyArn=policy_arn, VersionId=version)["PolicyVersion"]["Document"]
        text = unquote(found) if isinstance(found, str) else json.dumps(found)
        return {deed: _allowed(client, text, deed) for deed in deeds}


def _allowed(client: Iam, policy: str, deed: Deed) -> bool:
    answer = client.simulate_custom_policy(
        PolicyInputList=[policy], ActionNames=[deed.action], ResourceArns=[deed.resource]
    )
    return all(result["EvalDecision"] == "allowed" for result in answer["EvaluationResults"])


def open_to_the_public(client: "S3Client", buckets: Iterable[str]) -> list[str]:
    """The buckets whose public access is not blocked in every way."""
    found = []
    for bucket in buckets:
        with store_errors(f"s3://{bucket}", "read the public access block of"):
            try:
                block = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
            except ClientError as problem:
                if code_of(problem) != "NoSuchPublicAccessBlockConfiguration":
                    raise
                block = {}
        if not all(block.get(name) for name in BLOCKS):
            found.append(bucket)
    return found


def query_cutoff_bytes(client: "AthenaClient", workgroup: str) -> int | None:
    """Bytes that one query may scan, where the workgroup enforces that on every client; None where it does not."""
    with store_errors(f"workgroup {workgroup}", "read"):
        settings = client.get_work_group(WorkGroup=workgroup)["WorkGroup"].get("Configuration", {})
    return settings.get("BytesScannedCutoffPerQuery") if settings.get("EnforceWorkGroupConfiguration") else None
