"""What the steps of workflows call: roles, approvers, digests, plans, slots to run, the issue about drift."""

import hashlib
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from github_program import ROOT, GitHubProgram

from lakeward.adapters.environments import environment_values

RUN = {"GITHUB_REPOSITORY": "example/lakeward", "GITHUB_RUN_ID": "42"}


@pytest.fixture
def github(tmp_path: Path) -> GitHubProgram:
    return GitHubProgram(tmp_path)


def test_a_role_follows_from_the_environments_values(github: GitHubProgram):
    prod = environment_values(ROOT, "prod")

    ended = github.run("scripts/ci/aws_role.py", "--environment", "prod", "--to", "plan")

    assert ended.stdout.splitlines() == [
        f"arn=arn:aws:iam::{prod.account_id}:role/lakeward-prod-plan",
        f"region={prod.region}",
        f"account={prod.account_id}",
    ]


def test_a_role_of_no_environment_is_refused(github: GitHubProgram):
    ended = github.run("scripts/ci/aws_role.py", "--environment", "production", "--to", "plan")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "there are dev, local, prod, staging" in ended.stderr


def review(login: str, state: str = "approved", environment: str = "prod") -> dict[str, Any]:
    return {"state": state, "user": {"login": login}, "environments": [{"name": environment}]}


APPROVALS = "api repos/example/lakeward/actions/runs/42/approvals"


def test_who_approved_is_told(github: GitHubProgram):
    github.answers({APPROVALS: [review("ada"), review("grace", "rejected"), review("joan", environment="dev")]})

    ended = github.run("scripts/ci/approver.py", "--environment", "prod", **RUN)

    assert ended.stdout == "by=ada\n"


def test_two_approvals_of_one_run_are_both_told(github: GitHubProgram):
    github.answers({APPROVALS: [review("ada"), review("grace"), review("ada")]})

    assert github.run("scripts/ci/approver.py", "--environment", "prod", **RUN).stdout == "by=ada, grace\n"


@pytest.mark.parametrize("reviews", [[], [review("ada", "rejected")], [review("ada", environment="prod-plan")]])
def test_a_run_that_nobody_approved_stops(github: GitHubProgram, reviews: list[dict[str, Any]]):
    github.answers({APPROVALS: reviews})

    ended = github.run("scripts/ci/approver.py", "--environment", "prod", **RUN)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "expected a reviewer's approval of prod in run 42, found none" in ended.stderr
    assert "scripts/github_setup.py" in ended.stderr


def test_approvals_that_cannot_be_read_are_none(github: GitHubProgram):
    github.answers({APPROVALS: None})

    ended = github.run("scripts/ci/approver.py", "--environment", "prod", **RUN)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "HTTP 403" in ended.stderr


def test_outside_of_github_nobody_approved(github: GitHubProgram):
    ended = github.run("scripts/ci/approver.py", "--environment", "prod")

    assert ended.returncode == 1
    assert "expected GITHUB_REPOSITORY and GITHUB_RUN_ID to be set" in ended.stderr


ONE = hashlib.sha256(b"one\n").hexdigest()


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ((), 0, f"id={ONE}\n"),
        ((ONE,), 0, f"id={ONE}\n"),
        ((hashlib.sha256(b"two\n").hexdigest(),), 1, ""),
        (("",), 1, ""),
    ],
    ids=["named", "the same", "another", "none was handed on"],
)
def test_a_file_is_named_by_its_digest(
    github: GitHubProgram, tmp_path: Path, words: tuple[str, ...], status: int, told: str
):
    (tmp_path / "release.json").write_text("one\n")

    ended = github.run("scripts/ci/same_file.sh", str(tmp_path / "release.json"), *words)

    assert (ended.returncode, ended.stdout) == (status, told)


def test_a_file_that_is_not_there_has_no_name(github: GitHubProgram, tmp_path: Path):
    ended = github.run("scripts/ci/same_file.sh", str(tmp_path / "release.json"))

    assert (ended.returncode, ended.stdout) == (1, "")


def test_a_plan_is_shown_as_markdown(github: GitHubProgram, tmp_path: Path):
    (tmp_path / "plan.json").write_text(
        json.dumps({"environment": "prod", "release": "abc", "changes": ["update a.b"]})
    )
    (tmp_path / "plan.txt").write_text("Plan: 0 to add, 1 to change, 0 to destroy.")
    (tmp_path / "idle.txt").write_text("idle: about $1.00 a month: 10 alarms\n")

    lines = github.run("scripts/ci/plan_summary.py", str(tmp_path)).stdout.splitlines()

    assert [line for line in lines if line] == [
        "## Plan of prod: 1 change(s)",
        "Release `abc`",
        "- `update a.b`",
        "idle: about $1.00 a month: 10 alarms",
        "<details><summary>As Terraform says it</summary>",
        "~~~~text",
        "Plan: 0 to add, 1 to change, 0 to destroy.",
        "~~~~",
        "</details>",
    ]


def test_a_folder_without_a_plan_shows_nothing(github: GitHubProgram, tmp_path: Path):
    ended = github.run("scripts/ci/plan_summary.py", str(tmp_path))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "lakeward deploy plan" in ended.stderr


LIST = "issue list --label drift"
SAME = {"environment": "dev", "release": "abc", "changes": []}
DRIFTED = {"environment": "prod", "release": "abc", "changes": ["update a.b"]}


def found(folder: Path, *looks: dict[str, Any]) -> str:
    """A folder with what was found."""
    (folder / "found").mkdir()
    for look in looks:
        (folder / "found" / f"{look['environment']}.json").write_text(json.dumps(look))
    return str(folder / "found")


def tell(github: GitHubProgram, *looks: dict[str, Any]) -> tuple[str, list[list[str]]]:
    """What the script says of dev and prod, and what it asked GitHub after the first question."""
    where = found(github.folder, *looks)
    ended = github.run("scripts/ci/drift_issue.py", "--found", where, "dev", "prod", RUN_URL="https://run")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout, [words for words, _ in github.asked[1:]]


def test_without_drift_and_without_an_issue_nothing_is_done(github: GitHubProgram):
    github.answers({LIST: []})

    assert tell(github, SAME, SAME | {"environment": "prod"}) == ("drift: none; no drift, no issue\n", [])


def test_drift_opens_an_issue(github: GitHubProgram):
    github.answers({LIST: [], "issue create": "https://github.com/example/lakeward/issues/7"})

    told, (label, create) = tell(github, SAME, DRIFTED)

    assert told == "drift: prod; opened https://github.com/example/lakeward/issues/7\n"
    assert label[:3] == ["label", "create", "drift"]
    assert create[:4] == ["issue", "create", "--label", "drift"]
    assert "### prod\n\nRelease `abc`. Applying it again would:\n\n- `update a.b`\n" in create[-1]
    assert "### dev" not in create[-1]
    assert create[-1].endswith("Found by https://run.")


def test_drift_brings_the_open_issue_up_to_date(github: GitHubProgram):
    github.answers({LIST: [{"number": 7}]})

    told, ((*edit, body),) = tell(github, SAME, DRIFTED)

    assert told == "drift: prod; brought #7 up to date\n"
    assert edit[:3] == ["issue", "edit", "7"]
    assert "update a.b" in body


def test_an_environment_that_could_not_be_compared_is_told(github: GitHubProgram):
    github.answers({LIST: [{"number": 7}]})

    told, ((*_, body),) = tell(github, SAME)

    assert told.startswith("drift: prod;")
    assert "### prod\n\nCould not be compared; the run says why." in body


def test_the_issue_is_closed_when_all_is_as_released(github: GitHubProgram):
    github.answers({LIST: [{"number": 7}]})

    told, ((*close, _),) = tell(github, SAME, SAME | {"environment": "prod"})

    assert told == "drift: none; closed #7\n"
    assert close[:3] == ["issue", "close", "7"]


def test_of_several_issues_one_is_kept(github: GitHubProgram):
    github.answers({LIST: [{"number": 9}, {"number": 7}, {"number": 8}]})

    _, questions = tell(github, SAME, DRIFTED)

    assert [words[1:3] for words in questions] == [["close", "8"], ["close", "9"], ["edit", "7"]]


def test_a_long_list_of_changes_is_cut(github: GitHubProgram):
    github.answers({LIST: []})

    _, (_, create) = tell(github, SAME, DRIFTED | {"changes": [f"update a.b[{number}]" for number in range(60)]})

    assert create[-1].count("- `update") == 40
    assert "- and 20 more" in create[-1]


def test_a_github_that_refuses_is_told(github: GitHubProgram):
    github.answers({LIST: None})

    ended = github.run("scripts/ci/drift_issue.py", "--found", found(github.folder), "dev")

    assert ended.returncode == 1
    assert ended.stderr == "drift: gh issue list failed: HTTP 403: Resource not accessible by integration\n"


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "ci"))
    return importlib.import_module("fill")


class Lakeward:
    """Succeeds but for what is named, and writes down what it was asked."""

    def __init__(self, *refused: str) -> None:
        self.asked: list[str] = []
        self.refused = list(refused)

    def __call__(self, *words: str) -> bool:
        self.asked.append(" ".join(words))
        if self.asked[-1] in self.refused:
            self.refused.remove(self.asked[-1])
            return False
        return True


DATASETS = {"parcels": ("2024-03-01", "2024-03-02"), "ships": None}
RUNS, SWITCH = "run parcels --from 2024-03-01 --to 2024-03-02 -e dev", "switch parcels ships -e dev"


def test_declared_slots_are_run_and_readers_see_the_deployed_tables(fill: Any):
    lakeward = Lakeward()

    assert fill.fill("dev", DATASETS, lakeward)
    assert lakeward.asked == [RUNS, SWITCH]


def test_a_table_that_is_not_ready_is_filled_from_raw_first(fill: Any):
    lakeward = Lakeward(SWITCH)

    assert fill.fill("dev", DATASETS, lakeward)
    assert lakeward.asked == [RUNS, SWITCH, "replay parcels -e dev", "replay ships -e dev", SWITCH]


@pytest.mark.parametrize(
    ("refused", "last"),
    [((RUNS,), RUNS), ((SWITCH, "replay parcels -e dev"), "replay parcels -e dev"), ((SWITCH, SWITCH), SWITCH)],
)
def test_filling_stops_at_what_fails(fill: Any, refused: tuple[str, ...], last: str):
    lakeward = Lakeward(*refused)

    assert not fill.fill("dev", DATASETS, lakeward)
    assert lakeward.asked[-1] == last


def test_every_dataset_with_queries_declares_the_slots_that_they_ask_about(fill: Any):
    declared = fill.declared_slots(ROOT)

    assert declared
    assert [name for name, slots in declared.items() if slots is None] == []


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "ci"))
    return importlib.import_module("switch")


REPLAYS = ["replay airlines -e prod", "replay flights -e prod"]


def test_every_dataset_is_filled_before_all_of_them_are_moved_in_one_plan(switch: Any):
    lakeward = Lakeward()
    words = switch.wanted(ROOT, "airlines  flights=1")

    assert switch.switch("prod", words, None, lakeward)
    assert switch.switch("prod", words, "2", lakeward)
    assert lakeward.asked == [
        *REPLAYS,
        "switch airlines flights=1 -e prod",
        *REPLAYS,
        "switch airlines flights=1 -e prod --to-version 2",
    ]


def test_nobody_is_moved_when_a_dataset_could_not_be_filled(switch: Any):
    lakeward = Lakeward(REPLAYS[0])

    assert not switch.switch("prod", ["airlines", "flights=1"], None, lakeward)
    assert lakeward.asked == REPLAYS[:1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" ", "expected datasets to switch, found none"),
        ("airlines flights=new", "expected DATASET or DATASET=VERSION"),
        ("airlines airports airlines", "expected every dataset once, found airlines again"),
        ("airlines no_such_dataset", "no_such_dataset"),
        ("--abandon", "--abandon"),
    ],
)
def test_a_wrong_word_is_told_before_anything_is_run(text: str, said: str):
    script = [sys.executable, "scripts/ci/switch.py", "--environment", "prod", f"--datasets={text}"]
    ended = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr.startswith("switch: ")
    assert said in ended.stderr
    assert "$ lakeward" not in ended.stdout
