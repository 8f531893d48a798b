#!/usr/bin/env bash
# Make this working copy ready: Python packages in .venv by their hashes, this project, Terraform.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/setup.sh [--help]

Makes .venv from requirements/dev.txt (every package checked against its hash), installs this project in it, and
finds Terraform or fetches a pinned release into .lakeward/bin. What is up to date is left alone, so running it
again takes about a second.

  LAKEWARD_PYTHON                a Python 3.11 or newer to use instead of the first one found
  LAKEWARD_TERRAFORM_RELEASES    where to fetch Terraform from, instead of HashiCorp's release host

example: LAKEWARD_PYTHON=/usr/bin/python3.12 scripts/setup.sh
HELP
}

find_python() {
  local candidate
  for candidate in ${LAKEWARD_PYTHON:+"$LAKEWARD_PYTHON"} python3.11 python3.12 python3.13 python3.14 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
  done
  printf 'setup: expected Python 3.11 or newer, found %s; install python3.11 (with its venv module) and run again\n' \
    "$(python3 --version 2>/dev/null || echo none)" >&2
  return 1
}

case "${1:-}" in
  "") ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$(find_python)
"$python" scripts/environment.py --venv .venv --lock requirements/dev.txt --project
"$python" scripts/terraform_binary.py
