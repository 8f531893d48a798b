"""The policies that the platform makes, as they would be attached: within the boundary, and enough for who has them."""

import json

import pytest
from iam_policies import Document, actions_of, allows, statements_of
from rendered_terraform import ROOT, Rendered, copied, rendered
from role_rights import CALLS
from runbooks import commands

from lakeward.fixed_cost import fixed_cost

pytestmark = pytest.mark.long

DIGEST = "0123456789abcdef" * 4
ENVIRONMENTS = (ROOT / "environments/README.md").read_text()
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
HERE = {"name": "lakeward-test", "here": "us-east-1:123456789012", "account": "123456789012"}
HERE |= {"bucket": "lakeward-test-123456789012", "lake": "lakeward_test"}
_QUEUES = ("alerts-dlq", "dead-letters")
_MACHINE, _EXECUTION = "states:{here}:stateMachine:{name}-pipeline", "states:{here}:execution:{name}-pipeline:any"
_ASKED_OF_ALL = "*"
RUNBOOKS = {
    "cloudwatch get-metric-data": {"cloudwatch:GetMetricData": [_ASKED_OF_ALL]},
    "logs tail": {"logs:FilterLogEvents": ["logs:{here}:log-group:/aws/lambda/{name}-maintain:*"]},
    "scheduler get-schedule": {"scheduler:GetSchedule": ["scheduler:{here}:schedule/{name}/{name}-earthquakes"]},
    "sqs get-queue-url": {"sqs:GetQueueUrl": [f"sqs:{{here}}:{{name}}-{queue}" for queue in _QUEUES]},
    "sqs receive-message": {"sqs:ReceiveMessage": [f"sqs:{{here}}:{{name}}-{queue}" for queue in _QUEUES]},
    "sqs purge-queue": {"sqs:PurgeQueue": [f"sqs:{{here}}:{{name}}-{queue}" for queue in _QUEUES]},
    # AWS: moving takes the rights to take letters away from the one queue, and to put them into the other.
    "sqs start-message-move-task": {
        **{f"sqs:{what}": ["sqs:{here}:{name}-alerts-dlq"] for what in ("StartMessageMoveTask", "ReceiveMessage")},
        **{f"sqs:{what}": ["sqs:{here}:{name}-alerts-dlq"] for what in ("DeleteMessage", "GetQueueAttributes")},
        "sqs:SendMessage": ["sqs:{here}:{name}-alerts"],
    },
    "sqs list-message-move-tasks": {"sqs:ListMessageMoveTasks": ["sqs:{here}:{name}-alerts-dlq"]},
    "stepfunctions list-executions": {"states:ListExecutions": [_MACHINE]},
    "stepfunctions get-execution-history": {"states:GetExecutionHistory": [_EXECUTION]},
}
"""What IAM asks of whoever gives a command of a runbook, and of what."""
OF_NOBODY_ON_CALL = {
    "cloudwatch:DeleteAlarms": "cloudwatch:{here}:alarm:{name}-pipeline-failed",
    "dynamodb:PutItem": "dynamodb:{here}:table/{name}-ledger",
    "glue:StartJobRun": "glue:{here}:job/{name}-transform",
    "glue:UpdateTable": "glue:{here}:table/{lake}_serving/earthquakes",
    "iam:AttachRolePolicy": "iam::{account}:role/any",
    "lambda:InvokeFunction": "lambda:{here}:function:{name}-publish",
    "lambda:UpdateFunctionCode": "lambda:{here}:function:{name}-switch",
    "s3:DeleteObject": "s3:::{bucket}-curated/curated/any.parquet",
    "s3:GetObject": "s3:::{bucket}-raw/earthquakes/slot=any/page-00001.json",
    "s3:PutObject": "s3:::{bucket}-raw/earthquakes/slot=any/certificate.json",
    "scheduler:UpdateSchedule": "scheduler:{here}:schedule/{name}/{name}-earthquakes",
    "sqs:PurgeQueue": "sqs:{here}:{name}-alerts",
    "states:StartExecution": "states:{here}:stateMachine:lakeward-other-pipeline",
    "states:UpdateStateMachine": "states:{here}:stateMachine:{name}-pipeline",
}
PEOPLE = "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/people"
CATALOG = "arn:aws:athena:us-east-1:123456789012:datacatalog/AwsDataCatalog"


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendered]:
    """The platform with a job, a dataset that hashes personal columns and all that protects it turned on; and with
    nothing that bills by the month."""
    scratch = copied(tmp_path_factory.mktemp("platform"))
    contract = scratch / "datasets/earthquakes/contract.yaml"
    contract.write_text(f"{contract.read_text()}\npersonal_key: '{PEOPLE}'\n")
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


def arn(text: str) -> str:
    return text if text == _ASKED_OF_ALL else f"arn:aws:{text.format(**HERE)}"


def test_who_is_on_call_may_do_what_the_runbooks_say(platform: Rendered):
    operator = platform.policy("lakeward-test-operator")
    given = {" ".join(words[1:3]) for words in commands() if words[0] == "aws"}
    asked = [(action, arn(on)) for command in given for action, ons in RUNBOOKS[command].items() for on in ons]

    assert given == set(RUNBOOKS)
    assert [deed for deed in asked if not allows(operator, *deed)] == []


def test_who_is_on_call_may_give_the_commands_of_lakeward_that_the_runbooks_name(platform: Rendered):
    operator = platform.policy("lakeward-test-operator")
    given = {words[1] for words in commands() if words[0] == "lakeward"} | {"replay", "switch"}
    # Of functions, the configuration of each and the two that may be called.
    called = {"lambda:InvokeFunction": ["maintain", "switch"]}
    denied = {
        f"{call.action} on {on}, which {', '.join(call.commands)} ask for by {call.operation}"
        for call in CALLS
        if given & set(call.commands)
        for text in call.on
        for on in [
            text.format(**HERE).replace("-transform", f"-{role}") for role in called.get(call.action, ["transform"])
        ]
        if not allows(operator, call.action, on)
    }

    assert given == {"backfill", "maintain", "replay", "run", "runs", "switch"}
    assert denied == set()


def test_who_is_on_call_may_read_a_certificate(platform: Rendered):
    certificate = "arn:aws:s3:::lakeward-test-123456789012-raw/earthquakes/slot=any/certificate.json"

    assert allows(platform.policy("lakeward-test-operator"), "s3:GetObject", certificate)


@pytest.mark.parametrize("action", OF_NOBODY_ON_CALL)
def test_who_is_on_call_may_do_no_more(action: str, platform: Rendered):
    assert not allows(platform.policy("lakeward-test-operator"), action, arn(OF_NOBODY_ON_CALL[action]))


def test_only_what_lists_may_be_asked_of_everything(platform: Rendered):
    starred = [s["Sid"] for s in statements_of(platform.policy("lakeward-test-operator")) if "*" in s["Resource"]]

    assert starred == ["LookAtAlarms"]


@pytest.mark.parametrize("who", ["analyst", "operator"])
def test_a_policy_of_people_fits_into_what_iam_takes(who: str, platform: Rendered):
    assert len(json.dumps(platform.policy(f"lakeward-test-{who}"), separators=(",", ":"))) <= 6144


def test_where_personal_columns_are_hashed_the_network_leads_to_their_keys(platform: Rendered):
    found = platform.of_type("aws_vpc_endpoint").values()
    interfaces = {e["service_name"].rpartition(".")[2] for e in found if e["vpc_endpoint_type"] == "Interface"}
    key = "arn:aws:secretsmanager:us-east-1:123456789012:secret:lakeward/test/people"

    assert allows(of_roles(platform)['function["transform"]'], "secretsmanager:GetSecretValue", key)
    assert interfaces == {"athena", "glue", "secretsmanager", "states"}


def test_what_the_network_costs_is_what_the_documents_say(platform: Rendered):
    cost = fixed_cost({"planned_values": {"root_module": platform.module}})
    (endpoints,) = [line for line in cost.costs if line.what.startswith("interface endpoints")]
    usual, more = round(6 * endpoints.usd_each), round(2 * endpoints.usd_each)

    assert endpoints.units == 8
    assert f"| {usual}: three endpoints in two zones; and {more} for a fourth" in ENVIRONMENTS
    assert f"at {usual} USD a month, and {more} more" in (ROOT / "terraform/platform/variables.tf").read_text()
