"""More accounts in the local cloud: environments of the repository, each prepared as its account on AWS would be.

Any access key of twelve digits is an account of the local cloud, so the ids that ``environments/`` names are used as
they are. What differs from AWS is where upstreams are asked, and that is written beside the cloud's address, where
``lakeward deploy`` finds it.
"""

import json
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeward.adapters.environments import EnvironmentValues, environment_values
from lakeward.adapters.terraform.events import Progress
from lakeward.adapters.terraform.run import Terraform, find_terraform, terraform_environment
from lakeward.errors import TerraformFailed
from lakeward_local.clients import Clients
from lakeward_local.home import Home
from lakeward_local.record import CloudRecord
from lakeward_local.replay.declaration import overrides

_BUCKET_SECONDS: Final = 60.0


def attach(root: Path, cloud: CloudRecord, environment: str) -> EnvironmentValues:
    """Make ``-e <environment>`` lead to the local cloud, with the upstreams that it replays.

    Raises:
        ConfigurationMissing: there is no such environment.
    """
    values = environment_values(root, environment)
    variables = {"upstream_overrides": overrides(root / "datasets", cloud.replay_endpoint)}
    record = {
        "endpoint": cloud.endpoint,
        "account_id": values.account_id,
        "region": values.region,
        "variables": variables,
    }
    path = root / ".lakeward" / environment / "cloud.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n")
    return values


def detach(root: Path, cloud_folder: Path) -> None:
    """Forget every environment that was attached; what they hold lives and dies with the cloud."""
    for path in (root / ".lakeward").glob("*/cloud.json"):
        if path.parent != cloud_folder:
            path.unlink()


def prepare(root: Path, cloud: CloudRecord, values: EnvironmentValues, progress: Progress) -> None:
    """Apply terraform/bootstrap to an environment's account: its buckets, and the bounds of its roles.

    Raises:
        TerraformFailed: it did not succeed.
    """
    home = Home.of(root)
    aws: Mapping[str, str] = {**cloud.environment(), "AWS_ACCESS_KEY_ID": values.account_id}
    bootstrap = Terraform(
        binary=find_terraform(root),
        folder=root / "terraform" / "bootstrap",
        data=home.terraform / f"bootstrap-{values.environment}",
        environment=terraform_environment(root, aws=aws),
        progress=progress,
        variables={"environment": values.environment},
    )
    bootstrap.init({"path": str(home.terraform / f"bootstrap-{values.environment}.tfstate")})
    bootstrap.apply()


def await_buckets(clients: Clients, names: Iterable[str], prepared: "Future[None]") -> None:
    """Return when the buckets are there.

    Raises:
        TerraformFailed: what makes them failed, or does not come to it.
    """
    s3 = clients.client("s3")
    deadline = time.monotonic() + _BUCKET_SECONDS
    missing = list(names)
    while missing:
        missing = [name for name in missing if not _is_there(s3, name)]
        if prepared.done():
            prepared.result()
        elif missing and time.monotonic() > deadline:
            raise TerraformFailed(
                f"expected terraform/bootstrap to make {missing} within {_BUCKET_SECONDS:.0f} seconds"
            )
        time.sleep(0.2 if missing else 0)


def _is_there(s3: Any, bucket: str) -> bool:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        return False
    return True
