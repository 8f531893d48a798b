"""Build the environment ``local`` in the running local cloud, from the same Terraform as everywhere.

The account is prepared (terraform/bootstrap), the functions are built and stored, the platform is applied
(terraform/platform), and the function ``migrate`` makes the tables that the contracts ask for. When nothing that any
of this reads has changed since it last succeeded in this life of the cloud, it is all left alone.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from lakeward.adapters.terraform.events import Progress
from lakeward.adapters.terraform.run import Terraform, find_terraform, terraform_environment
from lakeward.errors import TerraformFailed
from lakeward_local.accounts import await_buckets
from lakeward_local.artifacts import Zip, build_functions, build_script, upload
from lakeward_local.clients import Clients
from lakeward_local.home import Home
from lakeward_local.record import CloudRecord
from lakeward_local.replay.declaration import overrides
from lakeward_local.stale_lock import PATIENCE_SECONDS, Marker, break_stale_lock

ENVIRONMENT: Final = "local"
_READ: Final = ("terraform", "modules", f"environments/{ENVIRONMENT}")
_MIGRATE_SECONDS: Final = 310.0
"""Longer than the function may take."""


class Teller(Protocol):
    """Who is told how far the work is."""

    def say(self, line: str) -> None:
        """One step has begun or ended."""
        ...

    def progress(self, label: str) -> Progress:
        """Where a run of Terraform reports to."""
        ...


@dataclass(frozen=True)
class Deployment:
    """What stands: the outputs of terraform/platform, and whether anything had to be done."""

    outputs: Mapping[str, Any]
    changed: bool


def deploy_local(root: Path, cloud: CloudRecord, teller: Teller, *, force: bool = False) -> Deployment:
    """Make the local cloud what the repository at ``root`` says.

    Args:
        force: apply even though nothing has changed.

    Raises:
        TerraformFailed: building, applying or migrating failed; what was made stays, and the next call goes on.
    """
    home = Home.of(root)
    functions = build_functions(root)
    replaced = overrides(root / "datasets", cloud.replay_endpoint)
    fingerprint = fingerprint_of(root, cloud, functions, replaced)
    stamp = home.terraform / "deployed.json"
    clients = Clients(cloud.endpoint, cloud.account_id, cloud.region)
    last = _last_deployment(stamp, fingerprint)
    if last is not None and not force and _stands(clients, last):
        teller.say("The environment is as the repository says")
        return Deployment(last, changed=False)
    home.terraform.mkdir(parents=True, exist_ok=True)
    marker = Marker(home.terraform / "deploying")
    marker.set()
    try:
        outputs = _apply(root, home, cloud, functions, replaced, clients, teller, cut_off=marker.was_cut_off)
    except TerraformFailed as error:
        marker.clear()
        # A Terraform that was killed can leave things that its state does not know.
        raise TerraformFailed(f"{error.message}\nTo start anew: lakeward down --forget && lakeward up") from error
    marker.clear()
    teller.say("Making the tables and views that the contracts ask for")
    _migrate(clients, outputs["function_names"]["migrate"])
    stamp.write_text(json.dumps({"fingerprint": fingerprint, "outputs": outputs}, indent=2))
    return Deployment(outputs, changed=True)


def _apply(
    root: Path,
    home: Home,
    cloud: CloudRecord,
    functions: Zip,
    replaced: Mapping[str, str],
    clients: Clients,
    teller: Teller,
    *,
    cut_off: bool,
) -> dict[str, Any]:
    binary, environment = find_terraform(root), terraform_environment(root, aws=cloud.environment())
    bootstrap = Terraform(
        binary=binary,
        folder=root / "terraform" / "bootstrap",
        data=home.terraform / "bootstrap",
        environment=environment,
        progress=teller.progress("bootstrap"),
        variables={"environment": ENVIRONMENT},
    )
    buckets = {role: f"lakeward-{ENVIRONMENT}-{cloud.account_id}-{role}" for role in ("state", "artifacts")}
    release = root / "dist" / ENVIRONMENT / "release.tfvars.json"
    upstreams = root / "dist" / ENVIRONMENT / "upstreams.tfvars.json"
    script = build_script(root, root / "dist")
    kept = {
        name: {"bucket": buckets["artifacts"], "key": built.key}
        for name, built in (("functions", functions), ("script", script))
    }
    _write_json(release, {"release": {"functions": kept["functions"], "job": {"script": kept["script"]}}})
    _write_json(upstreams, {"upstream_overrides": replaced})
    platform = Terraform(
        binary=binary,
        folder=root / "terraform" / "platform",
        data=home.terraform / "platform",
        environment=environment,
        progress=teller.progress("platform"),
        var_files=(root / "environments" / ENVIRONMENT / "platform.tfvars", release, upstreams),
    )
    teller.say("Preparing the account: terraform apply of bootstrap")
    bootstrap.init({"path": str(home.terraform / "bootstrap.tfstate")})
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The provider waits a minute for its bucket's lifecycle rules; the platform needs no more than the buckets.
        prepared = pool.submit(bootstrap.apply)
        await_buckets(clients, buckets.values(), prepared)
        for built in (functions, script):
            upload(clients.client("s3"), buckets["artifacts"], built)
        teller.say("Building the environment: terraform apply of platform")
        if cut_off:
            break_stale_lock(clients.client("s3"), buckets["state"], teller.say, PATIENCE_SECONDS)
        platform.init(root / "environments" / ENVIRONMENT / "backend.hcl")
        platform.apply()
        prepared.result()
    return platform.output()


def _migrate(clients: Clients, function: str) -> None:
    """Call the function that brings the catalog to what the contracts say.

    Raises:
        TerraformFailed: it failed; the message is the function's.
    """
    answer = clients.client("lambda", read_timeout=_MIGRATE_SECONDS).invoke(FunctionName=function, Payload=b"{}")
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise TerraformFailed(
            f"the function {function} failed with {told.get('errorType')}: {told.get('errorMessage')}\n"
            + "".join(told.get("stackTrace", []))
        )


def _stands(clients: Clients, outputs: Mapping[str, Any]) -> bool:
    """Whether what was deployed is still there; somebody may have destroyed it by other means."""
    try:
        clients.client("stepfunctions").describe_state_machine(stateMachineArn=outputs["state_machine_arn"])
    except ClientError:
        return False
    return True


def _last_deployment(stamp: Path, fingerprint: str) -> dict[str, Any] | None:
    """The outputs of the last deployment, if it was of the same things."""
    try:
        last = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return None
    return last["outputs"] if last["fingerprint"] == fingerprint else None


def fingerprint_of(root: Path, cloud: CloudRecord, functions: Zip, replaced: Mapping[str, str]) -> str:
    """Changes when anything does that an apply would read; the contracts are in the zip."""
    digest = hashlib.sha256(json.dumps([cloud.life, cloud.endpoint, functions.sha256, dict(replaced)]).encode())
    for path in _files(root):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for tree in _READ:
        for path in sorted((root / tree).rglob("*")):
            if path.is_file() and ".terraform" not in path.parts:
                yield path


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")
