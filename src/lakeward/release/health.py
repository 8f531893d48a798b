"""Health: whether a release that is deployed works, asked in a way that changes no row."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lakeward.contract import Contract
from lakeward.errors import LakewardError, QueryFailed
from lakeward.ports.deployment import Live, Ran, Ringing
from lakeward.ports.query import Queries
from lakeward.release.deploy import prove_functions
from lakeward.release.evidence import Check
from lakeward.released import Release
from lakeward.slot import Slot
from lakeward.tables import LINEAGE, curated, place_columns


class Note(Check):
    """Something that is said and not judged: it makes nothing red."""

    holds: Literal[True] = True


@dataclass(frozen=True)
class Readers:
    """Where a health check reads: an engine, and the databases of tables and of views."""

    queries: Queries
    curated_database: str
    serving_database: str


@dataclass(frozen=True)
class Examined:
    """A dataset as it is examined: its contract, and the slot that is run again; None where there is none yet."""

    contract: Contract
    canary: Slot | None


def choose_canary(contract: Contract, live: Live, given: str | None = None) -> Slot | None:
    """The slot that is run again: the one that was given, the contract's own, or the newest that is certified and whose
    last run did not fail: what its own data did before is nothing that a release did."""
    declared = given or contract.serving.canary_slot
    if declared is not None:
        return Slot.parse(declared, contract.slot)
    certified = live.certified(contract.dataset)
    failed = {record.slot for record in live.records(contract.dataset) if not record.succeeded}
    return max([slot for slot in certified if slot not in failed] or certified, default=None)


def examine(
    release: Release,
    examined: Mapping[str, Examined],
    live: Live,
    readers: Readers,
    *,
    with_alarms: bool = True,
    rang_before: Collection[str] = (),
) -> Iterator[Check]:
    """Look at everything; each check comes when it is over.

    Args:
        with_alarms: also that no alarm began to ring. After a rollback they still ring for what was taken back.
        rang_before: alarms that rang when the deployment began, which it may be there to mend.
    """
    yield _functions(release, live)
    for name, dataset in examined.items():
        yield from _canary(name, dataset, live, readers)
        yield _view(name, readers)
    if with_alarms:
        yield from _alarms(live.ringing(), rang_before)


def _alarms(ringing: list[Ringing], rang_before: Collection[str]) -> Iterator[Check]:
    """Alarms about what failed are judged where they began to ring since. Those of freshness look back over hours in
    which the release was not there, and ring in a new environment before anything could be published."""
    caused = [alarm.name for alarm in ringing if not alarm.of_freshness and alarm.name not in rang_before]
    before = [alarm.name for alarm in ringing if not alarm.of_freshness and alarm.name in rang_before]
    stale = [alarm.name for alarm in ringing if alarm.of_freshness]
    found = ", ".join(caused) or "none"
    yield Check(
        name="no alarm began to ring", expected="none since the deployment began", found=found, holds=not caused
    )
    if before:
        yield Note(name="alarms that rang before", expected="told, not judged", found=", ".join(before))
    if stale:
        yield Note(name="alarms of freshness", expected="told, not judged", found=", ".join(stale))


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
        found = "no slot of it is certified here yet, so there is none to run again"
        yield Note(name=check, expected="told, not judged", found=found)
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
