"""A table of live data, held against the ledger and against the table that readers see before they are moved to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lakeward.contract import Contract, Dataset
from lakeward.errors import QueryFailed
from lakeward.ports.query import Queries
from lakeward.slot import Slot
from lakeward.tables import LINEAGE, place_columns

MOST_NAMED = 5


@dataclass(frozen=True)
class Held:
    """The account of a slot that ended well by the deployed contract.

    ``stand_ins`` are the origins that answered in the place of its service, such as the replay of a recorded sample;
    None where the release that ran it did not say.
    """

    slot: Slot
    rows_in: int
    written: int
    quarantined: int
    deduplicated: int
    stand_ins: tuple[str, ...] | None = ()

    @property
    def left_out(self) -> int:
        """Rows that came in and were not written."""
        return self.quarantined + self.deduplicated


@dataclass(frozen=True)
class Asked:
    """An end-to-end query over a table: how many differences its result has from the expected one, or why it failed."""

    name: str
    differences: int
    failure: str | None = None


@dataclass(frozen=True)
class Readiness:
    """Why readers must not see a table yet; and what whoever moves them should know, when they may."""

    problems: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def compare(of: Dataset, shown: str, held: Sequence[Held], queries: Queries, database: str) -> Readiness:
    """Hold the deployed contract's table against its account, and against the table that readers see.

    Every slot that readers see must be there, every row that came in accounted for, each slot whole, each key once.
    Numbers of rows may differ from those that readers see, for it is another contract; they are told.
    """
    contract = of.contract
    try:
        before, after = (_rows_by_slot(table, contract, queries, database) for table in (shown, contract.table))
        repeated = _repeated_keys(contract, queries, database)
    except QueryFailed as problem:
        return Readiness([f"expected to count the rows of {shown} and {contract.table}, found {problem.message}"])
    problems = [
        *_lost(of, shown, before, held),
        *_unaccounted(of, after, held),
        *([f"expected every key once in {contract.table}, found {repeated} more than once"] if repeated else []),
    ]
    return Readiness(problems, list(_told(contract, shown, before, after, held)))


def some(slots: Sequence[Slot]) -> str:
    """The first of them, in words."""
    return ", ".join(str(slot) for slot in slots[:MOST_NAMED]) + (", …" if len(slots) > MOST_NAMED else "")


def _rows_by_slot(table: str, contract: Contract, queries: Queries, database: str) -> dict[Slot, int]:
    """Rows of each slot that has any. A slot stands in the table as ``2018-01-31 00:00:00.000000``, in UTC."""
    answer = queries.run(f'SELECT "{LINEAGE}", count(*) FROM "{table}" GROUP BY "{LINEAGE}"', database)
    return {
        Slot(datetime.fromisoformat(start or "").replace(tzinfo=UTC), contract.slot): int(rows or 0)
        for start, rows in answer.rows
    }


def _repeated_keys(contract: Contract, queries: Queries, database: str) -> int:
    """Keys with more than one row. Where slots do not meet, a key identifies a row within its slot."""
    own = [LINEAGE, *(contract.load.primary_key or place_columns(contract))]
    keys = ", ".join(f'"{key}"' for key in contract.load.across_slots or own)
    repeated = f'SELECT {keys} FROM "{contract.table}" GROUP BY {keys} HAVING count(*) > 1'
    ((found,),) = queries.run(f'SELECT count(*) FROM ({repeated}) AS "repeated"', database).rows
    return int(found or 0)


def _lost(of: Dataset, shown: str, before: Mapping[Slot, int], held: Sequence[Held]) -> Iterator[str]:
    lost = sorted(before.keys() - {slot.slot for slot in held})
    if lost:
        yield (
            f"expected every slot that {shown} shows in {of.contract.table} too, found {len(lost)} missing "
            f"({some(lost)}); run: lakeward replay {of.name}"
        )


def _unaccounted(of: Dataset, after: Mapping[Slot, int], held: Sequence[Held]) -> Iterator[str]:
    """Slots whose rows are not those that their runs wrote. Where slots meet, another may have taken over some."""
    table, meet = of.contract.table, bool(of.contract.load.across_slots)
    unbalanced = [slot.slot for slot in held if slot.rows_in != slot.written + slot.left_out]
    if unbalanced:
        yield (
            f"expected rows in = written + quarantined + deduplicated of every slot in {table}, found "
            f"{len(unbalanced)} otherwise ({some(unbalanced)}); run: lakeward run {of.name} --slot SLOT --again"
        )
    written = {slot.slot: slot.written for slot in held}
    wrong = [
        slot
        for slot in sorted(written.keys() | after.keys())
        if after.get(slot, 0) > written.get(slot, 0) or (not meet and after.get(slot, 0) < written.get(slot, 0))
    ]
    if wrong:
        what = "at most the rows" if meet else "the rows"
        yield (
            f"expected {what} of every slot in {table} that its run wrote, found {len(wrong)} slot(s) otherwise "
            f"({some(wrong)}); when no run is under way: lakeward run {of.name} --slot SLOT --again"
        )


def _told(
    contract: Contract, shown: str, before: Mapping[Slot, int], after: Mapping[Slot, int], held: Sequence[Held]
) -> Iterator[str]:
    """Both tables' numbers, and the slots in which they differ: first those that the run's own account leaves open."""
    table = contract.table
    yield f"{table} has {sum(after.values()):,} rows, {shown} has {sum(before.values()):,}"
    differing = [slot for slot in held if after.get(slot.slot, 0) != before.get(slot.slot, 0)]
    by_doubt = sorted(differing, key=lambda slot: (_explained(slot, before, after), slot.slot))
    for slot in by_doubt[:MOST_NAMED]:
        explains = "" if _explained(slot, before, after) else ", which does not explain it"
        yield (
            f"{slot.slot}: {after.get(slot.slot, 0):,} rows, {before.get(slot.slot, 0):,} in {shown}; its run "
            f"quarantined {slot.quarantined:,} and left out {slot.deduplicated:,} as duplicates{explains}"
        )
    if len(differing) > MOST_NAMED:
        yield f"and {len(differing) - MOST_NAMED:,} more slots have other numbers of rows than in {shown}"


def _explained(slot: Held, before: Mapping[Slot, int], after: Mapping[Slot, int]) -> bool:
    """Whether the rows that are fewer were quarantined or duplicates."""
    return 0 <= before.get(slot.slot, 0) - after.get(slot.slot, 0) <= slot.left_out
