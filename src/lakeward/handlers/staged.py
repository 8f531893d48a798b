"""Reading the staged list that the transform step named."""

from lakeward.errors import StagedMissing
from lakeward.ports.lake import Files
from lakeward.staged import Staged


def read_staged(lake: Files, key: str) -> Staged:
    """The staged list at a key.

    Raises:
        StagedMissing: there is none.
    """
    raw = lake.read(key)
    if raw is None:
        raise StagedMissing(
            f"expected the staged list at {key}, found none; run the slot again, the transform makes it"
        )
    return Staged.from_bytes(raw)
