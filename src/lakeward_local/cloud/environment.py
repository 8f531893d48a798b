"""MiniStack's settings; it reads them from the environment when it is imported."""

import os

from lakeward_local.home import Home
from lakeward_local.settings import CloudSettings

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")
"""All that functions may see of the environment in which ``lakeward up`` was typed."""


def ministack_environment(home: Home, port: int, settings: CloudSettings) -> dict[str, str]:
    """The whole environment of the cloud's process, and so of every function that it runs.

    It is built from nothing: a stray ``AWS_PROFILE`` or ``PYTHONPATH`` of the caller must not reach a function.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": settings.region,
        "MINISTACK_ACCOUNT_ID": settings.account_id,
        "AUTH": str(settings.enforce_iam).lower(),
        "SFN_WAIT_SCALE": str(settings.wait_scale),
        "LAMBDA_ACCOUNT_CONCURRENCY": str(settings.concurrent_functions),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home.objects),
        "TMPDIR": str(home.scratch),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # A Docker daemon that happens to be there is left alone: MiniStack would sweep its containers.
        "DOCKER_HOST": f"unix://{home.folder / 'no-docker.sock'}",
        "AWS_ACCESS_KEY_ID": settings.account_id,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
