"""Who asks: every kind of authentication against a real server, and nothing secret anywhere but on the wire."""

import json
import logging
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from auth_world import ARN, CANARY, Guarded, MemoryLeases, MemorySecrets, guarded
from ingest_world import DAY, RELEASE, MemoryRaw, clock
from paged_service import JSON, NONE, Source

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.http_auth import Place, credentials_of
from lakeward.adapters.http_tokens import RefreshTokens
from lakeward.certificate import Certificate
from lakeward.contract.source_auth import RefreshTokenAuth
from lakeward.errors import ConfigurationMissing, LakewardError, UpstreamRefused
from lakeward.ingest import Deps, ingest_slot
from lakeward.ingest.verify import verify_slot

PLACE = Place("us-east-1", "111111111111", "local")
TOKEN_URL = "https://login.test/token"
PAIR = {"client_id": "lakeward", "client_secret": f"client-{CANARY}"}
KINDS = {
    "bearer": ("bearer", f"{{kind: bearer, secret: '{ARN}'}}", CANARY),
    "bearer in an object": (
        "bearer",
        f"{{kind: bearer, secret: '{ARN}', secret_key: token}}",
        json.dumps({"token": CANARY}),
    ),
    "api key in a header": ("header", f"{{kind: api_key, secret: '{ARN}', header: X-Key}}", CANARY),
    "api key in the query": ("query", f"{{kind: api_key, secret: '{ARN}', param: key}}", CANARY),
    "basic": ("basic", f"{{kind: basic, secret: '{ARN}'}}", json.dumps({"username": "user", "password": CANARY})),
    "client credentials": (
        "token",
        f"{{kind: oauth2_client_credentials, secret: '{ARN}', token_url: '{TOKEN_URL}', scope: read}}",
        json.dumps(PAIR),
    ),
    "client credentials in the form": (
        "token",
        f"{{kind: oauth2_client_credentials, secret: '{ARN}', token_url: '{TOKEN_URL}', client_auth: body}}",
        json.dumps(PAIR),
    ),
    "refresh token": (
        "token",
        f"{{kind: oauth2_refresh_token, secret: '{ARN}', token_url: '{TOKEN_URL}'}}",
        json.dumps({**PAIR, "refresh_token": f"refresh-{CANARY}-0"}),
    ),
}
EACH = pytest.mark.parametrize("name", KINDS)


class Asking:
    """A run of one slot whose service wants to know who asks."""

    def __init__(self, name: str, service: Guarded, secrets: MemorySecrets) -> None:
        auth = KINDS[name][1]
        stop = "  stop: {when: only_page}"
        self.dataset = Source("auth", "\n".join([NONE, stop, JSON, f"  auth: {auth}"])).dataset()
        assert service.server
        overrides = dict.fromkeys(("https://service.test", "https://login.test"), service.server.origin)
        self.endpoint = HttpUpstream(overrides, sleep=lambda _s: None)
        source = self.dataset.contract.source
        credentials = credentials_of(source.auth, PLACE, secrets, MemoryLeases(), self.endpoint)
        self.upstream = HttpUpstream(overrides, credentials=credentials, sleep=lambda _s: None)
        self.raw = MemoryRaw()

    def ingest(self) -> None:
        try:
            deps = Deps(self.raw, self.upstream, clock(), RELEASE)
            ingest_slot(self.dataset, DAY, deps, lambda: 900.0)
        finally:
            self.upstream.close()
            self.endpoint.close()


@EACH
def test_the_service_is_told_who_asks_and_nothing_that_is_kept_is_secret(name: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    wants, _, secret = KINDS[name]
    with guarded(wants) as service:
        asking = Asking(name, service, MemorySecrets(secret))
        asking.ingest()

    kept = [f"{key}{stored.metadata}".encode() + stored.body for key, stored in asking.raw.objects.items()]
    certificate = Certificate.from_bytes(asking.raw.objects["readings/slot=20180131T0000Z/certificate.json"].body)
    assert not [text for text in kept if CANARY.encode() in text]
    assert CANARY not in caplog.text.replace(f"key={CANARY}", "")  # urllib3's own debug log, which is off in functions
    assert CANARY not in repr(asking.upstream) + repr(certificate)
    assert verify_slot(asking.dataset, DAY, asking.raw).proved
    shown = certificate.pages[0].request_headers
    assert [value for value in shown.values() if value == "redacted"] == ([] if wants == "query" else ["redacted"])


@EACH
def test_an_error_and_its_whole_traceback_say_nothing_secret(name: str):
    wants, _, secret = KINDS[name]
    with guarded(wants) as service:
        asking = Asking(name, service, MemorySecrets(secret))
        service.good, service.wants = set(), "nobody"
        service._readings = lambda *_: (_ for _ in ()).throw(OSError)  # type: ignore[method-assign,assignment]
        with pytest.raises(LakewardError) as problem:
            asking.ingest()

    told = "".join(traceback.format_exception(problem.value)) + repr(problem.value.facts)
    assert CANARY not in told


@EACH
def test_a_wrong_secret_is_refused_and_not_shown(name: str):
    wants, _, secret = KINDS[name]
    if wants == "token":
        secret = secret.replace("refresh_token", "refresh_tokem").replace("client_id", "client_ib")
        expected: type[LakewardError] = ConfigurationMissing
    else:
        secret, expected = secret.replace(CANARY, f"old-{CANARY}"), UpstreamRefused
    with guarded(wants) as service, pytest.raises(expected) as problem:
        Asking(name, service, MemorySecrets(secret)).ingest()

    assert CANARY not in "".join(traceback.format_exception(problem.value))


def test_a_token_that_the_service_refuses_is_asked_for_again():
    with guarded("token") as service:
        asking = Asking("client credentials", service, MemorySecrets(KINDS["client credentials"][2]))
        asking.ingest()
        again = Asking("client credentials", service, MemorySecrets(KINDS["client credentials"][2]))
        again.upstream = asking.upstream
        service.good.clear()
        again.ingest()

    assert [line.split(" ")[1] for line in service.requests] == [
        "/token",
        "/readings",
        "/readings",
        "/token",
        "/readings",
    ]


def test_a_secret_that_was_changed_in_the_meantime_is_read_again():
    with guarded("bearer") as service:
        secrets = MemorySecrets(f"old-{CANARY}")
        asking = Asking("bearer", service, secrets)
        before = secrets.read

        def read(arn: str):  # type: ignore[no-untyped-def]
            found = before(arn)
            secrets.value = CANARY
            return found

        secrets.read = read  # type: ignore[method-assign]
        asking.ingest()

    assert len(service.requests) == 2


def test_fifty_who_refresh_at_once_make_one_rotation():
    auth = RefreshTokenAuth(kind="oauth2_refresh_token", secret=ARN, token_url=TOKEN_URL)
    secrets = MemorySecrets(json.dumps({**PAIR, "refresh_token": f"refresh-{CANARY}-0"}))
    leases, start = MemoryLeases(), threading.Barrier(50)

    with guarded("token") as service:
        assert service.server
        overrides = {"https://login.test": service.server.origin}

        def one(_number: int) -> str:
            endpoint = HttpUpstream(overrides, sleep=lambda _s: None)
            tokens = RefreshTokens(auth, PLACE.fill(ARN), secrets, leases, endpoint)
            start.wait()
            try:
                return tokens.text()
            finally:
                endpoint.close()

        with ThreadPoolExecutor(50) as pool:
            found = set(pool.map(one, range(50)))

    assert (len(found), service.rotations, service.reuse, secrets.version) == (1, 1, 0, 2)
    assert json.loads(secrets.value)["refresh_token"] == service.refresh


def test_a_lease_whose_holder_died_is_taken_over():
    auth = RefreshTokenAuth(kind="oauth2_refresh_token", secret=ARN, token_url=TOKEN_URL)
    secrets = MemorySecrets(json.dumps({**PAIR, "refresh_token": f"refresh-{CANARY}-0"}))
    leases, now = MemoryLeases(), [1_000_000_000.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    with guarded("token") as service:
        assert service.server
        endpoint = HttpUpstream({"https://login.test": service.server.origin})
        tokens = RefreshTokens(auth, PLACE.fill(ARN), secrets, leases, endpoint, lambda: now[0], sleep)
        assert leases.take(tokens._lease(secrets.read(PLACE.fill(ARN))), "who died")
        tokens.text()
        endpoint.close()

    assert (service.rotations, 0 < now[0] - 1_000_000_000 <= 61) == (1, True)


def test_a_refresh_token_is_kept_before_its_access_token_is_used():
    """Whoever dies after the answer came leaves a secret that works."""
    with guarded("token") as service:
        secrets = MemorySecrets(KINDS["refresh token"][2])
        Asking("refresh token", service, secrets).ingest()
        kept = json.loads(secrets.value)
        Asking("refresh token", service, secrets).ingest()

    assert (kept["refresh_token"], kept["access_token"] in service.good, service.rotations) == (
        service.refresh,
        True,
        1,
    )
