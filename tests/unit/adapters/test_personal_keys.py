"""The key of personal columns: found where the contract says, and long enough."""

from dataclasses import dataclass

import pytest
from transform_world import contract

from lakeward.adapters.http_auth import Place
from lakeward.adapters.personal_keys import personal_key_of
from lakeward.errors import ConfigurationMissing
from lakeward.ports.secrets import Secret

PLACE = Place("eu-central-1", "111111111111", "dev")
NAMED = "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/people"
ARN = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:lakeward/dev/people"
PEOPLE = contract("name: x, type: string, at: $.x, personal: hash", more=f'personal_key: "{NAMED}"\n')


@dataclass(frozen=True)
class OneSecret:
    """Secrets of which there is one."""

    value: str

    def read(self, arn: str) -> Secret:
        return Secret({ARN: self.value}[arn], "v1")

    def replace(self, arn: str, value: str, expected_version: str) -> Secret:
        raise NotImplementedError


def test_the_key_is_the_secret_that_the_contract_names():
    key = personal_key_of(PEOPLE, PLACE, OneSecret("k" * 32))

    assert key is not None
    assert key.value == b"k" * 32
    assert "k" * 32 not in repr(key)


def test_a_contract_that_names_none_needs_none():
    assert personal_key_of(contract(), PLACE, OneSecret("")) is None


def test_a_short_key_is_refused_and_not_shown():
    with pytest.raises(ConfigurationMissing, match="expected a key of at least 32 bytes") as refused:
        personal_key_of(PEOPLE, PLACE, OneSecret("hunter2"))

    assert "hunter2" not in str(refused.value)
