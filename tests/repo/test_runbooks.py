"""Every alarm names its runbook, every runbook is named by an alarm and gives commands, every error of a run is
explained."""

import re

import botocore.session
import pytest
from botocore import xform_name
from lakeward_commands import lakeward_commands
from runbooks import INLINE, PAGES, ROOT, boxed, commands, index

from lakeward.adapters.live import FRESHNESS
from lakeward.errors import LakewardError, Permanent, Transient

ALARMS = (ROOT / "terraform" / "platform" / "alarms.tf").read_text()
OF_THE_CLI = {"logs tail": "filter_log_events"}
"""What `aws` itself makes of other operations."""


def named() -> set[str]:
    descriptions = re.findall(r"description\s*=\s*\"([^\n]*)\"$", ALARMS, re.MULTILINE)
    assert descriptions
    return {re.search(r"Runbook: docs/operations/([\w-]+\.md)$", text)[1] for text in descriptions}  # type: ignore[index]


def alarms() -> set[str]:
    """Ends of the names of all alarms, a dataset's with its place left open."""
    names = set(re.findall(r"^    ([a-z-]+) = \{$", ALARMS, re.MULTILINE))
    return names | {name.replace("${name}", "<dataset>") for name in re.findall(r'"(\$\{name\}-[a-z]+)" =>', ALARMS)}


def test_every_alarm_names_a_runbook_and_every_runbook_has_an_alarm() -> None:
    assert named() == {page.name for page in PAGES.glob("*.md")}


def test_a_health_check_knows_the_alarms_of_freshness_by_their_metric() -> None:
    metrics = set(re.findall(r'metric\s*=\s*\{ namespace = "([^"]+)", name = "([^"]+)"', ALARMS))
    namespace, name = FRESHNESS

    assert {(where, what) for where, what in metrics if where == namespace} == {(namespace, name)}


def test_the_index_names_every_alarm_once_and_leads_to_every_runbook() -> None:
    assert sorted(row.alarm for row in index()) == sorted(alarms())
    assert {row.page for row in index()} == named()


def test_the_index_says_meaning_first_look_and_action_with_a_command_for_each_alarm() -> None:
    assert [row.alarm for row in index() if not INLINE.findall(f"{row.look} {row.action}")] == []
    assert [row.alarm for row in index() if min(len(row.meaning), len(row.look), len(row.action)) < 10] == []


@pytest.mark.parametrize("page", sorted(named()))
def test_every_runbook_says_meaning_first_look_and_action_and_gives_a_command(page: str) -> None:
    text = (PAGES / page).read_text()

    assert [part for part in ("**Meaning.**", "**First look.**", "**Action.**") if part not in text] == []
    assert boxed(PAGES / page)


def test_every_command_of_lakeward_that_a_runbook_gives_is_one_with_its_options() -> None:
    known = lakeward_commands()
    for words in (words[1:] for words in commands() if words[0] == "lakeward"):
        options = {option for parameter in known[words[0]].params for option in parameter.opts}
        assert [word for word in words if word.startswith("-") and word not in options] == [], words


def test_every_command_of_aws_that_a_runbook_gives_is_an_operation() -> None:
    session = botocore.session.get_session()
    for words in (words[1:] for words in commands() if words[0] == "aws"):
        asked = OF_THE_CLI.get(" ".join(words[:2]), words[1].replace("-", "_"))
        operations = session.get_service_model(words[0]).operation_names
        assert asked in {xform_name(name) for name in operations}, words


def test_every_error_that_can_fail_a_run_is_in_the_runbook_of_failed_runs() -> None:
    branches = (Permanent, Transient)
    leaves = {c.__name__ for branch in branches for c in branch.__subclasses__() if c.__module__ == "lakeward.errors"}
    outside_runs = {"QueryFailed", "QueriesInvalid", "ConfigurationMissing", "BuildFailed", "DeploymentFailed"}
    outside_runs |= {"ReleaseRefused"}
    text = (PAGES / "pipeline-failed.md").read_text()

    assert issubclass(Permanent, LakewardError)
    assert sorted(name for name in leaves - outside_runs if f"`{name}`" not in text) == []
