#!/usr/bin/env python3
"""Keep one open issue about drift on GitHub: open it, bring it up to date, or close it.

Reads what `lakeward drift --out` wrote for each environment. An environment that was expected and has no file could not
be compared, which is told too. The issue is found again by its label, so there is never a second one.
Needs the GitHub command line tool and GH_TOKEN with issues: write; RUN_URL is linked when it is set.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LABEL = "drift"
TITLE = "Drift: what is deployed is not what its release says"
MOST_CHANGES = 40
_ADVICE = (
    "Somebody or something changed the environment beside its releases. Find out who (CloudTrail has it), then either "
    "deploy the release again, `lakeward deploy -e ENVIRONMENT --release FILE`, or bring the change into Terraform. "
    "See docs/release.md. This issue is kept up to date each night and closed when all environments are as released."
)


class GitHubFailed(Exception):
    """GitHub did not do what was asked; the message has its words."""


@dataclass(frozen=True)
class Found:
    """What was found of one environment. ``changes`` is None when it could not be compared."""

    environment: str
    release: str | None
    changes: list[str] | None

    @property
    def drifted(self) -> bool:
        """Whether somebody has to look."""
        return self.changes is None or bool(self.changes)

    def as_text(self) -> str:
        """Its part of the issue."""
        if self.changes is None:
            return f"### {self.environment}\n\nCould not be compared; the run says why.\n"
        lines = [f"- `{change}`" for change in self.changes[:MOST_CHANGES]]
        if len(self.changes) > MOST_CHANGES:
            lines.append(f"- and {len(self.changes) - MOST_CHANGES} more")
        return (
            f"### {self.environment}\n\nRelease `{self.release}`. Applying it again would:\n\n"
            + "\n".join(lines)
            + "\n"
        )


def found_in(folder: Path, environment: str) -> Found:
    """What `lakeward drift` wrote of an environment: ``<environment>.json``."""
    path = folder / f"{environment}.json"
    if not path.is_file():
        return Found(environment, None, None)
    read = json.loads(path.read_text())
    return Found(environment, read["release"], read["changes"])


def body_of(drifted: list[Found], run_url: str | None) -> str:
    """The whole issue."""
    parts = [*(found.as_text() for found in drifted), _ADVICE]
    if run_url:
        parts.append(f"Found by {run_url}.")
    return "\n".join(parts)


def gh(*arguments: str) -> str:
    """What the GitHub command line tool answers.

    Raises:
        GitHubFailed: it is not there, or it refused.
    """
    try:
        return subprocess.run(["gh", *arguments], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise GitHubFailed("no gh on the PATH; install the GitHub command line tool") from None
    except subprocess.CalledProcessError as problem:
        raise GitHubFailed(f"gh {' '.join(arguments[:2])} failed: {problem.stderr.strip()}") from problem


def keep_one_issue(drifted: list[Found], run_url: str | None) -> str:
    """Make GitHub say what was found; returns what was done."""
    answer = gh("issue", "list", "--label", LABEL, "--state", "open", "--limit", "100", "--json", "number")
    first, *others = sorted(issue["number"] for issue in json.loads(answer)) or [None]
    for number in others:
        gh("issue", "close", str(number), "--reason", "not planned", "--comment", f"The same as #{first}.")
    if first is None and not drifted:
        return "no drift, no issue"
    if first is None:
        gh("label", "create", LABEL, "--force", "--description", "An environment differs from its release")
        return "opened " + gh(
            "issue", "create", "--label", LABEL, "--title", TITLE, "--body", body_of(drifted, run_url)
        )
    if not drifted:
        gh("issue", "close", str(first), "--comment", f"All environments are as released. {run_url or ''}".strip())
        return f"closed #{first}"
    gh("issue", "edit", str(first), "--title", TITLE, "--body", body_of(drifted, run_url))
    return f"brought #{first} up to date"


def main() -> int:
    """One line about what was done; 1 when GitHub refused."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/ci/drift_issue.py --found dist/drift dev staging prod",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--found", type=Path, required=True, help="the folder with <environment>.json files")
    parser.add_argument("environments", nargs="+", help="those that were to be compared")
    arguments = parser.parse_args()
    drifted = [found for name in arguments.environments if (found := found_in(arguments.found, name)).drifted]
    try:
        done = keep_one_issue(drifted, os.environ.get("RUN_URL"))
    except GitHubFailed as problem:
        print(f"drift: {problem}", file=sys.stderr)
        return 1
    print(f"drift: {', '.join(found.environment for found in drifted) or 'none'}; {done.strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
