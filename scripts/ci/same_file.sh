#!/usr/bin/env bash
# Name a file by its digest, or see that it is the one that was named.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/ci/same_file.sh FILE [SHA256]

Prints id=<sha256 of FILE>; of a release file that is the release's id. With SHA256, fails unless it is that one: jobs get
the digest from the job that made the file, and the file by another way. What a release file names is checked against
its own digests when it is published, and a plan against those in plan.json when it is applied.

example: scripts/ci/same_file.sh dist/release/release.json
HELP
}

case "${1:-}" in
  -h | --help) usage && exit 0 ;;
  "") usage >&2 && exit 2 ;;
esac

found=$(sha256sum -- "$1")
found=${found%% *}
if (($# > 1)) && [[ $found != "$2" ]]; then
  printf 'same_file: expected %s to have sha256 %s, found %s; run the whole workflow again\n' \
    "$1" "${2:-(none was given)}" "$found" >&2
  exit 1
fi
printf 'id=%s\n' "$found"
