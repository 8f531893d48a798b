"""What the libraries of AWS and PyArrow raise when a store does not do what was asked, as errors that we name."""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from lakeward.errors import ConfigurationMissing, StoreUnavailable

REFUSALS = (
    "403",
    "404",
    "AccessDenied",
    "AccessDeniedException",
    "EntityNotFoundException",
    "InvalidInputException",
    "NoSuchBucket",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationException",
)
"""Codes of answers that will be the same the next time. The numbers are those of HEAD, whose answers have no body."""


@contextmanager
def store_errors(what: str, verb: str) -> Iterator[None]:
    """Around calls of S3, Glue or DynamoDB. ``what`` and ``verb`` say in the message what was to be done.

    Raises:
        ConfigurationMissing: the store is not there, or may not be used.
        StoreUnavailable: there was no answer, or one that may be another later.
    """
    try:
        yield
    except (BotoCoreError, ClientError, Boto3Error, OSError) as problem:
        found = code_of(problem)
        if found in REFUSALS:
            raise ConfigurationMissing(
                f"{what}: expected to {verb} it, found {found}; check the function's settings and role", code=found
            ) from problem
        raise StoreUnavailable(f"{what}: expected to {verb} it, found {found}", code=found) from problem


def code_of(problem: Exception) -> str:
    """AWS's code where there was an answer, the error's text otherwise."""
    answered = problem.__context__ if isinstance(problem, Boto3Error) else problem
    if isinstance(answered, ClientError):
        return answered.response["Error"].get("Code", "an answer without a code")
    return f"{type(problem).__name__}: {problem}"
