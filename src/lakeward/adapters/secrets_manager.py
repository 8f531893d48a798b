"""Secrets in AWS Secrets Manager, and leases as write-once objects in raw."""

import hashlib
import io
import uuid
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lakeward.adapters.store_errors import code_of, store_errors
from lakeward.errors import RawConflict
from lakeward.ports.raw import RawStore
from lakeward.ports.secrets import Secret

CURRENT, NEXT = "AWSCURRENT", "LAKEWARD_NEXT"


class SecretsClient(Protocol):
    """What is used of boto3's client."""

    def get_secret_value(self, **kwargs: Any) -> dict[str, Any]:
        """Read a version."""
        ...

    def put_secret_value(self, **kwargs: Any) -> dict[str, Any]:
        """Store a version."""
        ...

    def update_secret_version_stage(self, **kwargs: Any) -> dict[str, Any]:
        """Move a label from one version to another."""
        ...


def secrets_client() -> SecretsClient:
    """A client that repeats what failed in passing. All that is sent here may be repeated."""
    retries = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=10)
    client: SecretsClient = boto3.client("secretsmanager", config=retries)
    return client


class SecretsManager:
    """Secrets by their ARN. Messages name the ARN and never a value."""

    def __init__(self, client: SecretsClient) -> None:
        self._client = client

    def read(self, arn: str) -> Secret:
        """See ``lakeward.ports.secrets.Secrets``."""
        with store_errors(arn, "read"):
            found = self._client.get_secret_value(SecretId=arn, VersionStage=CURRENT)
        return Secret(found.get("SecretString", ""), found["VersionId"])

    def replace(self, arn: str, value: str, expected_version: str) -> Secret:
        """See ``lakeward.ports.secrets.Secrets``.

        The value is stored under a label of its own first, and then made current. AWS moves a label only away from the
        version that it is told and fails when the label is elsewhere: that is the comparison. The new version's id
        follows from the expected one's, so that a version has one successor, and whoever comes after a death finds it.
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
        """
        with store_errors(arn, "replace"):
            try:
                self._client.put_secret_value(
                    SecretId=arn,
                    ClientRequestToken=_successor(arn, expected_version),
                    SecretString=value,
                    VersionStages=[NEXT],
                )
            except ClientError as problem:
                if code_of(problem) != "ResourceExistsException":  # somebody else's value from the same version
                    raise
        return self._promote(arn, expected_version)

    def finish(self, arn: str, expected_version: str) -> Secret | None:
        """See ``lakeward.ports.secrets.Secrets``."""
        with store_errors(arn, "read"):
            try:
                self._client.get_secret_value(SecretId=arn, VersionId=_successor(arn, expected_version))
            except ClientError as problem:
                if code_of(problem) != "ResourceNotFoundException":
                    raise
                return None
        return self._promote(arn, expected_version)

    def _promote(self, arn: str, expected_version: str) -> Secret:
        """Move the label of what is current to the successor of a version, if it still is at that version."""
        with store_errors(arn, "replace"):
            try:
                self._client.update_secret_version_stage(
                    SecretId=arn,
                    VersionStage=CURRENT,
                    MoveToVersionId=_successor(arn, expected_version),
                    RemoveFromVersionId=expected_version,
                )
            except ClientError as problem:
                if code_of(problem) not in ("InvalidParameterException", "ResourceNotFoundException"):
                    raise
        return self.read(arn)


def _successor(arn: str, version: str) -> str:
    """Id of the one version that may follow another."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn}#{version}"))


class RawLeases:
    """Leases as objects in the raw bucket, whose keys can be written once: whoever writes it has it."""

    def __init__(self, raw: RawStore) -> None:
        self._raw = raw

    def take(self, name: str, holder: str) -> bool:
        """See ``lakeward.ports.secrets.Leases``."""
        body = holder.encode()
        digest = hashlib.sha256(body).hexdigest()
        try:
            self._raw.put_once(
                f"leases/{name}", io.BytesIO(body), sha256=digest, content_type="text/plain", metadata={}
            )
        except RawConflict:
            return False
        return True
