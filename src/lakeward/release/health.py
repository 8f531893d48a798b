"""Health: whether a release that is deployed works, asked in a way that changes no row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lakeward.contract import Contract
from lakeward.errors import LakewardError, QueryFailed
from lakeward.ports.deployment import Live, Ran
from lakeward.ports.query import Queries
from lakeward.release.deploy import prove_functions
from lakeward.release.evidence import Check
from lakeward.released import Release
from lakeward.slot import Slot
from lakeward.tables import LINEAGE, curated, place_columns


@dataclass(frozen=True)
class Readers:
    """Where a health check reads: an engine, and the databases of tables and of views."""

    queries: Queries
    curated_database: str
    serving_database: str


@dataclass(frozen=True)
class Examined:
    """A dataset as it is examined: its contract, and the slot that is run again as a canary."""

    contract: Contract
    canary: Slot | None


def choose_canary(contract: Contract, live: Live, given: str | None = None) -> Slot | None:
    """The slot that is run again: the one that was given, the contract's own, or the newest that is certified."""
    declared = given or contract.serving.canary_slot
    if declared is not None:
        return Slot.parse(declared, contract.slot)
    return max(live.certified(contract.dataset), default=None)


def examine(
    release: Release, examined: Mapping[str, Examined], live: Live, readers: Readers, *, with_alarms: bool = True
) -> Iterator[Check]:
    """Look at everything; each check comes when it is over.

    Args:
        with_alarms: also that no alarm rings. After a rollback they still ring for what was taken back.
    """
    yield _functions(release, live)
    for name, dataset in examined.items():
        yield from _canary(name, dataset, live, readers)
        yield _view(name, readers)
    if with_alarms:
        ringing = live.ringing()
        yield Check(name="no alarm rings", expected="none", found=", ".join(ringing) or "none", holds=not ringing)


def _functions(release: Release, live: Live) -> Check:
    what = f"every function with code {release.functions.sha256[:12]}"
    try:
        prove_functions(release, live)
    except LakewardError as problem:
        return Check(name="the release runs", expected=what, found=problem.message, holds=False)
    return Check(name="the release runs", expected=what, found=what, holds=True)


def _canary(name: str, examined: Examined, live: Live, readers: Readers) -> Iterator[Check]:
    """Run a slot that was run before; its rows are then in the release's table, whole and single."""
    slot = examined.canary
    check = f"the canary of {name}"
    if slot is None:
        found = "no certified slot and none in the contract; give one with --canary, or set serving.canary_slot"
        yield Check(name=check, expected="a slot to run", found=found, holds=False)
        return
    (ran,) = live.run(name, [slot], again=True)
    balance = ran.written + ran.quarantined + ran.deduplicated
    expected = f"slot {slot} run, every record accounted for"
    if ran.failure is not None or balance != ran.rows_in:
        found = ran.failure or f"{_came(ran)} in, {balance} accounted for"
        yield Check(name=check, expected=expected, found=found, holds=False)
        return
    yield Check(name=check, expected=expected, found=f"{_came(ran)}, all accounted for", holds=True)
    yield _rows(name, examined.contract, slot, ran.written, readers)


def _came(ran: Ran) -> str:
    """What has to be accounted for, in words."""
    records = f"{ran.records_in} records"
    return records if ran.rows_in == ran.records_in else f"{ran.rows_in} rows of {records}"


def _rows(name: str, contract: Contract, slot: Slot, written: int, readers: Readers) -> Check:
    """The slot's rows as the table holds them. Another slot may have taken over some: it held a newer version."""
    table = curated(contract).name
    keys = ", ".join(f'"{key}"' for key in contract.load.primary_key or place_columns(contract))
    of_slot = f"\"{LINEAGE}\" = TIMESTAMP '{slot.start:%Y-%m-%d %H:%M:%S}'"
    sql = (
        f'SELECT count(*), coalesce(sum("times"), 0) FROM (SELECT {keys}, count(*) AS "times" '
        f'FROM "{table}" WHERE {of_slot} GROUP BY {keys}) AS "by_key"'
    )
    expected = f"at most {written} rows, one a key" if written else "no row"
    check = f"the rows of {name}"
    try:
        ((distinct, rows),) = [
            [int(v or 0) for v in row] for row in readers.queries.run(sql, readers.curated_database).rows
        ]
    except QueryFailed as problem:
        return Check(name=check, expected=expected, found=problem.message, holds=False)
    holds = distinct == rows and min(1, written) <= rows <= written
    return Check(name=check, expected=expected, found=f"{rows} rows, {distinct} keys", holds=holds)


def _view(name: str, readers: Readers) -> Check:
    """What readers see answers, whichever table it shows."""
    check, expected = f"the view {name}", "an answer"
    try:
        ((rows,),) = readers.queries.run(f'SELECT count(*) FROM "{name}"', readers.serving_database).rows
    except QueryFailed as problem:
        return Check(name=check, expected=expected, found=problem.message, holds=False)
    return Check(name=check, expected=expected, found=f"{int(rows or 0):,} rows", holds=True)


Examine = Callable[[Release], list[Check]]
"""A health check of an environment, wired."""
