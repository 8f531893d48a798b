"""The certificate of a run that has come to its end, from what the tally counted."""

from lakeward.certificate import Certificate, StopCondition, chain
from lakeward.contract import Dataset
from lakeward.contract.source_paging import StopWhen
from lakeward.ingest.attempt import Attempt
from lakeward.ingest.begin import Begin, is_needed
from lakeward.ingest.keeper import Kept
from lakeward.ingest.tally import Tally
from lakeward.slot import Slot

CONDITIONS: dict[StopWhen, StopCondition] = {
    "declared_total": "declared_total_reached",
    "empty_page": "empty_page",
    "short_page": "short_page",
    "no_next": "no_next",
    "end_flag": "end_flag",
    "only_page": "only_page",
    "windows_covered": "windows_covered",
}
VALIDATORS = ("etag", "last-modified")


def certificate_of(
    tally: Tally,
    *,
    dataset: Dataset,
    slot: Slot,
    attempt: Attempt,
    release: str,
    totals: tuple[Kept | None, Kept | None],
    begin: Begin,
    reached: str | None,
) -> Certificate:
    """Make it. It is the same whichever call makes it: its facts lie in raw.

    Args:
        tally: complete.
        dataset: whose contract asked.
        slot: the interval.
        attempt: where the pages lie.
        release: sha256 of the function zip that runs.
        totals: the answers that declared the total, before the first page and after the last.
        begin: what the attempt began from.
        reached: greatest value of ``source.incremental.at`` so far.

    Raises:
        ValueError: the numbers do not add up.
    """
    source, (total, after) = dataset.contract.source, totals
    same = bool(tally.pages) and tally.pages[0].status == 304
    return Certificate(
        dataset=dataset.name,
        slot=str(slot),
        attempt=attempt.number,
        contract_sha256=dataset.contract_sha256,
        release=release,
        paging=source.paging.kind,
        declared_total=tally.declared,
        total_key=total.key if total else None,
        total_sha256=total.receipt.sha256 if total else None,
        total_after_key=after.key if after else None,
        total_after_sha256=after.receipt.sha256 if after else None,
        counted_records=tally.counted,
        stop_condition="not_modified" if same else CONDITIONS[source.stop.when],
        next_place_seen=tally.next_place_seen if source.stop.when == "no_next" else None,
        begin_key=attempt.keys.begin if is_needed(source) else None,
        reached=reached,
        validators=_validators(tally, begin) if source.manners.conditional else {},
        pages=tally.pages,
        chain_sha256=chain([page.sha256 for page in tally.pages]),
    )


def _validators(tally: Tally, begin: Begin) -> dict[str, str]:
    """What the next run may ask by: this answer's, or, where it brought nothing new, those that it was asked by."""
    page = tally.pages[0]
    if page.status != 304:
        return {name: page.response_headers[name] for name in VALIDATORS if name in page.response_headers}
    names = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
    return {names[header]: value for header, value in begin.conditions.items()}
