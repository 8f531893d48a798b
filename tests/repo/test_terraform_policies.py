"""The policies that the platform makes, as they would be attached: within the boundary, and enough for who has them."""

import json

import pytest
from iam_policies import Document, actions_of, allows, statements_of
from rendered_terraform import ROOT, Rendered, copied, rendered

from lakeward.ops.fixed_cost import fixed_cost

DIGEST = "0123456789abcdef" * 4
RUNS = f"""
run "full" {{
  variables {{
    protection = {{ deletion = false, raw_lock = null, customer_key = true, private_network = true }}
    release = {{
      functions = {{ bucket = "lakeward-test-123456789012-artifacts", key = "functions/{DIGEST}.zip" }}
      job       = {{ script = {{ bucket = "lakeward-test-123456789012-artifacts", key = "scripts/{DIGEST}.py" }} }}
    }}
  }}
}}
"""
IDLE = """
run "idle" {
}
"""
BOOTSTRAP = """
run "test" {
  variables {
    environment = "../terraform/bootstrap/tests/environment"
  }
}
"""
CATALOG = "arn:aws:athena:us-east-1:123456789012:datacatalog/AwsDataCatalog"


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendered]:
    """The platform with a job and with all that protects it turned on, and with nothing that bills by the month."""
    scratch = copied(tmp_path_factory.mktemp("platform"))
    return rendered(scratch, "terraform/platform", "platform.tftest.hcl", IDLE + RUNS)


@pytest.fixture(scope="module")
def platform(platforms: dict[str, Rendered]) -> Rendered:
    """The platform with a job and with all that protects it turned on."""
    return platforms["full"]


@pytest.fixture(scope="module")
def boundary(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """What a role of the environment may do at most."""
    scratch = copied(tmp_path_factory.mktemp("bootstrap"))
    found = rendered(scratch, "terraform/bootstrap", "bootstrap.tftest.hcl", BOOTSTRAP)
    return found["test"].policy("lakeward-test-boundary")


def of_roles(platform: Rendered) -> dict[str, Document]:
    """What each role of the platform may do, by its address."""
    found = platform.of_type("aws_iam_role_policy").items()
    return {address.removeprefix("module.").partition(".aws")[0]: json.loads(v["policy"]) for address, v in found}


def test_no_role_has_an_action_that_its_boundary_takes_away(platform: Rendered, boundary: Document):
    most = set(actions_of(boundary))
    roles = of_roles(platform)

    assert {'function["ingest"]', "pipeline", "job[0]", "dispatch", "schedules"} <= set(roles)
    assert {role: sorted(set(actions_of(rights)) - most) for role, rights in roles.items()} == {
        role: [] for role in roles
    }


def test_the_machine_may_look_for_the_catalog_that_its_queries_ask(platform: Rendered, boundary: Document):
    machine = of_roles(platform)["pipeline"]

    assert allows(machine, "athena:GetDataCatalog", CATALOG)
    assert allows(boundary, "athena:GetDataCatalog", CATALOG)
    assert not any("athena:GetDataCatalog" in s["Action"] and s["Resource"] == ["*"] for s in statements_of(machine))


def test_idle_it_costs_what_the_documents_say(platforms: dict[str, Rendered]):
    """Six alarms, and one for each scheduled dataset, whatever else there is."""
    cost = fixed_cost({"planned_values": {"root_module": platforms["idle"].module}})
    stale = [a for a in platforms["idle"].of_type("aws_cloudwatch_metric_alarm") if a.endswith('-stale"]')]

    assert cost.unpriced == ()
    assert cost.usd == pytest.approx(0.60 + 0.10 * len(stale))
    assert cost.line() in (ROOT / "docs/cost.md").read_text()
    assert f"costs about ${cost.usd:.2f} a month" in (ROOT / "README.md").read_text()
