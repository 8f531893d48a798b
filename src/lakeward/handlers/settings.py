"""The functions' settings: environment variables that Terraform sets."""

import os
from pathlib import Path

from lakeward.errors import ConfigurationMissing

WORKDIR = Path("/tmp")  # noqa: S108 -- the only folder that a Lambda function may write to, and its own


def setting(name: str) -> str:
    """The environment variable of that name.

    Raises:
        ConfigurationMissing: it is not set or empty.
    """
    value = os.environ.get(name, "")
    if not value:
        raise ConfigurationMissing(
            f"expected the environment variable {name}, found none; Terraform sets it on the function"
        )
    return value
