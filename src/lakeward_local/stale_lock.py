"""The lock that a deployment leaves on Terraform's state when it is killed.

On AWS a person looks at whose lock it is before it is broken. The local cloud has one user, and what deploys to it
writes a marker while it does: a marker that is still there means that a deployment was cut off. Its Terraform may
outlive it, so its lock is given the time that an apply takes, and then goes.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

KEY: Final = "platform.tfstate.tflock"
PATIENCE_SECONDS: Final = 90.0
"""Longer than an apply waits for its slowest resource."""
_POLL_SECONDS: Final = 0.5


class Marker:
    """Whether the deployment before this one was cut off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.was_cut_off = path.exists()

    def set(self) -> None:
        """A deployment begins."""
        self._path.touch()

    def clear(self) -> None:
        """A deployment ended, well or not: Terraform has given its lock back."""
        self._path.unlink(missing_ok=True)


def break_stale_lock(s3: Any, bucket: str, say: Callable[[str], None], patience_seconds: float) -> None:
    """Wait until the state is unlocked, and unlock it when that takes longer than a deployment can live."""
    deadline = time.monotonic() + patience_seconds
    if not _is_locked(s3, bucket):
        return
    say("The last deployment was cut off; giving its Terraform time to end")
    while _is_locked(s3, bucket):
        if time.monotonic() > deadline:
            say("It is gone, and so is its lock now")
            s3.delete_object(Bucket=bucket, Key=KEY)
            return
        time.sleep(_POLL_SECONDS)


def _is_locked(s3: Any, bucket: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=KEY)
    except ClientError as problem:
        if problem.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True
