#!/usr/bin/env bash
# Show a plan as Markdown, for the summary that a reviewer reads before approving.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/ci/plan_summary.sh DIR

Prints what `lakeward deploy plan --out DIR` has planned: its changes, and Terraform's own text below them, cut where
GitHub would refuse it (a summary may have 1 MiB).

example: scripts/ci/plan_summary.sh dist/plan
HELP
}

case "${1:-}" in
  -h | --help) usage && exit 0 ;;
  "") usage >&2 && exit 2 ;;
esac

python3 - "$1/plan.json" <<'PYTHON'
import json
import sys

with open(sys.argv[1]) as file:
    plan = json.load(file)
print(f"## Plan of {plan['environment']}: {len(plan['changes'])} change(s)\n\nRelease `{plan['release']}`\n")
print("\n".join(f"- `{change}`" for change in plan["changes"][:500]))
PYTHON
printf '\n<details><summary>As Terraform says it</summary>\n\n~~~~text\n'
head -c 800000 "$1/plan.txt"
printf '\n~~~~\n\n</details>\n'
