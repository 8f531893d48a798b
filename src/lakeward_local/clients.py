"""AWS clients of the local cloud, deaf to the AWS settings of whoever runs this."""

import os
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config

_DEAF: Final[dict[str, Any]] = {
    "profile": (None, [], None, None),
    "config_file": (None, [], os.devnull, None),
    "credentials_file": (None, [], os.devnull, None),
}
"""botocore's session variables, each without the environment variable that would set it."""


class Clients:
    """Makes clients for one account of one local cloud."""

    def __init__(self, endpoint: str, account_id: str, region: str) -> None:
        self._endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id=account_id,
            aws_secret_access_key="test",  # noqa: S106 - the local cloud looks at the account only
            region_name=region,
            botocore_session=botocore.session.Session(session_vars=_DEAF),
        )

    def client(self, service: str, **settings: Any) -> Any:
        """A client that tries once: the local cloud does not lose answers, and a test must see its first one.

        Args:
            settings: of ``botocore.config.Config``.
        """
        config = Config(**{"retries": {"total_max_attempts": 1}, **settings})
        session: Any = self._session  # its overloads know services by literal names only
        return session.client(service, endpoint_url=self._endpoint, config=config)
