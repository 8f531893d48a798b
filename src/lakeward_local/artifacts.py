"""Build the functions' zip and put it where Terraform will look for it."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeward.adapters.packaging import job
from lakeward.errors import TerraformFailed
from lakeward_local.errors import CloudUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Zip:
    """A built file; its key carries its digest, so that other code is another key."""

    path: Path
    sha256: str
    key: str


def build_functions(root: Path) -> Zip:
    """Build the functions' zip of the repository at ``root``, as a release does.

    Raises:
        TerraformFailed: the build failed; the message is what it said.
    """
    script = root / "scripts" / "build_functions.py"
    ended = subprocess.run(
        [sys.executable, str(script), "--root", str(root)], capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise TerraformFailed(f"{script.relative_to(root)} failed:\n{ended.stderr.strip()}")
    built = json.loads(ended.stdout)
    return Zip(Path(built["path"]), built["sha256"], built["key"])


def build_script(root: Path, to: Path) -> Zip:
    """Build the Glue job's script, as a release does."""
    built = job.build_script(root, to)
    return Zip(built.path, built.sha256, built.key)


def upload(s3: "S3Client", bucket: str, artifact: Zip) -> None:
    """Store the zip under its key unless it is there.

    Raises:
        CloudUnavailable: other bytes are stored under that key.
    """
    checksum = base64.b64encode(bytes.fromhex(artifact.sha256)).decode()
    try:
        s3.put_object(
            Bucket=bucket,
            Key=artifact.key,
            Body=artifact.path.read_bytes(),
            ChecksumSHA256=checksum,
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"PreconditionFailed", "ConditionalRequestConflict"}:
            raise
        stored = s3.head_object(Bucket=bucket, Key=artifact.key, ChecksumMode="ENABLED").get("ChecksumSHA256")
        if stored != checksum:
            raise CloudUnavailable(
                f"expected s3://{bucket}/{artifact.key} to be the zip with that digest, found one with sha256 "
                f"(base64) {stored}: something else wrote it. `lakeward down` and removing .lakeward/local starts anew."
            ) from error
