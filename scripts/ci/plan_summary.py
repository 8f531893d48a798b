#!/usr/bin/env python3
"""Show a plan as Markdown, for the summary that a reviewer reads before approving.

Reads what `lakeward deploy plan --out DIR` kept: the changes, what the environment then costs in a month in which
nothing happens, and Terraform's own text below them, cut where GitHub would refuse it.
"""

import argparse
import json
import sys
from pathlib import Path

MOST_CHANGES = 500
MOST_CHARACTERS = 800_000
"""A summary may have 1 MiB."""


def summary_of(folder: Path) -> str:
    """The Markdown.

    Raises:
        OSError: the folder holds no plan.
    """
    plan = json.loads((folder / "plan.json").read_text())
    text = (folder / "plan.txt").read_text()[:MOST_CHARACTERS]
    idle = (folder / "idle.txt").read_text().strip()
    changes = plan["changes"]
    listed = [f"- `{change}`" for change in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        listed.append(f"- and {len(changes) - MOST_CHANGES} more")
    return "\n".join(
        [
            f"## Plan of {plan['environment']}: {len(changes)} change(s)",
            f"\nRelease `{plan['release']}`\n",
            *listed,
            f"\n{idle}",
            "\n<details><summary>As Terraform says it</summary>\n\n~~~~text",
            text,
            "~~~~\n\n</details>",
        ]
    )


def main() -> int:
    """Print it; 1 when there is no plan."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/ci/plan_summary.py dist/plan",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="what was given to `lakeward deploy plan` as --out")
    try:
        print(summary_of(parser.parse_args().folder))
    except OSError as problem:
        print(f"plan_summary: expected a plan, found {problem}; run: lakeward deploy plan --out DIR", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
