"""Secrets: read by name, and replaced only while they are still what was read."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Secret:
    """A secret's value and the version that it is. The value is in no representation of it."""

    value: str = field(repr=False)
    version: str


class Secrets(Protocol):
    """Where secrets are kept. Every method raises StoreUnavailable when there is no answer, and ConfigurationMissing
    when the secret is not there or may not be used."""

    def read(self, arn: str) -> Secret:
        """The current version."""
        ...

    def replace(self, arn: str, value: str, expected_version: str) -> Secret:
        """Make ``value`` the current version, if ``expected_version`` still is.

        Returns:
            What is current then: the new version, or, where somebody else was faster, theirs.
        """
        ...

    def finish(self, arn: str, expected_version: str) -> Secret | None:
        """Make current what a ``replace`` that died had stored in place of ``expected_version``, if one had.

        Returns:
            What is current then; None when nobody had stored anything.
        """
        ...


class Leases(Protocol):
    """Rights that one holder at a time has."""

    def take(self, name: str, holder: str) -> bool:
        """Whether ``holder`` has the lease of that name now. A name is never free again: each lease has its own."""
        ...
