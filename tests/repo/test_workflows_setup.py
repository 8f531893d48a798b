"""Setting up accounts and a repository: what is written into environments/, and what GitHub is asked to protect."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from github_program import ROOT, GitHubProgram
from ruamel.yaml import YAML
from workflow_world import github_of

import github_setup

REPOSITORY = {"full_name": "example/lake", "id": 1296742987, "owner": {"id": 177059064}}


@pytest.fixture
def github(tmp_path: Path) -> GitHubProgram:
    return GitHubProgram(tmp_path)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A working copy with the environments and the checks, and no account of anybody."""
    shutil.copytree(ROOT / "environments", tmp_path / "copy/environments")
    shutil.copytree(ROOT / ".github", tmp_path / "copy/.github")
    return tmp_path / "copy"


def write(github: GitHubProgram, copy: Path, *words: str) -> str:
    """What accounts.py says."""
    ended = github.run("scripts/accounts.py", "--root", str(copy), *words)
    return ended.stdout + ended.stderr


def values(copy: Path, environment: str, name: str) -> str:
    return (copy / "environments" / environment / name).read_text()


def test_an_account_is_written_wherever_its_environment_names_one(github: GitHubProgram, copy: Path):
    others = {path: path.read_text() for path in copy.rglob("*") if path.is_file() and "dev" not in path.parts}

    said = write(github, copy, "dev=111122223333")

    assert said == "accounts: changed environments/dev/platform.tfvars, environments/dev/backend.hcl\n"
    assert 'account_id         = "111122223333"' in values(copy, "dev", "platform.tfvars")
    assert 'bucket              = "lakeward-dev-111122223333-state"' in values(copy, "dev", "backend.hcl")
    assert 'allowed_account_ids = ["111122223333"]' in values(copy, "dev", "backend.hcl")
    assert {path: path.read_text() for path in others} == others


def test_the_repository_is_written_by_its_numbers(github: GitHubProgram, copy: Path):
    github.answers({"api repos/example/lake": REPOSITORY})

    write(github, copy, "prod=111122223333", "--repository", "example/lake")

    assert values(copy, "prod", "bootstrap.tfvars") == (
        'github = {\n  name     = "example/lake"\n  id       = "1296742987"\n  owner_id = "177059064"\n}\n'
        'promoted_from = "staging"\n'
    )


def test_writing_twice_changes_nothing(github: GitHubProgram, copy: Path):
    github.answers({"api repos/example/lake": REPOSITORY})
    words = ("dev=111122223333", "prod=222233334444", "--repository", "example/lake")
    write(github, copy, *words)

    assert write(github, copy, *words) == "accounts: changed nothing\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dev=11112222333",), "12 digits, found dev=11112222333"),
        (("test=111122223333",), "one of dev, local, prod, staging"),
        (("dev=111122223333", "prod=111122223333"), "an account of its own for each environment"),
        (("dev=111122223333", "--repository", "example/lake"), "HTTP 403"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    github: GitHubProgram, copy: Path, words: tuple[str, ...], said: str
):
    github.answers({"api": None})
    before = {path: path.read_text() for path in copy.rglob("*.tfvars")}

    assert said in write(github, copy, *words)
    assert {path: path.read_text() for path in before} == before


class FakeGitHub(github_setup.GitHub):
    """Answers by method and path, refuses what is None, and writes down every question."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        super().__init__("example/lake")
        self.asked: list[tuple[str, str, Any]] = []
        self.answers = (answers or {}) | {k: v for k, v in ANSWERS.items() if k not in (answers or {})}

    def ask(self, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
        self.asked.append((method, path, body))
        answer = next((a for words, a in self.answers.items() if f"{method} {path}".startswith(words)), {})
        if answer is None:
            raise github_setup.GitHubRefused(f"{method} {path}: HTTP 403")
        return answer

    def bodies(self, method: str) -> dict[str, Any]:
        """Bodies by path, of one method."""
        return {path: body for asked, path, body in self.asked if asked == method}


ANSWERS: dict[str, Any] = {
    "GET environments/": {"branch_policies": []},
    "GET rulesets": [],
    "GET /users/ada": {"id": 1815},
    "GET /orgs/example/teams/data": {"id": 7},
    "PATCH actions/variables": None,
}


@pytest.fixture
def prepared(copy: Path) -> Path:
    """A working copy whose environments dev and prod name their repository."""
    for environment, source in (("dev", "null"), ("prod", '"staging"')):
        path = copy / "environments" / environment / "bootstrap.tfvars"
        path.write_text(f'github = {{\n  name = "example/lake"\n}}\npromoted_from = {source}\n')
    return copy


def set_up(github: FakeGitHub, copy: Path, *reviewers: str, alone: bool = False) -> list[str]:
    return list(github_setup.set_up(github, copy, list(reviewers), alone=alone))


def test_who_changes_prod_waits_for_reviewers_and_nobody_else_does(prepared: Path):
    github = FakeGitHub()
    set_up(github, prepared, "ada", "example/data")

    open_to_main = {
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
        "can_admins_bypass": False,
        "reviewers": [],
        "prevent_self_review": False,
    }
    people = [{"type": "User", "id": 1815}, {"type": "Team", "id": 7}]
    assert {path: body for path, body in github.bodies("PUT").items() if path.startswith("environments/")} == {
        "environments/dev-plan": open_to_main,
        "environments/dev": open_to_main,
        "environments/prod-plan": open_to_main,
        "environments/prod": open_to_main | {"reviewers": people, "prevent_self_review": True},
    }


def test_the_environments_are_those_whose_jobs_the_roles_take(prepared: Path):
    names = [name for name, _ in github_setup.environments_of(prepared)]

    assert sorted(names) == sorted(role.format(name) for role in github_of().roles.values() for name in ("dev", "prod"))


def test_every_environment_takes_jobs_of_main_only(prepared: Path):
    github = FakeGitHub()
    set_up(github, prepared, "ada")

    policies = {k: v for k, v in github.bodies("POST").items() if k.endswith("deployment-branch-policies")}
    assert set(policies) == {
        f"environments/{e}/deployment-branch-policies" for e in ("dev-plan", "dev", "prod-plan", "prod")
    }
    assert {tuple(body.items()) for body in policies.values()} == {(("name", "main"), ("type", "branch"))}


def test_main_takes_what_passes_every_job_of_the_checks(prepared: Path):
    github = FakeGitHub()
    set_up(github, prepared, "ada")

    (checks,) = [r for r in github.bodies("POST")["rulesets"]["rules"] if r["type"] == "required_status_checks"]
    jobs = YAML(typ="safe", pure=True).load((ROOT / ".github/workflows/pr.yml").read_text())["jobs"].values()
    assert [each["context"] for each in checks["parameters"]["required_status_checks"]] == [job["name"] for job in jobs]


def test_releases_are_let_go_last(prepared: Path):
    github = FakeGitHub()
    told = set_up(github, prepared, "ada")

    assert github.asked[-1] == ("POST", "actions/variables", {"name": "LAKEWARD_DEPLOYS", "value": "true"})
    assert told == [
        "environment dev-plan: jobs of main only",
        "environment dev: jobs of main only",
        "environment prod-plan: jobs of main only",
        "environment prod: jobs of main only, approved by ada",
        f"main: pull requests that pass {len(github_setup.checks_of(prepared))} checks",
        "LAKEWARD_DEPLOYS is true: the next push to main is released",
    ]


def test_a_refusal_leaves_workflows_unable_to_deploy(prepared: Path):
    github = FakeGitHub({"PUT environments/prod": None})

    with pytest.raises(github_setup.GitHubRefused, match="PUT environments/prod-plan: HTTP 403"):
        set_up(github, prepared, "ada")

    assert "actions/variables" not in github.bodies("POST")


def test_what_is_set_up_already_is_brought_up_to_date(prepared: Path):
    github = FakeGitHub(
        {
            "GET environments/": {"branch_policies": [{"name": "main"}]},
            "GET rulesets": [{"name": "Lakeward: main", "id": 5}],
            "PATCH actions/variables": {},
        }
    )

    set_up(github, prepared, "ada")

    assert github.bodies("POST") == {}
    assert "rulesets/5" in github.bodies("PUT")


def test_an_environment_that_is_open_to_another_branch_is_refused(prepared: Path):
    github = FakeGitHub({"GET environments/": {"branch_policies": [{"name": "main"}, {"name": "*"}]}})

    with pytest.raises(github_setup.GitHubRefused, match=r"expected jobs of main only, found \['\*'\] too"):
        set_up(github, prepared, "ada")


def test_without_a_repository_there_is_nothing_to_set_up():
    with pytest.raises(github_setup.GitHubRefused, match=r"scripts/accounts\.py --repository"):
        set_up(FakeGitHub(), Path("/nowhere"), "ada")


def test_a_team_of_one_may_approve_what_it_started(prepared: Path):
    github = FakeGitHub()
    set_up(github, prepared, "ada", alone=True)

    assert github.bodies("PUT")["environments/prod"]["prevent_self_review"] is False


def test_github_is_asked_by_its_own_program(github: GitHubProgram, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(github.folder))
    github.answers({"api --method PUT repos/example/lake/rulesets/5": {"id": 5}, "api --method GET users/ada": None})
    asking = github_setup.GitHub("example/lake")

    assert asking.ask("rulesets/5", "PUT", {"name": "main"}) == {"id": 5}
    assert asking.ask("rulesets") is None
    with pytest.raises(github_setup.GitHubRefused, match="GET users/ada: HTTP 403"):
        asking.ask("/users/ada")
    assert github.asked[0] == (
        ["api", "--method", "PUT", "repos/example/lake/rulesets/5", "--input", "-"],
        {"name": "main"},
    )
