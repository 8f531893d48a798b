"""What a change of a contract means: for its table, for rows that are there, and for the version that it must bear.

    breaking   the table cannot become what the contract says: a new major version, which makes a new table
    table      the table is evolved: columns are added, or types widened; rows from before stay as they are
    rows       slots that run from now on give other rows; the rows of former slots follow when they are run again
    other      neither: descriptions, schedules, rules over whole loads, sources

Nothing here knows a catalog. The migration asks the same questions of the table that is there.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lakeward.contract.column import RULE_KEYS, Column
from lakeward.contract.model import Contract
from lakeward.contract.types import DECIMAL

Kind = Literal["breaking", "table", "rows", "other"]
WIDER = {("int", "bigint"), ("float", "double")}
MEETING = ("mode", "primary_key", "newest_by")
NEW_TABLE = "a new table: this cannot change in one that is there"
DESCRIBING = ("name", "type", "description")
RULES = ("required", *RULE_KEYS)
AGAIN = "other values from the next run on; run former slots again for theirs"
BECOMES = {
    "quarantine": "quarantined",
    "set_null": "kept without the value",
    "warn": "kept with a note",
    "fail": "the end of a run",
}


@dataclass(frozen=True)
class Change:
    """One difference between two contracts, and what it comes to."""

    kind: Kind
    what: str
    effect: str


def widens(before: str, after: str) -> bool:
    """Whether every value of a type is one of another, so that files of both can lie in one table (Iceberg's rule)."""
    old, new = DECIMAL.fullmatch(before), DECIMAL.fullmatch(after)
    if old and new:
        return old["scale"] == new["scale"] and int(old["precision"]) < int(new["precision"])
    return (before, after) in WIDER


def column_changes(
    before: Mapping[str, str], after: Mapping[str, str], exact: Collection[str]
) -> Iterator[tuple[Kind, str, str]]:
    """Columns that were added, widened, retyped and removed.

    Args:
        before: types by name, as they are.
        after: types by name, as they shall be.
        exact: columns whose type may not even be widened: rows are compared by them across files.

    Yields:
        Kind, name, and in words what is the matter.
    """
    for name, wanted in after.items():
        found = before.get(name)
        if found is None:
            yield "table", name, f"is new, of type {wanted}"
        elif found != wanted and widens(found, wanted) and name not in exact:
            yield "table", name, f"becomes {wanted}, was {found}"
        elif found != wanted:
            why = ", and rows are compared by it" if widens(found, wanted) else ""
            yield "breaking", name, f"is {found}, expected {wanted}{why}"
    for name in sorted(before.keys() - after.keys()):
        yield "breaking", name, "is in the table and not in the contract"


def exact_columns(contract: Contract) -> set[str]:
    """Columns by which rows are compared: key, version, partition, and what says that a row is gone."""
    load = contract.load
    mark = [load.deleted_when.column] if load.deleted_when else []
    version = [load.newest_by] if load.newest_by else []
    return {*load.primary_key, *version, contract.partition_by, *mark}


def changes(before: Contract, after: Contract) -> list[Change]:
    """Every difference that matters to anybody, breaking ones first."""
    of_rows = (*_of_the_rows(before, after), *_of_whole_rows(before, after))
    found = [*_of_the_table(before, after), *of_rows, *_others(before, after)]
    order: list[Kind] = ["breaking", "table", "rows", "other"]
    return sorted(found, key=lambda change: order.index(change.kind))


def version_problem(before: Contract, after: Contract) -> str | None:
    """Why the version of a contract does not suit what changed, or None when it does."""
    old, new = (tuple(int(part) for part in of.version.split(".")) for of in (before, after))
    if new < old:
        return f"expected a version from {before.version} on, found {after.version}; to go back: lakeward rollback"
    breaking = [change.what for change in changes(before, after) if change.kind == "breaking"]
    if breaking and new[0] == old[0]:
        return (
            f"expected version {old[0] + 1}.0.0, which makes the table {after.dataset}_v{old[0] + 1}, found "
            f"{after.version}: {'; '.join(breaking)}"
        )
    return None


def _of_the_table(before: Contract, after: Contract) -> Iterator[Change]:
    types = [{c.name: c.stored_type for c in of.columns if c.stored_type} for of in (before, after)]
    dropped = {column.name for column in after.columns if column.stored_type is None}
    exact = exact_columns(before) | exact_columns(after)
    renamed = _renamed(before, after)
    for kind, name, words in column_changes(types[0], types[1], exact):
        old = {new: old for old, new in renamed.items()}.get(name)
        if name in renamed:
            yield Change("breaking", f"column {name} is called {renamed[name]} now", NEW_TABLE)
        elif name in dropped:
            yield Change("breaking", f"column {name} is in the table and no more kept (personal: drop)", NEW_TABLE)
        elif old is None and kind == "breaking":
            yield Change("breaking", f"column {name} {words}", NEW_TABLE)
        elif old is None:
            effect = "rows from before have NULL there" if "new" in words else "rows from before are read as that"
            yield Change("table", f"column {name} {words}", effect)
    if before.partition_by != after.partition_by:
        yield Change("breaking", f"partition_by: expected {before.partition_by}, found {after.partition_by}", NEW_TABLE)
    for key in MEETING:
        was, is_now = getattr(before.load, key), getattr(after.load, key)
        if was != is_now:
            yield Change("breaking", f"load.{key}: expected {was}, found {is_now}", NEW_TABLE)
    was, is_now = (of.explode.at if of.explode else "nothing" for of in (before, after))
    if was != is_now:
        yield Change("breaking", f"source.records.explode: expected {was}, found {is_now}", NEW_TABLE)
    if _mark(before) != _mark(after):
        yield Change("rows", "load.deleted_when is another one", "readers are shown other rows, also former ones")


def _mark(contract: Contract) -> tuple[str, str | bool | int] | None:
    """What marks a tombstone; how long it stays a row changes nothing that readers see."""
    mark = contract.load.deleted_when
    return (mark.column, mark.equals) if mark else None


def _renamed(before: Contract, after: Contract) -> dict[str, str]:
    """Columns that went and came with the same path and type: old name -> new name."""
    names = [{column.name for column in of.columns} for of in (before, after)]
    gone = {(c.at, c.stored_type): c.name for c in before.columns if c.name not in names[1] and c.at and c.stored_type}
    come = {(c.at, c.stored_type): c.name for c in after.columns if c.name not in names[0]}
    return {old: come[place] for place, old in gone.items() if place in come}


def _of_the_rows(before: Contract, after: Contract) -> Iterator[Change]:
    former = {column.name: column for column in before.columns}
    for column in after.columns:
        old = former.get(column.name)
        if old is None:
            if column.required:
                yield Change("rows", f"column {column.name} is required", "records without it are quarantined")
            continue
        read = [
            key for key in type(column).model_fields if key not in (*DESCRIBING, *RULES) and _differs(old, column, key)
        ]
        if read:
            yield Change("rows", f"column {column.name} is read otherwise: {', '.join(read)}", AGAIN)
        ruled = [key for key in RULES if _differs(old, column, key)]
        if ruled:
            yield Change("rows", f"rules of column {column.name}: {', '.join(ruled)}", _tightened(old, column))


def _of_whole_rows(before: Contract, after: Contract) -> Iterator[Change]:
    if before.explode and after.explode and before.explode != after.explode:
        yield Change("rows", "source.records.explode: records without elements", AGAIN)
    if before.personal_key != after.personal_key:
        effect = "digests from the next run on are other ones: run former slots again, or nothing matches them"
        yield Change("rows", "personal_key is another one", effect)
    if before.rules != after.rules:
        former = {rule.name: rule for rule in before.rules}
        new = [rule.name for rule in after.rules if former.get(rule.name) != rule]
        names = ", ".join(new) or "fewer than before"
        yield Change("rows", f"rules: {names}", "records that passed may now break them" if new else AGAIN)


def _differs(old: Column, new: Column, key: str) -> bool:
    return bool(getattr(old, key) != getattr(new, key))


def _tightened(old: Column, new: Column) -> str:
    """Whether records may break the new rules that kept the old ones."""
    low = [(new.minimum, old.minimum), (new.min_length, old.min_length)]
    high = [(old.maximum, new.maximum), (old.max_length, new.max_length)]
    tighter = [
        new.required and not old.required,
        *(is_limit is not None and (was is None or _above(is_limit, was)) for is_limit, was in low),
        *(is_limit is not None and (was is None or _above(was, is_limit)) for was, is_limit in high),
        new.allowed is not None and not set(old.allowed or ()) <= set(new.allowed),
        new.allowed is not None and old.allowed is None,
        new.pattern is not None and new.pattern != old.pattern,
    ]
    if any(tighter):
        return f"records that passed may now be {BECOMES[new.on_violation]}"
    return "what breaks them may become something else from the next run on; run former slots again for theirs"


def _above(one: float | str, other: float | str) -> bool:
    """Whether a limit is greater; instants may have different offsets, so of those any other is."""
    return one != other if isinstance(one, str) or isinstance(other, str) else one > other


OTHERS = {
    "source": "what is asked for from the next run on",
    "slot": "slots are other intervals: those from before stay as they are",
    "schedule": "when runs start",
    "freshness": "when the alarm rings",
    "quality": "what stops a load",
    "drift": "what becomes of fields that are new or missing",
    "serving": "how readers are moved",
    "cluster_by": "how rows are sorted in files that are written from now on",
    "engine": "where slots are transformed; the rows are the same",
    "cost": "what stops a run before its transform",
    "maintenance": "how files are kept in shape, and how long former states are kept",
    "owner": "who answers for the data",
    "description": "what the catalog says",
}
"""Keys whose change touches no table and no row, and what it touches."""


def _others(before: Contract, after: Contract) -> Iterator[Change]:
    for key, effect in OTHERS.items():
        if getattr(before, key) != getattr(after, key):
            yield Change("other", f"{key} is another one", effect)
