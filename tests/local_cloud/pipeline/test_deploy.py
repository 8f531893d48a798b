"""A real ``terraform apply`` of the whole platform into a local cloud."""

import dataclasses
import json

import pytest
from deployed_world import Deployed
from local_cloud_world import World

from lakeward.adapters.terraform.run import Terraform, find_terraform, terraform_environment
from lakeward.errors import TerraformFailed
from lakeward_local import deploy
from lakeward_local.home import Home


@dataclasses.dataclass
class Silent:
    """A Teller who keeps what was said."""

    lines: list[str] = dataclasses.field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)

    def progress(self, _label: str):
        return lambda _step: None


def root_of(deployed: Deployed, name: str) -> Terraform:
    root = deployed.root
    local = root / "environments" / "local" / "platform.tfvars"
    written = sorted((root / "dist" / "local").glob("*.tfvars.json"))
    return Terraform(
        binary=find_terraform(root),
        folder=root / "terraform" / name,
        data=Home.of(root).terraform / name,
        environment=terraform_environment(root, aws=deployed.record.environment()),
        progress=lambda _step: None,
        var_files=(local, *written) if name == "platform" else (),
        variables={"environment": "local"} if name == "bootstrap" else {},
    )


@pytest.fixture(scope="session")
def world(deployed: Deployed) -> World:
    return World.of(deployed.record)


@pytest.mark.parametrize("name", ["bootstrap", "platform"])
def test_a_second_plan_is_empty(deployed: Deployed, name: str):
    assert root_of(deployed, name).plan() == []


def test_a_change_behind_terraforms_back_is_planned_to_be_undone(deployed: Deployed, world: World):
    functions = world.client("lambda")
    functions.update_function_configuration(FunctionName="lakeward-local-audit", Timeout=61)

    planned = root_of(deployed, "platform").plan()
    functions.update_function_configuration(FunctionName="lakeward-local-audit", Timeout=60)

    assert planned == ['update module.function["audit"].aws_lambda_function.this']


def test_what_is_as_the_repository_says_is_left_alone(deployed: Deployed):
    teller = Silent()

    deployment = deploy.deploy_local(deployed.root, deployed.record, teller)

    assert (deployment.changed, teller.lines) == (False, ["The environment is as the repository says"])
    assert deployment.outputs["workgroup"] == "lakeward-local"


def test_the_tables_and_views_of_every_contract_are_there(world: World):
    glue = world.client("glue")
    databases = {d["Name"] for d in glue.get_databases()["DatabaseList"]}
    views = {t["Name"] for t in glue.get_tables(DatabaseName="lakeward_local_serving")["TableList"]}

    assert {"lakeward_local_curated", "lakeward_local_quarantine", "lakeward_local_serving"} <= databases
    assert {"earthquakes", "earthquakes_quarantine"} <= views


def test_functions_ask_the_replay_in_the_place_of_the_upstream(deployed: Deployed, world: World):
    settings = world.client("lambda").get_function_configuration(FunctionName="lakeward-local-ingest")

    overrides = json.loads(settings["Environment"]["Variables"]["UPSTREAM_OVERRIDES"])
    assert overrides["https://earthquake.usgs.gov"] == deployed.record.replay_endpoint
    assert set(overrides.values()) == {deployed.record.replay_endpoint}


def test_terraform_that_fails_says_what_terraform_said(deployed: Deployed):
    wrong = dataclasses.replace(root_of(deployed, "platform"), variables={"environment": "no such environment"})

    with pytest.raises(TerraformFailed, match="environment must be 2 to 12 of a-z and 0-9"):
        wrong.plan()
