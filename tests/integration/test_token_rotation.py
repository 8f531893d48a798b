"""Refresh tokens that are good for one use, in Secrets Manager and with leases in S3, both of a local cloud."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from auth_world import CANARY, Guarded, guarded
from botocore.config import Config

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.http_tokens import RefreshTokens
from lakeward.adapters.raw_s3 import S3RawStore
from lakeward.adapters.secrets_manager import RawLeases, SecretsManager
from lakeward.contract.source_auth import RefreshTokenAuth
from lakeward.errors import UpstreamRefused

TOKEN_URL = "https://login.test/token"
FIRST = {"client_id": "lakeward", "client_secret": f"client-{CANARY}", "refresh_token": f"refresh-{CANARY}-0"}
AUTH = RefreshTokenAuth(
    kind="oauth2_refresh_token",
    secret="arn:aws:secretsmanager:us-east-1:111111111111:secret:lakeward/local/readings",
    token_url=TOKEN_URL,
)
MANY = Config(max_pool_connections=60, retries={"mode": "standard", "total_max_attempts": 5})


class Died(BaseException):
    """The function's process ends here."""


@dataclass
class World:
    """A secret, a bucket for leases, a token endpoint, and a clock that moves when somebody sleeps."""

    service: Guarded
    client: Any
    arn: str
    leases: RawLeases
    now: list[float] = field(default_factory=lambda: [1_000_000_000.0])

    def tokens(self, client: Any = None, clock: Callable[[], float] | None = None) -> RefreshTokens:
        """What one function has."""
        assert self.service.server
        endpoint = HttpUpstream({"https://login.test": self.service.server.origin}, sleep=lambda _s: None)
        secrets = SecretsManager(client or self.client)
        return RefreshTokens(AUTH, self.arn, secrets, self.leases, endpoint, clock or (lambda: self.now[0]), self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now[0] += seconds

    def stored(self) -> dict[str, str]:
        return dict(json.loads(self.client.get_secret_value(SecretId=self.arn)["SecretString"]))


@pytest.fixture
def world(cloud: str) -> Iterator[World]:
    client, s3, name = boto3.client("secretsmanager", config=MANY), boto3.client("s3", config=MANY), uuid.uuid4().hex
    arn = client.create_secret(Name=f"readings-{name}", SecretString=json.dumps(FIRST))["ARN"]
    s3.create_bucket(Bucket=f"raw-{name}")
    with guarded("token") as service:
        yield World(service, client, arn, RawLeases(S3RawStore(s3, f"raw-{name}")))


@dataclass
class Dying:
    """A client whose process dies before a call."""

    client: Any
    at: str

    def __getattr__(self, name: str) -> Any:
        if name == self.at:
            raise Died
        return getattr(self.client, name)


def test_fifty_functions_that_refresh_at_once_make_one_rotation(world: World):
    start = threading.Barrier(50)

    def one(_number: int) -> str:
        tokens = world.tokens()
        start.wait()
        return tokens.text()

    with ThreadPoolExecutor(50) as pool:
        found = set(pool.map(one, range(50)))

    assert (len(found), world.service.rotations, world.service.reuse) == (1, 1, 0)
    assert world.stored()["refresh_token"] == world.service.refresh
    assert found <= world.service.good


def test_a_value_takes_the_place_only_of_the_version_that_it_came_from(world: World):
    secrets = SecretsManager(world.client)
    first = secrets.read(world.arn)
    second = secrets.replace(world.arn, "second", first.version)

    late = secrets.replace(world.arn, "too late", first.version)
    third = secrets.replace(world.arn, "third", second.version)

    assert (late.value, late.version) == ("second", second.version)
    assert (secrets.read(world.arn).value, secrets.read(world.arn).version) == ("third", third.version)


def test_who_died_after_storing_the_new_token_leaves_it_to_the_next(world: World):
    with pytest.raises(Died):
        world.tokens(Dying(world.client, "update_secret_version_stage")).text()
    assert world.stored() == FIRST

    token = world.tokens().text()

    assert (token in world.service.good, world.service.rotations, world.service.reuse) == (True, 1, 0)
    assert world.stored()["refresh_token"] == world.service.refresh
    assert 0 < world.now[0] - 1_000_000_000 <= 61


def test_who_died_before_asking_loses_its_lease_by_time(world: World):
    with pytest.raises(Died):
        world.tokens(Dying(world.client, "get_secret_value")).text()
    secret = SecretsManager(world.client).read(world.arn)
    assert world.leases.take(world.tokens()._lease(secret), "who died")

    assert world.tokens().text() in world.service.good
    assert (world.service.rotations, 0 < world.now[0] - 1_000_000_000 <= 61) == (1, True)


def test_who_died_with_the_answer_in_its_hands_has_lost_it_and_a_person_is_told(world: World):
    """Nothing can help here but the service, or whoever signs in again: the token that is kept has been used."""
    with pytest.raises(Died):
        world.tokens(Dying(world.client, "put_secret_value")).text()

    with pytest.raises(UpstreamRefused, match=f"{TOKEN_URL}: expected status 200, found 400") as refused:
        world.tokens().text()
    assert CANARY not in str(refused.value)

    world.client.put_secret_value(
        SecretId=world.arn, SecretString=json.dumps(FIRST | {"refresh_token": world.service.refresh})
    )
    assert world.tokens().text() in world.service.good
