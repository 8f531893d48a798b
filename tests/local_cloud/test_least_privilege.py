"""Each function runs under its own role, and needs every right that the role has.

The whole pipeline runs on a local cloud that enforces policies, on the Terraform as it is. Then each statement of each
role, and each action and resource of it, is taken away in turn: the role's function must be denied. What the local
cloud does not ask for and AWS does is listed with AWS's own word for it, and nothing else may be left over.
"""

import re
from collections.abc import Iterator

import pytest
from deployed_world import SLOTS, Deployed, copy_of_repository, files_of
from privilege_scenarios import Scenarios
from privilege_world import FunctionFailed, Privileges, parts_of, without

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
        "TellAbsentFromDenied",
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

AWS_ONLY: dict[str, str] = {}


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
    """All recorded days published: the first seven by the state machine, the last one step by step."""
    done = deployed.lakeward("run", "earthquakes", "--from", SLOTS[0], "--to", SLOTS[-2])
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
    found: dict[str, str] = {}
    for part in parts_of(whole, sid):
        scenarios.world.put(role, without(whole, part))
        try:
            scenarios.of(role)()
        except (FunctionFailed, AssertionError) as problem:
            found[f"{role} {part}"] = "denied" if DENIED.search(str(problem)) else str(problem)
        else:
            found[f"{role} {part}"] = "done all the same"
        finally:
            scenarios.world.put(role, whole)
    scenarios.of(role)()  # what a denied use left undone

    expected = {part: "done all the same" if part in AWS_ONLY else "denied" for part in found}
    assert found == expected
