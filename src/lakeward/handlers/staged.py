"""Reading the staged list that the transform step named."""

from typing import Any

from lakeward.errors import StagedMissing
from lakeward.handlers.settings import setting
from lakeward.ports.lake import Files
from lakeward.staged import Staged


def read_staged(lake: Files, transform: dict[str, Any]) -> Staged:
    """The staged list that the transform step answered with.

    Raises:
        StagedMissing: there is none, or another release staged it: its files are for another release's tables.
    """
    own, theirs = setting("LAKEWARD_RELEASE"), transform["release"]
    if theirs != own:
        raise StagedMissing(
            f"expected what release {own[:12]} staged, found that of {theirs[:12]}: a deployment came in between; "
            "run the slot again"
        )
    raw = lake.read(transform["staged_key"])
    if raw is None:
        raise StagedMissing(
            f"expected the staged list at {transform['staged_key']}, found none; run the slot again, the transform "
            "makes it"
        )
    return Staged.from_bytes(raw)
