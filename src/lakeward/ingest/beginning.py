"""Finding what an attempt begins from, and fixing it before the first question."""

from lakeward.contract import Dataset
from lakeward.errors import IncompleteRun
from lakeward.ingest.attempt import Attempt
from lakeward.ingest.begin import Begin, begin_after, is_needed
from lakeward.ingest.keeper import Deps, Keeper
from lakeward.ingest.layout import SlotKeys


def begin_of(dataset: Dataset, slot_keys: SlotKeys, attempt: Attempt, deps: Deps, keeper: Keeper) -> Begin:
    """What was fixed when the attempt began; fixed now when it begins now.

    Raises:
        IncompleteRun: raw holds pages, and nothing that says what they began from.
    """
    source = dataset.contract.source
    if not is_needed(source):
        return Begin()
    stored = deps.raw.get(attempt.keys.begin)
    if stored is not None:
        return Begin.from_bytes(stored.body)
    if attempt.found.pages:
        raise IncompleteRun(f"expected {attempt.keys.begin} before the first page, found pages and no such object")
    key = _newest_certificate(slot_keys, deps)
    found = None if key is None else deps.raw.get(key)
    begin = Begin() if key is None or found is None else begin_after(source, key, found.body)
    keeper.write(attempt.keys.begin, begin.to_bytes())
    return begin


def _newest_certificate(slot_keys: SlotKeys, deps: Deps) -> str | None:
    """Key of the certificate of the newest earlier slot that has one."""
    for folder in reversed(deps.raw.folders(slot_keys.dataset_prefix)):
        if folder < slot_keys.prefix and deps.raw.get(f"{folder}certificate.json") is not None:
            return f"{folder}certificate.json"
    return None
