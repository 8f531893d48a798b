"""Who asks: credentials from secrets, put into a request at the last moment.

What is secret lives in the memory of this object only. It is in no URL, header, message or representation that
anything else sees: requests are signed after everything that is kept of them was kept.
"""

import base64
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from lakeward.adapters.http import Anonymous, Credentials, HttpUpstream
from lakeward.adapters.http_tokens import ClientTokens, RefreshTokens, is_sayable, secret_object
from lakeward.contract.source_auth import (
    ApiKeyAuth,
    Auth,
    BasicAuth,
    BearerAuth,
    ClientCredentialsAuth,
    RefreshTokenAuth,
)
from lakeward.errors import ConfigurationMissing
from lakeward.ports.secrets import Leases, Secrets


@dataclass(frozen=True)
class Place:
    """Where a function runs: what the templates in a secret's ARN become."""

    region: str
    account_id: str
    environment: str

    def fill(self, arn: str) -> str:
        """The ARN of this place."""
        values = {"region": self.region, "account_id": self.account_id, "environment": self.environment}
        for name, value in values.items():
            arn = arn.replace(f"{{{name}}}", value)
        return arn


class Said(Protocol):
    """What is said to a service: a secret, or a token that was got for it."""

    def text(self) -> str:
        """It."""
        ...

    def refused(self) -> bool:
        """A service refused it. Whether it may be another one now."""
        ...


class StoredSecret:
    """A secret that is said as it is kept, or one key of it. Read once, and again when a service refuses it."""

    def __init__(self, secrets: Secrets, arn: str, key: str | None) -> None:
        self._secrets, self._arn, self._key = secrets, arn, key
        self._lock = threading.Lock()
        self._text: str | None = None

    def text(self) -> str:
        """The secret."""
        with self._lock:
            if self._text is None:
                self._text = self._read()
            return self._text

    def refused(self) -> bool:
        """Look whether it was changed since."""
        with self._lock:
            before, self._text = self._text, self._read()
            return before != self._text

    def _read(self) -> str:
        secret = self._secrets.read(self._arn)
        text = secret.value if self._key is None else str(secret_object(secret, self._arn, self._key)[self._key])
        if not is_sayable(text):
            raise ConfigurationMissing(
                f"{self._arn}: expected a secret of printable ASCII characters, found other ones or none: look for a "
                "line's end or a space around it"
            )
        return text


class InHeader:
    """A secret in a header, after a word that says what it is."""

    def __init__(self, secret: Said, header: str = "Authorization", word: str = "") -> None:
        self._secret, self._header, self._word = secret, header, word

    def sign(self, url: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """With the header."""
        return url, {**headers, self._header: self._word + self._secret.text()}

    def refused(self) -> bool:
        """See ``Credentials``."""
        return self._secret.refused()


class InQuery:
    """A secret in a query parameter."""

    def __init__(self, secret: Said, param: str) -> None:
        self._secret, self._param = secret, param

    def sign(self, url: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """With the parameter."""
        mark = "&" if "?" in url else "?"
        return f"{url}{mark}{quote(self._param)}={quote(self._secret.text(), safe='')}", dict(headers)

    def refused(self) -> bool:
        """See ``Credentials``."""
        return self._secret.refused()


class BasicSecret(StoredSecret):
    """User and password, as the header wants them."""

    def _read(self) -> str:
        known = secret_object(self._secrets.read(self._arn), self._arn, "username", "password")
        return base64.b64encode(f"{known['username']}:{known['password']}".encode()).decode()


def credentials_of(
    auth: Auth, place: Place, secrets: Secrets, leases: Leases, token_endpoint: HttpUpstream
) -> Credentials:
    """The credentials that a contract declares. Nothing is read before the first request."""
    match auth:
        case BearerAuth():
            return InHeader(StoredSecret(secrets, place.fill(auth.secret), auth.secret_key), word="Bearer ")
        case ApiKeyAuth():
            stored = StoredSecret(secrets, place.fill(auth.secret), auth.secret_key)
            return InQuery(stored, auth.param) if auth.param else InHeader(stored, auth.header or "")
        case BasicAuth():
            return InHeader(BasicSecret(secrets, place.fill(auth.secret), None), word="Basic ")
        case ClientCredentialsAuth():
            return InHeader(ClientTokens(auth, place.fill(auth.secret), secrets, token_endpoint), word="Bearer ")
        case RefreshTokenAuth():
            tokens = RefreshTokens(auth, place.fill(auth.secret), secrets, leases, token_endpoint)
            return InHeader(tokens, word="Bearer ")
        case _:
            return Anonymous()
