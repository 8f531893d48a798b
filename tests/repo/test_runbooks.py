"""Every alarm names its runbook, every runbook is named by an alarm, every error of a run is explained."""

import re
from pathlib import Path

from lakeward.adapters.live import FRESHNESS
from lakeward.errors import LakewardError, Permanent, Transient

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "operations"


def named() -> set[str]:
    alarms = (ROOT / "terraform" / "platform" / "alarms.tf").read_text()
    descriptions = re.findall(r"description\s*=\s*\"([^\n]*)\"$", alarms, re.MULTILINE)
    assert descriptions
    return {re.search(r"Runbook: docs/operations/([\w-]+\.md)$", text)[1] for text in descriptions}  # type: ignore[index]


def test_every_alarm_names_a_runbook_and_every_runbook_has_an_alarm() -> None:
    assert named() == {page.name for page in RUNBOOKS.glob("*.md")} - {"README.md"}


def test_a_health_check_knows_the_alarms_of_freshness_by_their_metric() -> None:
    alarms = (ROOT / "terraform" / "platform" / "alarms.tf").read_text()
    metrics = set(re.findall(r'metric\s*=\s*\{ namespace = "([^"]+)", name = "([^"]+)"', alarms))
    namespace, name = FRESHNESS

    assert {(where, what) for where, what in metrics if where == namespace} == {(namespace, name)}


def test_the_index_leads_to_every_runbook() -> None:
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", (RUNBOOKS / "README.md").read_text())) == named()


def test_every_runbook_says_meaning_first_look_and_action() -> None:
    for page in named():
        text = (RUNBOOKS / page).read_text()
        assert [part for part in ("**Meaning.**", "**First look.**", "**Action.**") if part not in text] == [], page


def test_every_error_that_can_fail_a_run_is_in_the_runbook_of_failed_runs() -> None:
    branches = (Permanent, Transient)
    leaves = {c.__name__ for branch in branches for c in branch.__subclasses__() if c.__module__ == "lakeward.errors"}
    outside_runs = {"QueryFailed", "QueriesInvalid", "ConfigurationMissing", "BuildFailed", "DeploymentFailed"}
    outside_runs |= {"ReleaseRefused"}
    text = (RUNBOOKS / "pipeline-failed.md").read_text()

    assert issubclass(Permanent, LakewardError)
    assert sorted(name for name in leaves - outside_runs if f"`{name}`" not in text) == []
