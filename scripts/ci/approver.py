#!/usr/bin/env python3
"""Print who approved an environment of this run on GitHub, as by=<login>; fail when nobody did.

A job with an `environment:` waits for reviewers only when the environment asks for some in GitHub's settings. Where
those are missing, the job runs at once, and this is what stops it: a run that nobody approved has no approver.
Needs the GitHub command line tool, GH_TOKEN with actions: read, and GITHUB_REPOSITORY and GITHUB_RUN_ID.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

_VARIABLES = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID")


class NotApproved(Exception):
    """Nobody approved, or it cannot be found out; the message says what to do."""


def approvers(reviews: Sequence[dict[str, Any]], environment: str) -> list[str]:
    """The logins of all who approved the environment in this run, each once, in the order of GitHub's answer."""
    found = [
        review["user"]["login"]
        for review in reviews
        if review["state"] == "approved" and environment in [each["name"] for each in review["environments"]]
    ]
    return list(dict.fromkeys(found))


def reviews_of(repository: str, run: str) -> list[dict[str, Any]]:
    """What reviewers said in a run.

    Raises:
        NotApproved: GitHub does not answer.
    """
    command = ["gh", "api", f"repos/{repository}/actions/runs/{run}/approvals"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise NotApproved("no gh on the PATH; install the GitHub command line tool") from None
    except subprocess.CalledProcessError as problem:
        raise NotApproved(f"{' '.join(command)} failed: {problem.stderr.strip()}") from problem
    reviews: list[dict[str, Any]] = json.loads(ended.stdout)
    return reviews


def approved_by(environment: str, variables: Mapping[str, str]) -> list[str]:
    """Who approved the environment in the run that GitHub's variables name.

    Raises:
        NotApproved: nobody did, or it cannot be found out.
    """
    repository, run = (variables.get(name, "") for name in _VARIABLES)
    if not repository or not run:
        raise NotApproved(f"expected {' and '.join(_VARIABLES)} to be set, found that they are not; run it on GitHub")
    found = approvers(reviews_of(repository, run), environment)
    if not found:
        raise NotApproved(
            f"expected a reviewer's approval of {environment} in run {run}, found none. The GitHub environment "
            f"{environment} asks for no reviewers, or its protection was bypassed: run scripts/github_setup.py, then "
            "run this job again"
        )
    return found


def main() -> int:
    """Print the line; 1 and the reason on standard error when nobody approved."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: GITHUB_REPOSITORY=owner/name GITHUB_RUN_ID=1 scripts/ci/approver.py --environment prod",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, help="the GitHub environment whose reviewers are asked for")
    try:
        print(f"by={', '.join(approved_by(parser.parse_args().environment, os.environ))}")
    except NotApproved as reason:
        print(f"approver: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
