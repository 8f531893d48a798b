#!/usr/bin/env python3
"""Set up a GitHub repository for releases: its environments, who approves, what main asks for, and the switch that
lets workflows deploy.

Makes two GitHub environments for each folder of environments/ with an account: NAME, whose jobs may change it, and
NAME-plan, whose jobs may look. Both take jobs of main only. An environment that releases are promoted to (promoted_from
in its bootstrap.tfvars) waits for the reviewers. Main takes changes by pull requests that pass every job of pr.yml. The
variable LAKEWARD_DEPLOYS, without which no workflow touches an account, is set last. Running it again changes nothing.
Needs the GitHub command line tool, signed in as an administrator of the repository. Run it with .venv/bin/python.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).resolve().parent.parent
RULESET = "Lakeward: main"
SWITCH = "LAKEWARD_DEPLOYS"
BRANCH = "main"


class GitHubRefused(Exception):
    """GitHub did not do what was asked; the message has its words."""


class GitHub:
    """One repository, spoken to with ``gh``."""

    def __init__(self, repository: str) -> None:
        self.repository = repository

    def ask(self, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
        """One request; ``path`` below the repository, or absolute with a slash before it.

        Raises:
            GitHubRefused: with what GitHub said.
        """
        where = path.removeprefix("/") if path.startswith("/") else f"repos/{self.repository}/{path}".rstrip("/")
        command = ["gh", "api", "--method", method, where, *(["--input", "-"] if body is not None else [])]
        try:
            sent = None if body is None else json.dumps(body)
            ended = subprocess.run(command, input=sent, capture_output=True, text=True, check=True)
        except FileNotFoundError:
            raise GitHubRefused("no gh on the PATH; install the GitHub command line tool") from None
        except subprocess.CalledProcessError as problem:
            raise GitHubRefused(f"{method} {where}: {problem.stderr.strip() or problem.stdout.strip()}") from problem
        return json.loads(ended.stdout) if ended.stdout.strip() else None


def reviewer(github: GitHub, name: str) -> dict[str, Any]:
    """A person by login, or a team as owner/team, as environments want them."""
    owner, _, team = name.partition("/")
    if team:
        return {"type": "Team", "id": github.ask(f"/orgs/{owner}/teams/{team}")["id"]}
    return {"type": "User", "id": github.ask(f"/users/{owner}")["id"]}


def environments_of(root: Path) -> Iterator[tuple[str, bool]]:
    """Each GitHub environment, and whether it waits for reviewers."""
    for path in sorted(root.glob("environments/*/bootstrap.tfvars")):
        values = path.read_text()
        if re.search(r"^github += null", values, re.MULTILINE):
            continue
        yield f"{path.parent.name}-plan", False
        yield path.parent.name, not re.search(r"^promoted_from += null", values, re.MULTILINE)


def checks_of(root: Path) -> list[str]:
    """The names of the jobs that a pull request must pass."""
    from ruamel.yaml import YAML  # noqa: PLC0415 -- --help answers without .venv too

    workflow = YAML(typ="safe", pure=True).load((root / ".github/workflows/pr.yml").read_text())
    return [job["name"] for job in workflow["jobs"].values()]


def protect_environment(github: GitHub, name: str, reviewers: list[dict[str, Any]], *, alone: bool) -> None:
    """Make an environment, or bring it to its rules.

    Args:
        reviewers: who are waited for; none when it is open to every job of main.
        alone: whether a reviewer may approve a run that they started.
    """
    rules: dict[str, Any] = {
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
        "can_admins_bypass": False,
        "reviewers": reviewers,
        "prevent_self_review": bool(reviewers) and not alone,
    }
    github.ask(f"environments/{name}", "PUT", rules)
    policies = f"environments/{name}/deployment-branch-policies"
    found = [policy["name"] for policy in github.ask(policies)["branch_policies"]]
    if BRANCH not in found:
        github.ask(policies, "POST", {"name": BRANCH, "type": "branch"})
    others = sorted(set(found) - {BRANCH})
    if others:
        raise GitHubRefused(f"environment {name}: expected jobs of {BRANCH} only, found {others} too; remove them")


def protect_main(github: GitHub, checks: list[str]) -> None:
    """Changes come by pull requests that pass every check; nobody rewrites history."""
    rules = [
        {"type": "deletion"},
        {"type": "non_fast_forward"},
        {
            "type": "pull_request",
            "parameters": {
                "required_approving_review_count": 0,
                "dismiss_stale_reviews_on_push": True,
                "require_code_owner_review": False,
                "require_last_push_approval": False,
                "required_review_thread_resolution": True,
            },
        },
        {
            "type": "required_status_checks",
            "parameters": {
                "strict_required_status_checks_policy": True,
                "required_status_checks": [{"context": check} for check in checks],
            },
        },
    ]
    ruleset = {
        "name": RULESET,
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [f"refs/heads/{BRANCH}"], "exclude": []}},
        "rules": rules,
    }
    known = {found["name"]: found["id"] for found in github.ask("rulesets")}
    if RULESET in known:
        github.ask(f"rulesets/{known[RULESET]}", "PUT", ruleset)
    else:
        github.ask("rulesets", "POST", ruleset)


def let_workflows_deploy(github: GitHub) -> None:
    """Tokens read unless a job asks for more, and the variable that lets releases begin."""
    rights = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
    github.ask("actions/permissions/workflow", "PUT", rights)
    wanted = {"name": SWITCH, "value": "true"}
    try:
        github.ask(f"actions/variables/{SWITCH}", "PATCH", wanted)
    except GitHubRefused:  # it is not there yet; for any other reason GitHub refuses this too
        github.ask("actions/variables", "POST", wanted)


def set_up(github: GitHub, root: Path, reviewers: list[str], *, alone: bool) -> Iterator[str]:
    """All of it, told line by line.

    Raises:
        GitHubRefused: what was done until then stays; workflows may not deploy yet.
    """
    environments = list(environments_of(root))
    if not environments:
        raise GitHubRefused(
            "no environment names its GitHub repository; run: scripts/accounts.py --repository OWNER/NAME"
        )
    people = [reviewer(github, name) for name in reviewers]
    for name, waits in environments:
        protect_environment(github, name, people if waits else [], alone=alone)
        yield f"environment {name}: jobs of {BRANCH} only" + (f", approved by {', '.join(reviewers)}" if waits else "")
    checks = checks_of(root)
    protect_main(github, checks)
    yield f"{BRANCH}: pull requests that pass {len(checks)} checks"
    let_workflows_deploy(github)
    yield f"{SWITCH} is true: the next push to {BRANCH} is released"


def main() -> int:
    """Set up, and say what was done; 1 when GitHub refused."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: .venv/bin/python scripts/github_setup.py --repository owner/name --reviewer owner/data-team",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME", help="the repository on GitHub")
    parser.add_argument(
        "--reviewer",
        action="append",
        required=True,
        help="who may approve prod: a login, or a team as owner/team; up to 6",
    )
    parser.add_argument(
        "--self-review", action="store_true", help="let a reviewer approve a run that they started; for a team of one"
    )
    arguments = parser.parse_args()
    github = GitHub(arguments.repository)
    try:
        for line in set_up(github, _REPOSITORY, arguments.reviewer, alone=arguments.self_review):
            print(f"github: {line}", flush=True)
    except GitHubRefused as problem:
        print(f"github: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
