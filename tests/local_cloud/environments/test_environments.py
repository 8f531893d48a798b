"""Every environment is built, planned again, held to its posture and its cost, and taken down without a trace."""

import re
from pathlib import Path

import pytest
from environments_lives import Life

from lakeward.contract import dataset, names
from lakeward.fixed_cost import fixed_cost

DRIFT = (Path(__file__).parents[3] / "docs/emulator-drift.md").read_text()
DOCUMENTED = set(re.findall(r"^\| `(aws_\w+)` \| ", DRIFT.partition("## Kept off the list")[0], re.MULTILINE))
KIND = re.compile(r"^update (?:module\.\w+(?:\[[^]]+\])?\.)*(aws_\w+)\.")
DATASETS = Path(__file__).parents[3] / "datasets"
OWN_USD, DATASET_USD = 0.60, 0.10
"""What an environment's own alarms cost, and that of each scheduled dataset."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


def kinds_of(changes: list[str]) -> set[str]:
    """The types of resources that a plan would update; a change of any other kind as it stands."""
    return {found[1] if (found := KIND.match(change)) else change for change in changes}


def test_a_second_plan_is_empty_but_for_what_is_documented(life: Life):
    assert kinds_of(life.changes_after_apply) - DOCUMENTED == set()
    assert life.changes_after_bootstrap == []


def test_what_is_documented_is_seen(lives: dict[str, Life]):
    assert {kind for life in lives.values() for kind in kinds_of(life.changes_after_apply)} == DOCUMENTED


def test_its_posture_has_no_finding(life: Life):
    assert life.findings == []


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_idle_it_costs_its_alarms_and_nothing_else(environment: str, lives: dict[str, Life]):
    cost = fixed_cost(lives[environment].plan)
    contracts = [dataset(name, DATASETS).contract for name in names(DATASETS)]
    scheduled = [contract for contract in contracts if contract.schedule.enabled]

    assert cost.unpriced == ()
    assert [line.what for line in cost.costs] == ["alarms"]
    assert cost.usd == pytest.approx(OWN_USD + DATASET_USD * len(scheduled))


def test_all_that_can_be_turned_on_has_its_price(lives: dict[str, Life]):
    cost = fixed_cost(lives["full"].plan)

    assert cost.unpriced == ()
    assert {line.what for line in cost.costs} == {
        "alarms",
        "customer keys",
        "dashboards",
        "interface endpoints, in each zone",
    }


def test_what_is_protected_cannot_be_thrown_away_by_a_deployment(lives: dict[str, Life]):
    assert {name: life.refused for name, life in lives.items() if life.refused} == {
        "prod": ["the ledger", "raw", "a database", "query history"]
    }


def test_a_posture_that_was_loosened_is_seen(lives: dict[str, Life]):
    raw, role, queue = "lakeward-dev-123456789012-raw", "lakeward-dev-record", "lakeward-dev-alerts"

    assert lives["dev"].findings_when_loosened == [
        f"buckets: {raw} is not closed to the public",
        f"buckets: {raw} may be read by plain HTTP",
        f"buckets: {raw} is open to strangers",
        f"buckets: {raw} keeps no versions",
        f"queues: {queue} is not encrypted",
        f"queues: {queue} may be used by plain HTTP",
        f"queues: {queue} is open to strangers",
        f"logs: /aws/lambda/{role} is kept for ever",
        f"functions: {role} can be invoked by others",
        f"roles: {role} is not within the boundary",
        f"roles: {role} trusts {{'AWS': '*'}}",
        f"roles: {role}: More allows actions by a wildcard: ['s3:*']",
        f"roles: {role}: More allows ['s3:*'] on everything",
        "people: somebody is a user with a password or a key, where roles do",
    ]


def test_nothing_is_left_of_it(life: Life):
    assert life.left == []
