#!/usr/bin/env python3
"""Say what an environment costs in a month in which nothing happens, from a plan of Terraform.

Reads what `terraform show -json` says of a plan, from a file or from standard input. Run it with .venv/bin/python.
"""

import argparse
import json
import sys
from pathlib import Path


def main() -> int:
    """The estimate, a line for each thing that bills by the month; 1 when a resource has no known price."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: terraform -chdir=terraform/platform show -json plan.tfplan | scripts/fixed_cost.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("plan", nargs="?", type=Path, help="the plan as JSON (default: standard input)")
    path = parser.parse_args().plan
    # Here, so that --help answers without .venv too.
    from lakeward.fixed_cost import fixed_cost  # noqa: PLC0415

    cost = fixed_cost(json.loads(path.read_text() if path else sys.stdin.read()))
    print("\n".join(cost.lines()))
    return 1 if cost.unpriced else 0


if __name__ == "__main__":
    sys.exit(main())
