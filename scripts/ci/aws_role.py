#!/usr/bin/env python3
"""Print what a job needs to get into an environment's account: role, region and account, as name=value lines.

The role is one of the two that terraform/bootstrap makes for GitHub: `plan` looks, `apply` changes. All of it follows
from environments/<environment>/platform.tfvars, so that nothing has to be kept in GitHub's settings too.
Run it with .venv/bin/python.
"""

import argparse
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
DEEDS = ("plan", "apply")


def role_name(environment: str, deed: str) -> str:
    """As terraform/bootstrap names it."""
    return f"lakeward-{environment}-{deed}"


def lines_of(root: Path, environment: str, deed: str) -> list[str]:
    """The lines for $GITHUB_OUTPUT.

    Raises:
        ConfigurationMissing: no such environment, or its values are incomplete.
    """
    from lakeward.adapters.environments import environment_values  # noqa: PLC0415 -- --help answers without .venv too

    values = environment_values(root, environment)
    return [
        f"arn=arn:aws:iam::{values.account_id}:role/{role_name(environment, deed)}",
        f"region={values.region}",
        f"account={values.account_id}",
    ]


def main() -> int:
    """Print the lines; 1 and the reason on standard error otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: .venv/bin/python scripts/ci/aws_role.py --environment prod --to plan",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, help="a folder of environments/")
    parser.add_argument("--to", required=True, choices=DEEDS, help="what the role is for")
    arguments = parser.parse_args()
    try:
        lines = lines_of(_REPOSITORY, arguments.environment, arguments.to)
    except Exception as problem:  # noqa: BLE001 -- an entrypoint: whatever it is, the job must see it in a line
        print(f"aws_role: {problem}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
