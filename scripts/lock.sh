#!/usr/bin/env bash
# Write the lock files in requirements/ again from their .in files.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/lock.sh [--upgrade | --upgrade-package NAME]...

Resolves requirements/*.in into requirements/*.txt with hashes and without naming an index. Versions that are locked
already stay, unless an option of uv says otherwise.

  dev.txt        working copies, every platform, Python 3.11 and newer
  layer.txt      the Lambda layer: runtime.in for Python 3.13 on Linux x86_64, at the versions of dev.txt
  checkov.txt    checkov, in an environment of its own
  workflows.txt  zizmor and pip-audit, in an environment of their own
  pyvelox.txt    PyVelox, which the local Athena's functions are compared with, in an environment of its own
  glue.txt       the Glue job's packages: glue.in for Python 3.11 on Linux x86_64, at the versions of dev.txt
  spark.txt      the same with PySpark, in an environment of its own
  dbt.txt        dbt-athena, which is run against the local Athena, in an environment of its own
  flights.txt    the data that the samples of the flights' datasets are taken from, in an environment of its own

example: scripts/lock.sh --upgrade-package duckdb
HELP
}

case "${1:-}" in
  -h | --help) usage && exit 0 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/../requirements"
compile() {
  local name=$1 target=$2
  shift 2
  echo "lock: requirements/$target" >&2
  ../.venv/bin/uv pip compile --quiet --no-python-downloads --generate-hashes --no-emit-index-url --no-header \
    "$name" --output-file "$target" "$@"
}
compile dev.in dev.txt --universal --python-version 3.11 "$@"
compile runtime.in layer.txt --constraint dev.txt --python-version 3.13 --python-platform x86_64-manylinux_2_28 "$@"
compile checkov.in checkov.txt --universal --python-version 3.11 "$@"
compile workflows.in workflows.txt --universal --python-version 3.11 "$@"
compile pyvelox.in pyvelox.txt --universal --python-version 3.11 "$@"
compile dbt.in dbt.txt --no-strip-extras --universal --python-version 3.11 "$@"
compile glue.in glue.txt --constraint dev.txt --python-version 3.11 --python-platform x86_64-manylinux_2_28 "$@"
compile spark.in spark.txt --constraint dev.txt --universal --python-version 3.11 "$@"
compile bench.in bench.txt --universal --python-version 3.11 "$@"
compile flights.in flights.txt --universal --python-version 3.11 "$@"
