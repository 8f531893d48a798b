"""Secrets and leases in memory, a token endpoint that hands out tokens, and a service that asks who is there."""

import base64
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from lying_server import LyingServer, Say, bytes_as_they_are, head, lying_server, whole

from lakeward.ports.secrets import Secret

ARN = "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/readings"
CANARY = "canary-7f3a-never-to-be-seen"
"""Part of everything that is secret in these tests."""


@dataclass
class MemorySecrets:
    """One secret, compared and set under a lock."""

    value: str
    version: int = 1
    reads: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, arn: str) -> Secret:
        assert "{" not in arn
        with self.lock:
            self.reads += 1
            return Secret(self.value, f"v{self.version}")

    def replace(self, _arn: str, value: str, expected_version: str) -> Secret:
        with self.lock:
            if expected_version == f"v{self.version}":
                self.value, self.version = value, self.version + 1
            return Secret(self.value, f"v{self.version}")

    def finish(self, _arn: str, _expected_version: str) -> Secret | None:
        return None


@dataclass
class MemoryLeases:
    """Leases; each name is taken once."""

    taken: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str, holder: str) -> bool:
        with self.lock:
            return self.taken.setdefault(name, holder) == holder


@dataclass
class Guarded:
    """A service at ``/readings`` that wants to be told who asks, and its token endpoint at ``/token``.

    Refresh tokens are good for one use: whoever shows an old one is refused, as rotation asks for.
    """

    wants: str
    """``bearer``, ``header``, ``query``, ``basic`` or ``token``."""
    server: LyingServer | None = None
    refresh: str = f"refresh-{CANARY}-0"
    good: set[str] = field(default_factory=set)
    rotations: int = 0
    reuse: int = 0
    life_seconds: int = 3600
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, target: str, number: int) -> Say:
        request = self.requests[number - 1] if self.server else ""
        return self._token(request) if urlsplit(target).path == "/token" else self._readings(target, request)

    @property
    def requests(self) -> list[str]:
        """Every request as it came, its form included."""
        assert self.server
        return self.server.heads

    def _readings(self, target: str, request: str) -> Say:
        lines = {name.lower(): value for name, _, value in (line.partition(": ") for line in request.split("\r\n"))}
        said = lines.get("authorization", "")
        known = {
            "bearer": said == f"Bearer {CANARY}",
            "header": lines.get("x-key") == CANARY,
            "query": parse_qs(urlsplit(target).query).get("key") == [CANARY],
            "basic": said == f"Basic {base64.b64encode(f'user:{CANARY}'.encode()).decode()}",
            "token": said.removeprefix("Bearer ") in self.good,
        }[self.wants]
        if not known:
            return bytes_as_they_are(head("401 Unauthorized", Content_Length="0"))
        return whole(json.dumps({"items": [{"id": 1, "t": 1_517_356_800}]}).encode())

    def _token(self, request: str) -> Say:
        form = {name: value for name, (value,) in parse_qs(request.partition("\r\n\r\n")[2]).items()}
        with self.lock:
            if form.get("grant_type") == "refresh_token":
                if form["refresh_token"] != self.refresh:
                    self.reuse += 1
                    return whole(b'{"error": "invalid_grant"}', "400 Bad Request")
                self.rotations += 1
            number = next(self.numbers)
            access, self.refresh = f"access-{CANARY}-{number}", f"refresh-{CANARY}-{number}"
            self.good.add(access)
            answer = {"access_token": access, "expires_in": self.life_seconds, "token_type": "Bearer"}
            if form.get("grant_type") == "refresh_token":
                answer["refresh_token"] = self.refresh
        return whole(json.dumps(answer).encode())


@contextmanager
def guarded(wants: str, life_seconds: int = 3600) -> Iterator[Guarded]:
    """Serve until the block ends."""
    service = Guarded(wants, life_seconds=life_seconds)
    with lying_server(service.say) as server:
        service.server = server
        yield service
