"""The key of a contract's personal columns, from AWS Secrets Manager."""

from lakeward.adapters.http_auth import Place
from lakeward.contract import Contract
from lakeward.errors import ConfigurationMissing
from lakeward.ports.personal import LEAST_BYTES, PersonalKey
from lakeward.ports.secrets import Secrets


def personal_key_of(contract: Contract, place: Place, secrets: Secrets) -> PersonalKey | None:
    """The key that the contract names; None when it names none.

    Raises:
        ConfigurationMissing: the secret is not there, may not be read, or is too short for a key.
        StoreUnavailable: Secrets Manager did not answer.
    """
    if contract.personal_key is None:
        return None
    arn = place.fill(contract.personal_key)
    value = secrets.read(arn).value.encode()
    if len(value) < LEAST_BYTES:
        raise ConfigurationMissing(
            f"{arn}: expected a key of at least {LEAST_BYTES} bytes, found a shorter one; "
            "store a random text, and never change it while digests of it are to be compared"
        )
    return PersonalKey(value)
