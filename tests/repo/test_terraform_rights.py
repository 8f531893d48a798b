"""GitHub's roles may do what the commands of the workflows ask of AWS, and nothing that nobody asks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from iam_policies import Document, actions_of, allows
from rendered_terraform import ROOT, copied, rendered
from role_rights import APPLYING, CALLS, NO_RIGHT_IS_ASKED, ONLY_IN_FUNCTIONS, PLANNING, Call, needed, roles_of

pytestmark = pytest.mark.long

SERVICES = ("athena", "cloudwatch", "dynamodb", "glue", "iam", "lambda", "logs", "s3", "scheduler", "secretsmanager")
SERVICES += ("sns", "sqs", "stepfunctions", "sts")
RUN = """
run "{name}" {{
  variables {{
    environment = "../terraform/bootstrap/tests/{folder}"
  }}

  override_module {{
    target  = module.artifacts
    outputs = {{
      arn  = "arn:aws:s3:::lakeward-{name}-{account}-artifacts"
      name = "lakeward-{name}-{account}-artifacts"
    }}
  }}

  override_module {{
    target  = module.state
    outputs = {{
      arn  = "arn:aws:s3:::lakeward-{name}-{account}-state"
      name = "lakeward-{name}-{account}-state"
    }}
  }}
}}
"""
"""The addresses of buckets are AWS's answers, which a mocked provider does not know."""
ACCOUNTS = {"test": "123456789012", "source": "234567890123"}
FOLDERS = {"test": "environment", "source": "source"}
ROLES = ("plan", "apply")
CONTEXTS = {"iam:PassRole": {"iam:PassedToService": "scheduler.amazonaws.com"}}

Roles = dict[tuple[str, str], Document]


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Roles:
    """What the two roles may do, in an environment that releases come to, with all that can be turned on, and in one
    that they are proved in."""
    scratch = copied(tmp_path_factory.mktemp("bootstrap"))
    knobs = scratch / "terraform/bootstrap/tests/environment/platform.tfvars"
    text = knobs.read_text()
    for knob in ("customer_key   ", "private_network"):
        assert f"{knob} = false" in text
        text = text.replace(f"{knob} = false", f"{knob} = true")
    knobs.write_text(text)
    runs = [RUN.format(name=name, folder=FOLDERS[name], account=account) for name, account in ACCOUNTS.items()]
    found = rendered(scratch, "terraform/bootstrap", "bootstrap.tftest.hcl", "".join(runs))
    return {(name, role): found[name].rights_of(f"lakeward-{name}-{role}") for name in ACCOUNTS for role in ROLES}


def arns(call: Call, environment: str) -> list[str]:
    account = ACCOUNTS[environment]
    named = {
        "name": f"lakeward-{environment}",
        "bucket": f"lakeward-{environment}-{account}",
        "lake": f"lakeward_{environment}",
        "here": f"us-east-1:{account}",
        "account": account,
    }
    return [arn.format(**named) for arn in call.on]


def kinds() -> set[str]:
    """Every kind of resource that the platform is made of, and its state."""
    files = [file for folder in ("modules", "terraform/platform") for file in (ROOT / folder).rglob("*.tf")]
    made = {kind for file in files for kind in re.findall(r'^resource "(\w+)"', file.read_text(), re.MULTILINE)}
    return made | {"backend"}


def operations() -> dict[str, set[str]]:
    """Every operation of the services by the name of its method, paginator or waiter."""
    session, found = botocore.session.get_session(), dict[str, set[str]]()
    for service in SERVICES:
        for name in session.get_service_model(service).operation_names:
            found.setdefault(xform_name(name), set()).add(service)
    return found


def of_commands() -> Iterator[Path]:
    """The modules of commands and adapters that a command may come to, by what imports what."""
    sources = {
        ".".join(file.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__"): file
        for file in (ROOT / "src/lakeward").rglob("*.py")
    }
    waiting, seen = ["lakeward.cli.app"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in sources:
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(sources[name].read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                waiting += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    yield from (sources[name] for name in seen if name.startswith(("lakeward.adapters", "lakeward.cli")))


def asked_in(file: Path, known: set[str]) -> set[str]:
    """Operations that a module asks for: methods, and names given to paginators and waiters."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in known:
            found.add(node.func.attr)
        if node.func.attr in ("get_paginator", "get_waiter") and isinstance(node.args[0], ast.Constant):
            found.add(str(node.args[0].value))
    return found


@pytest.mark.parametrize("environment", ACCOUNTS)
def test_each_role_may_do_what_its_commands_ask(environment: str, roles: Roles):
    denied = {
        f"{role}: {call.action} on {arn}, which {', '.join(call.commands)} ask for by {call.operation}"
        for call in CALLS
        for role in roles_of(call)
        for arn in arns(call, environment)
        if not ("seed" in call.commands and environment == "test")  # raw is true there, and nobody may seed it
        if not allows(roles[environment, role], call.action, arn, CONTEXTS.get(call.action))
    }

    assert denied == set()


def test_samples_are_put_into_raw_only_where_releases_are_proved(roles: Roles):
    raw = "arn:aws:s3:::lakeward-test-123456789012-raw/earthquakes/slot=any/certificate.json"

    assert not allows(roles["test", "apply"], "s3:PutObject", raw)


def test_evidence_is_read_where_it_was_made(roles: Roles):
    bucket = "arn:aws:s3:::lakeward-source-234567890123-artifacts"
    rights = roles["test", "apply"]

    assert allows(rights, "s3:GetObject", f"{bucket}/evidence/any.json")
    assert allows(rights, "s3:ListBucket", bucket, {"s3:prefix": "evidence/source/any/"})
    assert not allows(rights, "s3:GetObject", f"{bucket}/releases/any.json")


@pytest.mark.parametrize("environment", ACCOUNTS)
@pytest.mark.parametrize("role", ROLES)
def test_no_right_is_without_a_reason(environment: str, role: str, roles: Roles):
    assert sorted(set(actions_of(roles[environment, role])) - needed(kinds())) == []


def test_every_call_of_a_command_is_in_the_table():
    known = set(operations())
    asked = {operation for file in of_commands() for operation in asked_in(file, known)}

    assert asked - NO_RIGHT_IS_ASKED - ONLY_IN_FUNCTIONS - {"query"} == {c.operation for c in CALLS} - {"query"}


def test_every_command_of_a_workflow_is_in_the_table():
    texts = [file.read_text() for file in (ROOT / ".github/workflows").glob("*.yml")]
    commands = {found for text in texts for found in re.findall(r"bin/lakeward (deploy plan|[a-z0-9]+)", text)}
    scripts = {found for text in texts for found in re.findall(r"python scripts/ci/(seed|fill)\.py", text)}

    assert (commands | scripts) - {"release"} <= {*PLANNING, *APPLYING}
    assert {command for call in CALLS for command in call.commands} == {*PLANNING, *APPLYING}
