"""What holds for every Lambda entrypoint: short, wired late, content with what the machine and Terraform give it."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipeline_world import context

from lakeward import errors
from lakeward.errors import ConfigurationMissing
from lakeward.handlers import audit, dispatch, ingest, marts, migrate, publish, record, transform
from lakeward.handlers.settings import setting
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

ROOT = Path(__file__).resolve().parents[3]
LONGEST_LINES = 40
SOURCES = {
    path.stem: ast.parse(path.read_text())
    for path in sorted((ROOT / "src/lakeward/handlers").glob("*.py"))
    if re.search(r"^def handler\(", path.read_text(), re.MULTILINE)
}
MACHINE = json.loads((ROOT / "terraform/platform/pipeline.asl.json").read_text())
CALLS = {
    name: re.fullmatch(r"\$\{(\w+)_arn\}", state["Resource"])[1]  # type: ignore[index]
    for name, state in MACHINE["States"].items()
    if state["Type"] == "Task" and "_arn}" in state["Resource"]
}
"""Task state -> the function that it calls."""


def function(of: ast.Module, name: str) -> ast.FunctionDef:
    return next(node for node in of.body if isinstance(node, ast.FunctionDef) and node.name == name)


def names_read(of: ast.Module) -> set[str]:
    """Names that a file takes from its event: ``event["x"]`` and ``event.get("x")``."""
    found = set()
    for node in ast.walk(of):
        match node:
            case ast.Subscript(value=ast.Name(id="event"), slice=ast.Constant(value=str(name))):
                found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="event"), attr="get"), args=[ast.Constant(value=name)]):
                found.add(name)
    return found


def given(state: str) -> set[str]:
    """Names that the state machine gives to a state's function."""
    return {name.removesuffix(".$") for name in MACHINE["States"][state]["Parameters"]}


@pytest.mark.parametrize("name", SOURCES)
def test_a_handler_is_short(name: str) -> None:
    handler = function(SOURCES[name], "handler")

    assert handler.end_lineno is not None
    assert handler.end_lineno - handler.lineno + 1 <= LONGEST_LINES


@pytest.mark.parametrize("name", SOURCES)
def test_a_handler_says_in_one_docstring_what_it_does(name: str) -> None:
    assert ast.get_docstring(function(SOURCES[name], "handler"))
    assert ast.get_docstring(SOURCES[name])


def test_every_handler_can_be_imported_without_settings_and_makes_no_client_until_it_is_called() -> None:
    program = """
import importlib, socket, sys
import boto3
import botocore.session

def refuse(*arguments, **named):
    raise AssertionError(f"a client was made while importing: {arguments} {named}")

boto3.client = boto3.resource = refuse
boto3.session.Session.client = boto3.session.Session.resource = refuse
botocore.session.Session.create_client = refuse
socket.socket.connect = refuse
for name in sys.argv[1:]:
    importlib.import_module(f"lakeward.handlers.{name}").handler
print("all imported")
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *SOURCES],
        capture_output=True,
        text=True,
        check=False,
        env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "all imported\n", "")


def test_the_state_machine_calls_the_steps_functions() -> None:
    assert CALLS == {
        "Ingest": "ingest",
        "Transform": "transform",
        "FindStaged": "transform",
        "Audit": "audit",
        "Publish": "publish",
        "Marts": "marts",
        "Record": "record",
        "RecordFailure": "record",
    }


@pytest.mark.parametrize("state", [name for name in CALLS if CALLS[name] != "record"])
def test_the_state_machine_gives_a_function_every_name_that_it_reads(state: str) -> None:
    read = names_read(SOURCES[CALLS[state]])

    assert read >= {"dataset", "slot"}
    assert read - given(state) == ({"job"} if state == "Transform" else set())  # which says that a job went before


def test_the_state_machine_gives_the_recording_function_every_name_that_it_reads_of_a_success_or_a_failure() -> None:
    read = names_read(SOURCES["record"])

    assert read - given("RecordFailure") == set()
    assert given("RecordFailure") - read == set()
    assert read - given("Record") == {"failed_step", "error"}
    assert given("Record") - read == {"ingest", "transform", "audit", "publish"}


def test_what_is_retried_by_name_are_the_transient_errors_and_nothing_else_of_ours() -> None:
    transient = {kind.__name__ for kind in errors.Transient.__subclasses__()}

    for state in CALLS:
        retried = {name for rule in MACHINE["States"][state]["Retry"] for name in rule["ErrorEquals"]}
        assert {name for name in retried if "." not in name} == transient
        assert {name for name in retried if "." in name} == {
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.TooManyRequestsException",
            "Lambda.Unknown",
            "Runtime.ExitError",
        }


ENTRY = Entry("earthquakes", Slot.parse("2018-01-31", "day"), "e", "s", "FAILED", "r", {})
TICK = {"dataset": "earthquakes", "scheduled_at": "2018-02-01T03:00:00Z"}
WIRING: list[tuple[str, Callable[[], Any], dict[str, str]]] = [
    (
        "ingest",
        lambda: ingest.deps.__wrapped__("earthquakes", "111111111111"),
        {
            "RAW_BUCKET": "raw",
            "UPSTREAM_OVERRIDES": "{}",
            "LAKEWARD_RELEASE": "e" * 64,
            "LAKEWARD_ENVIRONMENT": "dev",
        },
    ),
    ("ingest", ingest.ledger.__wrapped__, {"LEDGER_TABLE": "ledger"}),
    (
        "transform",
        lambda: transform.deps.__wrapped__("earthquakes"),
        {
            "RAW_BUCKET": "raw",
            "CURATED_BUCKET": "curated",
            "CURATED_DATABASE": "curated",
            "QUARANTINE_DATABASE": "quarantine",
            "LAKEWARD_RELEASE": "e" * 64,
        },
    ),
    ("audit", audit.lake.__wrapped__, {"CURATED_BUCKET": "curated"}),
    ("publish", publish.lake.__wrapped__, {"CURATED_BUCKET": "curated"}),
    (
        "publish",
        lambda: publish.wired_tables.__wrapped__("earthquakes"),
        {"CURATED_DATABASE": "curated", "QUARANTINE_DATABASE": "quarantine"},
    ),
    (
        "marts",
        marts.deps.__wrapped__,
        {
            "CURATED_BUCKET": "curated",
            "CURATED_DATABASE": "curated",
            "MARTS_DATABASE": "marts",
            "RESULTS_BUCKET": "results",
        },
    ),
    ("record", record.ledger.__wrapped__, {"LEDGER_TABLE": "ledger"}),
    ("record", record.ops_tables.__wrapped__, {"CURATED_BUCKET": "curated"}),
    ("record", lambda: record.count(ENTRY, news=True), {"LAKEWARD_ENVIRONMENT": "dev"}),
    ("dispatch", dispatch.machine.__wrapped__, {"STATE_MACHINE_ARN": "arn"}),
]
CASES = [
    pytest.param(wire, settings, missing, id=f"{name} without {missing}")
    for name, wire, settings in WIRING
    for missing in settings
]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that has what Lambda sets, and nothing that Terraform sets."""
    for name in {name for _, _, settings in WIRING for name in settings}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Lakeward")
    return monkeypatch


@pytest.mark.parametrize(("wire", "settings", "missing"), CASES)
def test_a_setting_that_is_missing_is_named(
    wire: Callable[[], Any], settings: dict[str, str], missing: str, bare: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        if name != missing:
            bare.setenv(name, value)

    with pytest.raises(ConfigurationMissing) as problem:
        wire()

    assert problem.value.message == (
        f"expected the environment variable {missing}, found none; Terraform sets it on the function"
    )


@pytest.mark.parametrize(("name", "wire", "settings"), WIRING)
def test_what_the_wiring_of_a_function_asks_for_is_enough(
    name: str, wire: Callable[[], Any], settings: dict[str, str], bare: pytest.MonkeyPatch
) -> None:
    for variable, value in settings.items():
        bare.setenv(variable, value)

    wire()


def test_a_setting_that_is_empty_is_missing(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("RAW_BUCKET", "")

    with pytest.raises(ConfigurationMissing, match="environment variable RAW_BUCKET"):
        setting("RAW_BUCKET")


MIGRATION = ("CURATED_BUCKET", "CURATED_DATABASE", "QUARANTINE_DATABASE", "MARTS_DATABASE", "SERVING_DATABASE")


@pytest.mark.parametrize("missing", MIGRATION)
def test_a_migration_needs_all_its_settings_before_it_makes_anything(missing: str, bare: pytest.MonkeyPatch) -> None:
    for name in {*MIGRATION} - {missing}:
        bare.setenv(name, "given")
    bare.delenv(missing, raising=False)

    with pytest.raises(ConfigurationMissing, match=f"environment variable {missing}"):
        migrate.handler({}, context())


def test_a_tick_needs_the_release_before_it_starts_anything(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:111111111111:stateMachine:lakeward-dev-pipeline")
    dispatch.machine.cache_clear()

    with pytest.raises(ConfigurationMissing, match="environment variable LAKEWARD_RELEASE"):
        dispatch.handler(TICK, context())
