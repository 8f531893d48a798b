"""The columns of the tables that a contract makes: curated and quarantine.

Types are named as in contracts. Where a table lies, and what each is called, is said here once.
"""

from dataclasses import dataclass

from lakeward.contract import Contract
from lakeward.contract.changes import exact_columns
from lakeward.contract.mart import Mart

LINEAGE = "_slot"
NOTES = "_notes"
EXTRA = "_extra"
ELEMENT = "_element"
SOMETIMES = frozenset((ELEMENT, NOTES, EXTRA))
"""Lineage columns that a table may have from a former version of its contract; they stay, empty from then on."""
PLACE_OF_ELEMENT = "element"
"""What the quarantine table calls it."""
ELEMENT_DESCRIPTION = "Position of the row's element in the record's array, from 1; 0 where the record had none."
EXTRA_DESCRIPTION = "Fields of the record that no column is read from, as JSON text; NULL when there are none."
NOTES_DESCRIPTION = "Rules that the record broke and was kept: a JSON array of column, rule, reason and policy."


@dataclass(frozen=True)
class TableColumn:
    """A column as the catalog shows it."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class TableDesign:
    """A table: its name without database, its folder in the curated bucket, its columns, its partition column.

    ``deleted_when`` is the column and the value of rows that stay in the table and are kept from readers: tombstones.
    ``exact`` are the columns by which rows are compared, whose types are never widened. ``sometimes`` are columns that
    only some contracts ask for: a table may have them from a former version, and they stay, empty from then on.
    """

    name: str
    folder: str
    columns: tuple[TableColumn, ...]
    partition_by: str
    description: str
    deleted_when: tuple[str, str | bool | int] | None = None
    exact: frozenset[str] = frozenset()
    sometimes: frozenset[str] = frozenset()


def kept_columns(contract: Contract) -> list[str]:
    """The lineage columns that only some contracts ask for, in their order."""
    asked = {ELEMENT: contract.explode is not None, NOTES: contract.keeps_notes, EXTRA: contract.drift.new == "keep"}
    return [name for name, wanted in asked.items() if wanted]


def place_columns(contract: Contract) -> list[str]:
    """The lineage columns that together say which record a row of a slot came from, or which element of one."""
    return ["_page", "_position", *([ELEMENT] if contract.explode else [])]


def refused_place_columns(contract: Contract) -> list[str]:
    """The same of the quarantine table."""
    return ["page", "position", *([PLACE_OF_ELEMENT] if contract.explode else [])]


def curated(contract: Contract) -> TableDesign:
    """The contract's columns, then lineage: which slot, page and position a row came from, and what is noted of it."""
    own = [TableColumn(c.name, c.stored_type, c.description) for c in contract.columns if c.stored_type]
    lineage = [
        TableColumn(LINEAGE, "timestamp", "Slot of the run that wrote the row, UTC."),
        TableColumn("_page", "string", "Raw page that held the record, such as page-00001."),
        TableColumn("_position", "bigint", "Position of the record in that page, from 1."),
    ]
    described = {ELEMENT: ELEMENT_DESCRIPTION, NOTES: NOTES_DESCRIPTION, EXTRA: EXTRA_DESCRIPTION}
    lineage += [
        TableColumn(name, "bigint" if name == ELEMENT else "string", described[name]) for name in kept_columns(contract)
    ]
    mark = contract.load.deleted_when
    return TableDesign(
        contract.table,
        f"curated/{contract.table}",
        (*own, *lineage),
        contract.partition_by,
        contract.description,
        deleted_when=(mark.column, mark.equals) if mark else None,
        exact=frozenset(exact_columns(contract)),
        sometimes=SOMETIMES,
    )


def quarantine(contract: Contract) -> TableDesign:
    """One row for each record that broke a rule, or for each element of one; else the same columns everywhere."""
    columns = (
        TableColumn("slot_date", "date", "UTC day of the slot. The partition."),
        TableColumn(LINEAGE, "timestamp", "Slot of the run that read the record, UTC."),
        TableColumn("page", "string", "Raw page that holds the record, such as page-00001."),
        TableColumn("position", "bigint", "Position of the record in that page, from 1."),
        *([TableColumn(PLACE_OF_ELEMENT, "bigint", ELEMENT_DESCRIPTION)] if contract.explode else []),
        TableColumn("column_name", "string", "Column whose rule broke first, in the contract's order."),
        TableColumn("rule", "string", "The rule: required, type, compute, range, allowed, pattern, length, explode."),
        TableColumn("reason", "string", "What was expected, and what was found."),
        TableColumn("violations", "string", "All broken rules: a JSON array of column, rule and reason."),
        TableColumn(
            "record",
            "string",
            "The record as it came, as JSON text; nothing personal. Of an exploded one, with the row's element alone.",
        ),
    )
    return TableDesign(
        contract.dataset,
        f"quarantine/{contract.dataset}",
        columns,
        "slot_date",
        f"Records of {contract.dataset} that broke a rule of its contract, with the rule and the place they came from.",
        sometimes=frozenset((PLACE_OF_ELEMENT,)),
    )


def mart(declared: Mart) -> TableDesign:
    """The mart's columns, then the slot whose build wrote the row."""
    own = tuple(TableColumn(c.name, c.type, c.description) for c in declared.columns)
    lineage = TableColumn(
        LINEAGE, "timestamp", "Slot that the row was built for, UTC; of a full mart always the first."
    )
    folder = f"marts/{declared.name}"
    return TableDesign(declared.name, folder, (*own, lineage), declared.partition_by, declared.description)
