"""Each function and the Glue job run under their own roles, and need every right that the role has.

The whole pipeline runs on a local cloud that enforces policies, on the Terraform as it is. Then each statement of each
role in Terraform's state, and each action and resource of it, is taken away in turn: the use of the role that
``tests/support/privilege_scenarios.py`` names after it must be denied. What AWS asks for and the local cloud does not
is listed in ``docs/least-privilege.md``, each with its reason and AWS's word for it, and nothing else may be left over.
"""

import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pytest
from auth_world import guarded
from deployed_world import SLOTS, Deployed, add_dataset, copy_of_repository, files_of
from privilege_exceptions import Exceptions
from privilege_scenarios import ROLES, Scenarios
from privilege_trial import DATASET, TRIAL, Login, add_mart, make_old, of_every_right, store_what_is_old
from privilege_world import FunctionFailed, Part, Privileges, without

from lakeward.adapters.terraform.events import Progress
from lakeward_local.deploy import deploy_local
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.settings import CloudSettings

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

DENIED = re.compile(r"AccessDenied|ACCESS_DENIED|\b403\b|AuthorizationError|not authorized to perform", re.IGNORECASE)
EXCEPTIONS = Exceptions.of(Path(__file__).parents[2] / "docs" / "least-privilege.md")
WHERE = "tests/support/privilege_scenarios.py"


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
    add_dataset(root, TRIAL, of_every_right)
    add_mart(root)
    settings = CloudSettings(wait_scale=0.02, enforce_iam=True)
    cloud = LocalCloud(Home.of(root), root / "datasets", settings, Ports(None, None))
    record = cloud.up(lambda _: None)
    try:
        deploy_local(root, record, Silent())
        deployed = Deployed(root, record, files_of(root))
        store_what_is_old(Privileges(deployed))
        cloud.down()
        make_old(cloud.home, deployed.bucket("curated"))
        assert cloud.up(lambda _: None).endpoint == record.endpoint
        yield deployed
    finally:
        cloud.down()


@pytest.fixture(scope="module")
def login(deployed: Deployed) -> Iterator[Login]:
    """Where the trial logs in."""
    with guarded("token", life_seconds=1) as service:
        login = Login(Privileges(deployed), service)
        login.prepare()
        yield login


@pytest.fixture(scope="module")
def scenarios(deployed: Deployed, login: Login) -> Scenarios:
    """All recorded days published by the state machine, and one slot of another dataset step by step."""
    done = deployed.lakeward("run", DATASET, "--from", SLOTS[0], "--to", SLOTS[-1])
    assert done.returncode == 0, done.stderr
    found = Scenarios(Privileges(deployed), login)
    found.run_step_by_step()
    deployed.alerts()
    return found


def test_the_whole_pipeline_runs_and_answers_with_policies_enforced(scenarios: Scenarios):
    proved = scenarios.world.deployed.lakeward("e2e", DATASET)

    assert proved.returncode == 0, proved.stdout + proved.stderr


def test_every_role_that_terraform_made_has_a_use(scenarios: Scenarios):
    excused = {
        role
        for role in scenarios.world.roles
        if all(EXCEPTIONS.excuse(role, part) for part in scenarios.world.parts(role) if part.is_whole)
    }

    missing = sorted(scenarios.world.roles.keys() - {*ROLES} - excused)

    assert missing == [], (
        f"expected a use of each of these roles: write the smallest one that needs all of its rights as a method of "
        f"Scenarios in {WHERE}, named after the role, and name it in ROLES"
    )
    assert sorted({*ROLES} - scenarios.world.roles.keys()) == [], f"uses of roles that are not there; see {WHERE}"


def test_every_exception_is_of_a_right_that_a_role_has(scenarios: Scenarios):
    rights = {(role, str(part)) for role in scenarios.world.roles for part in scenarios.world.parts(role)}

    assert EXCEPTIONS.of_nothing(rights) == []


@pytest.mark.parametrize("role", ROLES)
def test_without_what_only_aws_asks_for_a_role_does_its_work(role: str, scenarios: Scenarios):
    listed = [part for part in scenarios.world.parts(role) if EXCEPTIONS.excuse(role, part)]

    came_out = without_them(role, listed, scenarios)

    assert came_out == "done all the same", (
        f"expected {role} to do its work without {', '.join(map(str, listed))}. What is denied here is asked for by "
        "the local cloud too: strike its row from docs/least-privilege.md"
    )


@pytest.mark.parametrize("role", ROLES)
def test_without_any_one_of_its_rights_it_is_denied(role: str, scenarios: Scenarios, subtests: pytest.Subtests):
    for part in EXCEPTIONS.to_try(role, scenarios.world.parts(role)):
        with subtests.test(f"{role} without {part}"):
            assert without_them(role, [part], scenarios) == "denied", (
                f"expected {role} to be denied without {part}. Where nothing needs it, take it out of its policy; "
                f"where {role} needs it, let Scenarios.{role} in {WHERE} do what needs it; where AWS asks for it and "
                "the local cloud does not, list it in docs/least-privilege.md with AWS's word for it"
            )
    scenarios.of(role)()  # what a denied use left undone


def without_them(role: str, parts: list[Part], scenarios: Scenarios) -> str:
    """What becomes of the use of a role whose policy lacks these parts; afterwards it lacks nothing."""
    whole = scenarios.world.roles[role]
    scenarios.world.put(role, reduce(without, parts, whole))
    try:
        scenarios.of(role)()
    except (FunctionFailed, AssertionError) as problem:
        return "denied" if DENIED.search(str(problem)) else str(problem)
    finally:
        scenarios.world.put(role, whole)
    return "done all the same"
