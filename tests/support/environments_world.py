"""Environments on a local cloud that enforces policies: prepared by their owner, deployed as GitHub's jobs do it."""

import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from github_world import REPOSITORY, claims, sign_in

from lakeward.adapters.environments import EnvironmentValues, environment_values
from lakeward.adapters.terraform.run import Terraform, find_terraform, terraform_environment
from lakeward_local.record import CloudRecord


def _empty_zip() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("nothing.py"), "")
    return archive.getvalue()


CODE = _empty_zip()
"""No function runs in these tests."""
KEY = f"functions/{hashlib.sha256(CODE).hexdigest()}.zip"
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
POLICIES_OF_APPLY = 5


@dataclass(frozen=True)
class Environment:
    """One environment of a copy of the repository, on a local cloud."""

    repository: Path
    root: Path
    cloud: CloudRecord
    name: str

    @property
    def values(self) -> EnvironmentValues:
        return environment_values(self.root, self.name)

    @property
    def owner(self) -> dict[str, str]:
        """What makes a program act as the account itself."""
        return {**self.cloud.environment(), "AWS_ACCESS_KEY_ID": self.values.account_id}

    def job(self, deed: str) -> dict[str, str]:
        """What makes a program act as a job of GitHub that plans or applies."""
        environment = {"plan": f"{self.name}-plan", "apply": self.name}[deed]
        role = f"arn:aws:iam::{self.values.account_id}:role/lakeward-{self.name}-{deed}"
        session = sign_in(self.cloud.endpoint, self.cloud.region, role, claims(environment))
        found = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        return {**self.cloud.environment(), **dict(zip(CREDENTIALS, found, strict=True))}

    def client(self, service: str, who: Mapping[str, str] | None = None) -> Any:
        """A client of the owner, or of a job."""
        as_whom = who or self.owner
        return boto3.client(
            service,
            endpoint_url=self.cloud.endpoint,
            region_name=self.cloud.region,
            aws_access_key_id=as_whom["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=as_whom["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=as_whom.get("AWS_SESSION_TOKEN"),
            config=Config(retries={"total_max_attempts": 1}),
        )

    @property
    def is_protected(self) -> bool:
        """Whether its values say that nothing may be deleted."""
        text = (self.root / "environments" / self.name / "platform.tfvars").read_text()
        return bool(re.search(r"^  deletion += true$", text, re.MULTILINE))

    def bootstrap(self) -> Terraform:
        """The account's own Terraform, ready to run."""
        terraform = self._terraform("bootstrap", self.owner, variables={"environment": self.name})
        terraform.init({"path": str(self.root / ".lakeward" / self.name / "bootstrap.tfstate")})
        return terraform

    def platform(self, deed: str) -> Terraform:
        """The platform's Terraform as a job runs it, ready to run."""
        folder = self.root / "environments" / self.name
        release = self.root / "dist" / self.name / "release.tfvars.json"
        release.parent.mkdir(parents=True, exist_ok=True)
        functions = {"bucket": self.values.artifacts_bucket, "key": KEY}
        release.write_text(json.dumps({"release": {"functions": functions}}))
        terraform = self._terraform("platform", self.job(deed), var_files=(folder / "platform.tfvars", release))
        terraform.init(folder / "backend.hcl")
        return terraform

    def _terraform(self, root: str, aws: Mapping[str, str], **inputs: Any) -> Terraform:
        return Terraform(
            binary=find_terraform(self.repository),
            folder=self.root / "terraform" / root,
            data=self.root / ".lakeward" / self.name / root,
            environment=terraform_environment(self.repository, aws=aws),
            progress=lambda _: None,
            **inputs,
        )

    def build(self) -> None:
        """Prepare the account and deploy the platform into it. The second starts when it can."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            # The provider waits a minute for its buckets' lifecycle rules; the platform needs no more than this.
            prepared = pool.submit(lambda: self.bootstrap().apply())
            self._await_account(prepared)
            self.client("s3").put_object(Bucket=self.values.artifacts_bucket, Key=KEY, Body=CODE)
            self.platform("apply").apply()
            prepared.result()

    def _await_account(self, prepared: "Future[None]") -> None:
        """Return when buckets and roles are there."""
        deadline = time.monotonic() + 120
        while not self._account_is_ready():
            if prepared.done():
                prepared.result()
            assert time.monotonic() < deadline, f"{self.name}: terraform/bootstrap does not come to its roles"
            time.sleep(0.5)

    def _account_is_ready(self) -> bool:
        iam = self.client("iam")
        buckets = {bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]}
        roles = {role["RoleName"] for role in iam.list_roles()["Roles"]}
        apply = f"lakeward-{self.name}-apply"
        if self.values.artifacts_bucket not in buckets or apply not in roles:
            return False
        return len(iam.list_attached_role_policies(RoleName=apply)["AttachedPolicies"]) >= POLICIES_OF_APPLY

    def left(self) -> list[str]:
        """Everything that the account still holds."""
        return sorted(self._left())

    def _left(self) -> Iterator[str]:
        yield from (f"bucket {b['Name']}" for b in self.client("s3").list_buckets()["Buckets"])
        yield from (f"role {r['RoleName']}" for r in self.client("iam").list_roles()["Roles"])
        yield from (f"policy {p['PolicyName']}" for p in self.client("iam").list_policies(Scope="Local")["Policies"])
        yield from (f"function {f['FunctionName']}" for f in self.client("lambda").list_functions()["Functions"])
        yield from (f"table {t}" for t in self.client("dynamodb").list_tables()["TableNames"])
        yield from (f"database {d['Name']}" for d in self.client("glue").get_databases()["DatabaseList"])
        yield from (f"topic {t['TopicArn']}" for t in self.client("sns").list_topics()["Topics"])
        yield from (f"queue {q}" for q in self.client("sqs").list_queues().get("QueueUrls", []))
        yield from (f"log group {g['logGroupName']}" for g in self.client("logs").describe_log_groups()["logGroups"])
        yield from (f"alarm {a['AlarmName']}" for a in self.client("cloudwatch").describe_alarms()["MetricAlarms"])
        yield from (f"trail {t['Name']}" for t in self.client("cloudtrail").describe_trails()["trailList"])
        machines = self.client("stepfunctions").list_state_machines()["stateMachines"]
        yield from (f"machine {m['name']}" for m in machines)
        groups = self.client("scheduler").list_schedule_groups()["ScheduleGroups"]
        yield from (f"schedule group {g['Name']}" for g in groups if g["Name"] != "default")


def let_github_in(root: Path, environment: str) -> None:
    """Fill in the repository, as whoever sets up an account does."""
    path = root / "environments" / environment / "bootstrap.tfvars"
    entries = "\n".join(f'  {name} = "{value}"' for name, value in REPOSITORY.items())
    path.write_text(path.read_text().replace("= null", f"= {{\n{entries}\n}}", 1))


def switch(root: Path, environment: str, **knobs: bool) -> None:
    """Turn knobs of an environment on or off."""
    path = root / "environments" / environment / "platform.tfvars"
    lines = path.read_text().splitlines()
    for name, on in knobs.items():
        (position,) = [n for n, line in enumerate(lines) if line.split("=")[0].strip() == name]
        lines[position] = f"{lines[position].split('=')[0]}= {str(on).lower()}"
    path.write_text("\n".join(lines) + "\n")
