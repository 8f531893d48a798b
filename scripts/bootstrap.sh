#!/usr/bin/env bash
# Prepare an environment's account: its state and artifacts buckets, the boundary, GitHub's way in.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/bootstrap.sh ENVIRONMENT [TERRAFORM OPTIONS]

Applies terraform/bootstrap with the values of environments/ENVIRONMENT and shows the plan before it asks. Sign in to
the account first, as somebody who may make roles. Its state is the file
terraform/bootstrap/terraform.tfstate.d/ENVIRONMENT.tfstate: keep it. What is there already is left alone.

example: AWS_PROFILE=lakeward-dev scripts/bootstrap.sh dev
HELP
}

case "${1:-}" in
  -h | --help) usage && exit 0 ;;
  "") usage >&2 && exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
environment=$1
shift
if [[ ! -f environments/$environment/bootstrap.tfvars ]]; then
  printf 'bootstrap: expected a folder environments/%s, found none; there are %s\n' \
    "$environment" "$(cd environments && echo */)" >&2
  exit 1
fi
export PATH="$PWD/.lakeward/bin:$PATH"
terraform -chdir=terraform/bootstrap init -reconfigure -input=false -backend-config="path=terraform.tfstate.d/$environment.tfstate"
terraform -chdir=terraform/bootstrap apply -var "environment=$environment" "$@"
