"""Access tokens by OAuth 2.0 (RFC 6749): asked for when none is good for long enough, by one at a time."""

import base64
import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lakeward.adapters.http import HttpUpstream, Post
from lakeward.contract.source_auth import ClientCredentialsAuth, RefreshTokenAuth
from lakeward.errors import ConfigurationMissing, UpstreamRefused, UpstreamUnavailable
from lakeward.ports.secrets import Leases, Secret, Secrets
from lakeward.ports.upstream import Bounds

EARLY_SECONDS = 60.0
"""A token that ends sooner is not used any more."""
LEASE_SECONDS = 60.0
POLL_SECONDS = 0.2
ANSWER_BYTES = 262_144
SHORTEST_LIFE_SECONDS = 300.0
"""What a token without ``expires_in``, or with one that is no time, is taken to be good for."""
YEAR_SECONDS = 31_536_000.0


@dataclass(frozen=True)
class Token:
    """An access token, and until when (seconds since 1970) it is good."""

    text: str = field(repr=False)
    expires_at: float


class ClientTokens:
    """Tokens for client credentials, kept in memory. Threads share one; the others wait while one asks."""

    def __init__(
        self,
        auth: ClientCredentialsAuth,
        arn: str,
        secrets: Secrets,
        endpoint: HttpUpstream,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._auth, self._arn, self._secrets, self._endpoint, self._clock = auth, arn, secrets, endpoint, clock
        self._lock = threading.Lock()
        self._token = Token("", 0.0)

    def text(self) -> str:
        """See ``lakeward.adapters.http_auth.Said``."""
        with self._lock:
            if self._token.expires_at - EARLY_SECONDS <= self._clock():
                known = secret_object(self._secrets.read(self._arn), self._arn, "client_id", "client_secret")
                form = {"grant_type": "client_credentials"} | ({"scope": self._auth.scope} if self._auth.scope else {})
                answer = ask_for_token(self._endpoint, self._auth, known, form)
                self._token = token_in(answer, self._clock())
            return self._token.text

    def refused(self) -> bool:
        """See ``lakeward.adapters.http_auth.Said``."""
        with self._lock:
            self._token = Token("", 0.0)
        return True


class RefreshTokens:
    """Tokens for refresh tokens that are good for one use. The newest pair lives in the secret, for all who ask.

    Whoever finds the access token too old takes a lease that bears the name of the secret's version, so that of many
    one asks. It writes what it got into the secret, compared with the version that it started from, and only then uses
    it. The others wait until the secret changes. A holder that died loses its lease by time; what it had stored and not
    made current is made current by the next. Only who dies with the service's answer in its hands loses the token.
    """

    def __init__(
        self,
        auth: RefreshTokenAuth,
        arn: str,
        secrets: Secrets,
        leases: Leases,
        endpoint: HttpUpstream,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._auth, self._arn, self._secrets, self._leases, self._endpoint = auth, arn, secrets, leases, endpoint
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._token = Token("", 0.0)
        self._refused = ""

    def text(self) -> str:
        """See ``lakeward.adapters.http_auth.Said``."""
        with self._lock:
            if self._token.expires_at - EARLY_SECONDS <= self._clock():
                self._token = self._current()
            return self._token.text

    def refused(self) -> bool:
        """See ``lakeward.adapters.http_auth.Said``."""
        with self._lock:
            self._refused, self._token = self._token.text, Token("", 0.0)
        return True

    def _current(self) -> Token:
        """The secret's token, or a new one. At most two leases are waited for."""
        started = self._clock()
        while self._clock() - started < 2 * LEASE_SECONDS:
            secret = self._secrets.read(self._arn)
            known = secret_object(secret, self._arn, "client_id", "client_secret", "refresh_token")
            token = Token(str(known.get("access_token", "")), _seconds(known.get("expires_at")))
            if token.text and token.text != self._refused and token.expires_at - EARLY_SECONDS > self._clock():
                return token
            if self._leases.take(self._lease(secret), str(uuid.uuid4())):
                return self._rotate(secret, known)
            self._sleep(POLL_SECONDS)
        raise UpstreamUnavailable(
            f"{self._arn}: expected a new access token within {2 * LEASE_SECONDS:.0f} s from whoever has the lease, "
            "found "
            "none; the next run of this step asks again"
        )

    def _lease(self, secret: Secret) -> str:
        """One name a version and minute: a lease whose holder died is not waited for longer."""
        name = hashlib.sha256(self._arn.encode()).hexdigest()[:16]
        return f"{name}/{secret.version}-{int(self._clock() // LEASE_SECONDS)}"

    def _rotate(self, secret: Secret, known: Mapping[str, Any]) -> Token:
        """What somebody who died had got, or what the service answers now."""
        begun = self._secrets.finish(self._arn, secret.version)
        if begun is not None:
            return self._token_of(begun)
        form = {"grant_type": "refresh_token", "refresh_token": str(known["refresh_token"])}
        answer = ask_for_token(self._endpoint, self._auth, known, form)
        token = token_in(answer, self._clock())
        following = {
            **known,
            "refresh_token": answer.get("refresh_token", known["refresh_token"]),
            "access_token": token.text,
            "expires_at": token.expires_at,
        }
        return self._token_of(self._secrets.replace(self._arn, json.dumps(following), secret.version))

    def _token_of(self, stored: Secret) -> Token:
        now = secret_object(stored, self._arn, "access_token")
        return Token(str(now["access_token"]), _seconds(now.get("expires_at")))


def ask_for_token(
    endpoint: HttpUpstream,
    auth: ClientCredentialsAuth | RefreshTokenAuth,
    known: Mapping[str, Any],
    form: Mapping[str, str],
) -> dict[str, Any]:
    """Post to the token endpoint; returns its JSON object.

    Raises:
        UpstreamRefused: it says no, or answers without a token. Never shows what was sent or came.
    """
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if auth.client_auth == "basic":
        pair = f"{known['client_id']}:{known['client_secret']}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form = {**form, "client_id": known["client_id"], "client_secret": known["client_secret"]}
    hosts = frozenset({urlsplit(auth.token_url).netloc})
    with endpoint.get(Post(auth.token_url, headers, form), Bounds(ANSWER_BYTES, 20.0, 40.0, hosts)) as answer:
        try:
            found = json.loads(answer.body.read())
        except ValueError:
            found = None
    if not isinstance(found, dict) or not is_sayable(found.get("access_token")):
        raise UpstreamRefused(f"POST {auth.token_url}: expected an object with an access_token, found another answer")
    return found


def is_sayable(text: object) -> bool:
    """Whether a secret can stand in a header: printable ASCII without spaces around it."""
    return isinstance(text, str) and text.isascii() and text.isprintable() and text == text.strip() != ""


def token_in(answer: Mapping[str, Any], now: float) -> Token:
    """The token of an answer; ``expires_in`` is in seconds from now (section 5.1)."""
    life = _seconds(answer.get("expires_in"))
    return Token(str(answer["access_token"]), now + (min(life, YEAR_SECONDS) if life > 0 else SHORTEST_LIFE_SECONDS))


def secret_object(secret: Secret, arn: str, *needed: str) -> dict[str, Any]:
    """A secret that is a JSON object.

    Raises:
        ConfigurationMissing: it is none, or lacks a key. Never shows the value.
    """
    try:
        found = json.loads(secret.value)
    except ValueError:
        found = None
    missing = [key for key in needed if not isinstance(found, dict) or not isinstance(found.get(key), str)]
    if missing or not isinstance(found, dict):
        raise ConfigurationMissing(
            f"{arn}: expected a secret that is a JSON object with texts under {', '.join(needed)}, found it without "
            f"{', '.join(missing)}"
        )
    return found


def _seconds(value: object) -> float:
    """A number, also when it is written as text; 0 otherwise."""
    try:
        return float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return 0.0
