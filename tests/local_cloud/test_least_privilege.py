"""Each function runs under its own role, and needs every right that the role has.

The whole pipeline runs on a local cloud that enforces policies, on the Terraform as it is. Then each statement of each
role, and each action and resource of it, is taken away in turn: the role's function must be denied. What the local
cloud does not ask for and AWS does is listed with AWS's own word for it, and nothing else may be left over.
"""

import re
from collections.abc import Iterator

import pytest
from deployed_world import SLOTS, Deployed, add_dataset, copy_of_repository, files_of
from privilege_scenarios import DATASET, TRIAL, Scenarios
from privilege_world import Document, FunctionFailed, Part, Privileges, parts_of, without

from lakeward.adapters.terraform.events import Progress
from lakeward_local.deploy import deploy_local
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.settings import CloudSettings

pytestmark = [pytest.mark.long, pytest.mark.hour, pytest.mark.timeout(1800)]

DENIED = re.compile(r"AccessDenied|ACCESS_DENIED|\b403\b|AuthorizationError|not authorized to perform", re.IGNORECASE)

STATEMENTS = {
    "ingest": ["WriteOwnLogs", "TellAbsentFromDenied", "WriteRaw"],
    "transform": [
        "WriteOwnLogs",
        "TellAbsentFromDenied",
        "ReadRaw",
        "ReadTables",
        "ReadTableFiles",
        "WriteTableFiles",
        "Stage",
    ],
    "audit": ["WriteOwnLogs", "TellAbsentFromDenied", "ReadStaged", "ReadTableFiles"],
    "publish": [
        "WriteOwnLogs",
        "TellAbsentFromDenied",
        "ReadStaged",
        "ReadTables",
        "ReadTableFiles",
        "WriteTableFiles",
        "Commit",
    ],
    "record": ["WriteOwnLogs", "KeepLedger"],
    "migrate": ["WriteOwnLogs", "TellAbsentFromDenied", "ReadTableFiles", "WriteTableFiles", "MakeTablesAndViews"],
    "switch": [
        "WriteOwnLogs",
        "FindCertificates",
        "ReadLedgerAndKeepThePlan",
        "MoveViews",
        "BringTablesBack",
        "ReadTableFiles",
        "WriteTableFiles",
        "AskTheTable",
        "LetAthenaReadTheCatalog",
        "LetAthenaFindTheBuckets",
        "LetAthenaKeepResults",
    ],
    "dispatch": ["WriteOwnLogs", "KeepDeadLetters", "StartRuns", "LookAtRuns"],
    "pipeline": ["DeliverLogs", "RunTheSteps", "Alert"],
}

_LAMBDA_LOGS = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"
_ATHENA_GLUE = "https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html"
_ATHENA_S3 = "https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html"
_MULTIPART = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"

AWS_ONLY = {
    "WriteOwnLogs": f"Lambda writes a function's log under the function's role: {_LAMBDA_LOGS}",
    "WriteTableFiles: s3:AbortMultipartUpload": f"only a large upload that fails is given up: {_MULTIPART}",
    "KeepDeadLetters": "Lambda sends an event that failed for good under the function's role: "
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    "DeliverLogs": "Step Functions sets up the delivery of logs under the machine's role: "
    "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
    "LetAthenaReadTheCatalog": f"Athena asks Glue with the caller's rights: {_ATHENA_GLUE}",
    "LetAthenaFindTheBuckets": f"Athena asks S3 with the caller's rights: {_ATHENA_S3}",
    "LetAthenaKeepResults": f"Athena writes results with the caller's rights: {_ATHENA_S3}",
}
"""What the local cloud lets pass without asking and AWS does not, with AWS's word for it: by statement, or by part."""


class Silent:
    """Hears what a deployment says and does not repeat it."""

    def say(self, _line: str) -> None:
        """Nothing."""

    def progress(self, _label: str) -> Progress:
        """Nothing, again and again."""
        return lambda _step: None


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The repository as it is, deployed to a local cloud that enforces policies."""
    root = copy_of_repository(tmp_path_factory.mktemp("least") / "repository")
    add_dataset(root, TRIAL)
    settings = CloudSettings(wait_scale=0.02, enforce_iam=True)
    cloud = LocalCloud(Home.of(root), root / "datasets", settings, Ports(None, None))
    record = cloud.up(lambda _: None)
    try:
        deploy_local(root, record, Silent())
        yield Deployed(root, record, files_of(root))
    finally:
        cloud.down()


@pytest.fixture(scope="module")
def scenarios(deployed: Deployed) -> Scenarios:
    """All recorded days published by the state machine, and one slot of another dataset step by step."""
    done = deployed.lakeward("run", DATASET, "--from", SLOTS[0], "--to", SLOTS[-1])
    assert done.returncode == 0, done.stderr
    found = Scenarios(Privileges(deployed))
    found.run_step_by_step()
    deployed.alerts()
    return found


def test_every_role_and_every_statement_is_looked_at(scenarios: Scenarios):
    iam = scenarios.world.client("iam")
    roles = {role["RoleName"].removeprefix("lakeward-local-") for role in iam.list_roles()["Roles"]}

    assert roles == {*STATEMENTS, "scheduler"}
    for role, sids in STATEMENTS.items():
        assert [s["Sid"] for s in scenarios.world.policy(role)["Statement"]] == sids, role


@pytest.mark.parametrize("role", STATEMENTS)
def test_with_all_its_rights_a_role_does_its_work(role: str, scenarios: Scenarios):
    scenarios.of(role)()


@pytest.mark.parametrize(("role", "sid"), [(role, sid) for role, sids in STATEMENTS.items() for sid in sids])
def test_without_any_part_of_a_statement_it_is_denied(role: str, sid: str, scenarios: Scenarios):
    whole = scenarios.world.policy(role)
    parts = parts_of(whole, sid)[: 1 if sid in AWS_ONLY else None]
    found = {str(part): without_it(role, whole, part, scenarios) for part in parts}
    scenarios.of(role)()  # what a denied use left undone

    assert found == {part: "done all the same" if part in AWS_ONLY else "denied" for part in found}


def without_it(role: str, whole: Document, part: Part, scenarios: Scenarios) -> str:
    """What becomes of the use of a role whose policy lacks a part; afterwards it lacks nothing."""
    scenarios.world.put(role, without(whole, part))
    try:
        scenarios.of(role)()
    except (FunctionFailed, AssertionError) as problem:
        return "denied" if DENIED.search(str(problem)) else str(problem)
    finally:
        scenarios.world.put(role, whole)
    return "done all the same"
