"""The ops tables as the record step sees them: objects that are written once."""

from typing import Protocol


class OpsTables(Protocol):
    """The folder over which the ops tables lie."""

    def add(self, key: str, body: bytes) -> bool:
        """Keep an object below a key, unless there is one: what came first stays.

        Returns:
            Whether it was kept.

        Raises:
            ConfigurationMissing: the store is not there, or may not be used.
            StoreUnavailable: the store did not answer.
        """
        ...
