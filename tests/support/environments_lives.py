"""The whole life of an environment: built, looked at, tried, taken down; and what was seen of it."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from environments_world import Environment, switch
from posture_world import findings

from lakeward.adapters.terraform.run import Terraform


@dataclass
class Life:
    """What was seen of an environment."""

    changes_after_apply: list[str] = field(default_factory=list)
    changes_after_bootstrap: list[str] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    findings_when_loosened: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    seconds: float = 0.0


def live(environment: Environment) -> Life:
    """Build it, look at it, take it down."""
    started, life = time.monotonic(), Life()
    environment.build()
    life.findings = findings(environment)
    planning, kept = environment.platform("plan"), environment.root / "dist" / environment.name / "plan.tfplan"
    life.changes_after_apply = planning.plan(to=kept)
    life.plan = shown(planning, kept)
    life.changes_after_bootstrap = environment.bootstrap().plan()
    life.refused = refusals(environment)
    if environment.is_protected:  # what a person does first who wants it gone
        switch(environment.root, environment.name, deletion=False)
        environment.bootstrap().apply()
        environment.platform("apply").apply()
    else:
        loosen(environment)
        life.findings_when_loosened = findings(environment)
        mend(environment)
    environment.platform("apply").destroy()
    environment.bootstrap().destroy()
    life.left = environment.left()
    life.seconds = time.monotonic() - started
    return life


def shown(terraform: Terraform, plan: Path) -> dict[str, Any]:
    """A kept plan as JSON."""
    command = [str(terraform.binary), f"-chdir={terraform.folder}", "show", "-json", str(plan)]
    environment = {**terraform.environment, "TF_DATA_DIR": str(terraform.data)}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    return dict(json.loads(done.stdout))


def refusals(environment: Environment) -> list[str]:
    """What a job that may deploy tries to throw away of a protected environment, and is refused."""
    return [what for what, attempt in attempts(environment) if environment.is_protected and is_refused(attempt)]


def attempts(environment: Environment) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Ways to lose what an environment holds."""
    job, prefix, account = environment.job("apply"), f"lakeward-{environment.name}", environment.values.account_id
    dynamodb, s3, glue, athena = (environment.client(s, job) for s in ("dynamodb", "s3", "glue", "athena"))
    yield "the ledger", lambda: dynamodb.delete_table(TableName=f"{prefix}-ledger")
    yield "raw", lambda: s3.delete_bucket(Bucket=f"{prefix}-{account}-raw")
    yield "a database", lambda: glue.delete_database(Name=f"lakeward_{environment.name}_curated")
    yield "query history", lambda: athena.delete_work_group(WorkGroup=prefix)


def is_refused(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except ClientError as error:
        return str(error.response["Error"]["Code"]).startswith("AccessDenied")
    return False


def loosen(environment: Environment) -> None:
    """Undo, by hand and as the owner, one thing of each kind that makes the environment safe."""
    prefix, account = f"lakeward-{environment.name}", environment.values.account_id
    raw, role = f"{prefix}-{account}-raw", f"{prefix}-record"
    s3, iam, sqs = environment.client("s3"), environment.client("iam"), environment.client("sqs")
    s3.delete_public_access_block(Bucket=raw)
    s3.put_bucket_policy(
        Bucket=raw, Policy=policy(Principal="*", Action="s3:GetObject", Resource=f"arn:aws:s3:::{raw}/*")
    )
    s3.put_bucket_versioning(Bucket=raw, VersioningConfiguration={"Status": "Suspended"})
    queue = sqs.get_queue_url(QueueName=f"{prefix}-alerts")["QueueUrl"]
    arn = f"arn:aws:sqs:{environment.cloud.region}:{account}:{prefix}-alerts"
    open_queue = policy(Principal="*", Action="sqs:SendMessage", Resource=arn)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": open_queue, "SqsManagedSseEnabled": "false"})
    environment.client("logs").delete_retention_policy(logGroupName=f"/aws/lambda/{role}")
    iam.delete_role_permissions_boundary(RoleName=role)
    iam.put_role_policy(
        RoleName=role, PolicyName="more", PolicyDocument=policy(Sid="More", Action="s3:*", Resource="*")
    )
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=policy(Action="sts:AssumeRole", Principal={"AWS": "*"}))
    iam.create_user(UserName="somebody")
    environment.client("lambda").add_permission(
        FunctionName=role, StatementId="anybody", Action="lambda:InvokeFunction", Principal="*"
    )


def mend(environment: Environment) -> None:
    """Take away what Terraform does not know of, and put back what keeps it off: the rest is its to put right.

    A role outside the boundary is not for who deploys, who could give it anything; not to delete it either.
    """
    prefix, iam = f"lakeward-{environment.name}", environment.client("iam")
    role = f"{prefix}-record"
    boundary = f"arn:aws:iam::{environment.values.account_id}:policy/{prefix}-boundary"
    iam.delete_user(UserName="somebody")
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    iam.delete_role_policy(RoleName=role, PolicyName="more")
    environment.client("lambda").remove_permission(FunctionName=role, StatementId="anybody")


def policy(**statement: Any) -> str:
    """A policy of one statement that allows something."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
