r"""A contract compiled to DuckDB SQL: where the records are, what their columns are worth, which rules they break.

    pages -> records (page, position, record) -> typed (columns) -> accepted | quarantined -> newest of each key
                       \-> one row an element, where the contract explodes an array (lakeward.transform.exploded)

Every statement is text made from the contract alone; file names are the only thing an engine adds. What the statements
carry beside a record's columns has names with an underscore in front (_page, _position, _record, _text0, "_step x 1"),
which no column of a contract can have.
"""

from dataclasses import dataclass
from pathlib import Path

from lakeward.contract import Column, Contract
from lakeward.contract.derived import levels
from lakeward.slot import Slot
from lakeward.tables import ELEMENT, EXTRA, NOTES, PLACE_OF_ELEMENT, kept_columns, place_columns
from lakeward.transform.exploded import REFUSAL, account_sql
from lakeward.transform.expressions import computed_leaf, computed_tree, rule_tree, worked_out
from lakeward.transform.leaf import Leaf, quote
from lakeward.transform.leaves import leaf_at, leaves, with_path
from lakeward.transform.left_over import left_over_sql
from lakeward.transform.nested import nested_reading
from lakeward.transform.personal import shown_record, stored
from lakeward.transform.rules import Rule, holds_name, row_rule, rules_of
from lakeward.transform.values import is_absent, reading, sql_literal

FILE_NAME = "the file"
"""A column with a space in its name, so that no page can have one of that name too."""
FILE = f'"{FILE_NAME}"'


@dataclass(frozen=True)
class TransformSql:
    """The statements of one transform, each a SELECT.

    ``accepted`` has _page, _position and the contract's columns; ``newest`` has the curated table's columns and reads a
    relation named ``accepted``; ``quarantined`` has the quarantine table's columns. ``account`` is of contracts that
    explode an array: how many records there are, how many rows they become, how many of them become none.
    """

    accepted: str
    newest: str
    quarantined: str
    account: str | None


def compile_transform(contract: Contract, slot: Slot, pages: list[Path], records: str | None = None) -> TransformSql:
    """Compile a contract for one slot.

    Args:
        contract: the dataset's contract.
        slot: becomes the lineage column of every row.
        pages: local files, decoded, named ``page-00001.json`` and so on; at least one.
        records: a SELECT as ``records_of`` gives it, to be read in the place of the pages.
    """
    records = records or records_of(contract, pages)
    typed = _typed(contract, slot, records)
    refusing, noting = _rules(contract)
    broken = _any(refusing)
    kept = [f"{value} AS {ident(c.name)}" for c in contract.columns if (value := stored(c)) is not None]
    extra = [f"{left_over_sql(contract)} AS {EXTRA}"] if contract.drift.new == "keep" else []
    names = ", ".join([*place_columns(contract), *kept, *([_notes(noting)] if noting else []), *extra])
    account = None
    if contract.explode is not None:
        broken = f"_refusal IS NOT NULL OR {broken}"
        account = account_sql(contract.explode, records)
    accepted = f"SELECT {names} FROM ({typed}) WHERE NOT ({broken})"
    refused = _quarantined(contract, typed, refusing, broken, slot)
    return TransformSql(accepted, _newest(contract, slot), refused, account)


def ident(name: str) -> str:
    """A quoted SQL identifier. Contracts admit only lower-case letters, digits and underscores."""
    return f'"{name}"'


def records_of(contract: Contract, pages: list[Path]) -> str:
    """SELECT _page, _position (from 1) and _record (JSON) of every page, read file by file."""
    files = ", ".join(f"'{quote(str(p))}'" for p in pages)
    if contract.source.records.format != "json":
        return _lines(files, contract.source.limits.page_bytes)
    parts = [name for name in contract.source.records.at.split(".")[1:] if name]
    shape = "JSON[]"
    for name in reversed(parts[1:]):
        shape = f"STRUCT({ident(name)} {shape})"
    records = "true" if parts else "false"  # false: the page's value is the one column, whatever that is called
    array = ".".join(ident(name) for name in parts or ["page"])
    numbered = (
        f"SELECT {FILE}, unnest({array}) AS record, generate_subscripts({array}, 1) AS position "
        f"FROM read_json([{files}], format = 'unstructured', records = {records}, filename = '{FILE_NAME}', "
        f"columns = {{{ident((parts or ['page'])[0])}: '{shape}'}}, "
        f"maximum_object_size = {contract.source.limits.page_bytes + 1024})"
    )
    return (
        f"SELECT parse_filename({FILE}, true) AS _page, CAST(position AS BIGINT) AS _position, "
        f"coalesce(record, 'null'::JSON) AS _record FROM ({numbered})"
    )


def picked_records(contract: Contract, page: Path, positions: list[int]) -> str:
    """The same of a few records of one page whose value is JSON: nothing is made of the others."""
    at = "".join(f'."{name}"' for name in contract.source.records.at.split(".")[1:] if name)
    paths = ", ".join(f"'${at}[{position - 1}]'" for position in positions)
    return (
        f"SELECT '{page.stem}' AS _page, unnest({positions}::BIGINT[]) AS _position, "
        f"unnest(list_transform(json_extract(content, [{paths}]), lambda r: coalesce(r, 'null'::JSON))) AS _record "
        f"FROM read_text('{quote(str(page))}')"
    )


def _lines(files: str, page_bytes: int) -> str:
    """The same of pages whose records stand one a line, each with its position."""
    return (
        f"SELECT parse_filename({FILE}, true) AS _page, position AS _position, coalesce(record, 'null'::JSON) AS "
        "_record "
        f"FROM read_json([{files}], format = 'newline_delimited', records = 'true', filename = '{FILE_NAME}', "
        f"columns = {{position: 'BIGINT', record: 'JSON'}}, maximum_object_size = {2 * page_bytes + 1024})"
    )


def _value(column: Column, leaf: Leaf) -> str:
    """SQL of the column's value: what is read, or the default where there is nothing."""
    found = (nested_reading if column.parsed_type.nested else reading)(column, leaf).value
    default = column.default_value
    if default is None:
        return found
    return f"CASE WHEN {is_absent(leaf)} THEN {sql_literal(column.parsed_type, default)} ELSE {found} END"


def _typed(contract: Contract, slot: Slot, records: str) -> str:
    """SELECT _page, _position, _record, what stands at every path, and a value for every column."""
    columns = with_path(contract)
    values = ", ".join(f"{_value(c, leaf_at(i))} AS {_as_read(c)}" for i, c in enumerate(columns))
    direct = f"SELECT *, {values} FROM ({leaves(contract, records)})"
    kept = [_kept(c, leaf_at(i)) for i, c in enumerate(columns) if _as_read(c) != ident(c.name)]
    if kept:
        direct = f"SELECT *, {', '.join(kept)} FROM ({direct})"
    constants = [f"{_constant(c, slot)} AS {ident(c.name)}" for c in contract.columns if c.constant]
    if constants:
        direct = f"SELECT *, {', '.join(constants)} FROM ({direct})"
    for level in levels(contract.columns):
        direct = _derived(contract, level, direct)
    return _judged(contract, direct)


def _judged(contract: Contract, select: str) -> str:
    """The same with whether each rule over a row holds."""
    if not contract.rules:
        return select
    trees = {f"of rule {rule.name}": rule_tree(contract, rule.holds) for rule in contract.rules}
    select, worth = worked_out(trees, select)
    kept = [f"{worth[f'of rule {rule.name}'].holds} AS {holds_name(rule)}" for rule in contract.rules]
    return f"SELECT *, {', '.join(kept)} FROM ({select})"


def _derived(contract: Contract, level: list[Column], select: str) -> str:
    """The same with columns that are made from those already there."""
    days = [f"CAST({ident(c.utc_day_of)} AS DATE) AS {ident(c.name)}" for c in level if c.utc_day_of]
    made = [c for c in level if c.compute]
    select, worth = worked_out({c.name: computed_tree(contract, c) for c in made}, select)
    attempts = [f'{worth[c.name].in_a_struct} AS "_computed_{c.name}"' for c in made]
    select = f"SELECT *, {', '.join([*days, *attempts])} FROM ({select})"
    if made:
        values = [f"\"_computed_{c.name}\"['value'] AS {_as_read(c)}" for c in made]
        select = f"SELECT *, {', '.join(values)} FROM ({select})"
    kept = [_kept(c, computed_leaf(c)) for c in made if _as_read(c) != ident(c.name)]
    return f"SELECT *, {', '.join(kept)} FROM ({select})" if kept else select


def _constant(column: Column, slot: Slot) -> str:
    """SQL of what the run knows."""
    if column.constant in ("page", "position", "element"):
        return f"_{column.constant}"
    if column.constant == "ingested_at":
        return "_ingested_at" if column.type == "timestamp" else "timezone('UTC', _ingested_at)"
    at = slot.start if column.constant == "slot" else slot.end
    return sql_literal(column.parsed_type, at)


def _as_read(column: Column) -> str:
    """What holds the value that was read: the column, or where a rule may take the value away, a name of its own."""
    emptied = any(rule != "type" and policy == "set_null" for rule, policy in column.rules.items())
    return ident(f"_read_{column.name}") if emptied else ident(column.name)


def _kept(column: Column, leaf: Leaf) -> str:
    """The value without what breaks a rule whose policy is set_null."""
    emptying = [r for r in rules_of(column, leaf, _as_read(column)) if r.policy == "set_null"]
    return f"CASE WHEN NOT ({_any(emptying)}) THEN {_as_read(column)} END AS {ident(column.name)}"


def _rules(contract: Contract) -> tuple[list[Rule], list[Rule]]:
    """The rules that send a record to quarantine, and those that leave a note."""
    rules: list[Rule] = []
    places = {column.name: i for i, column in enumerate(with_path(contract))}
    for column in contract.columns:
        if column.at is not None or column.compute is not None:
            leaf = computed_leaf(column) if column.at is None else leaf_at(places[column.name])
            rules += rules_of(column, leaf, _as_read(column))
    rules += [row_rule(rule) for rule in contract.rules]
    return [r for r in rules if not r.noted], [r for r in rules if r.noted]


def _any(rules: list[Rule]) -> str:
    return " OR ".join(rule.broken for rule in rules) or "false"


def _notes(rules: list[Rule]) -> str:
    """SQL of the column that says which rules a kept record broke; NULL when none."""
    return f"CASE WHEN {_any(rules)} THEN CAST(to_json({_said(rules)}) AS VARCHAR) END AS {NOTES}"


def _said(rules: list[Rule]) -> str:
    """SQL of what is said of a record that broke rules, in their order."""
    return f"list_filter([{', '.join(rule.as_struct for rule in rules)}], lambda v: v IS NOT NULL)"


def _newest(contract: Contract, slot: Slot) -> str:
    """One row a key: the greatest version, of equal ones the last; of events the first. Without a key, every row."""
    own = [ident(c.name) for c in contract.columns if c.stored_type is not None]
    names = ", ".join([*own, *kept_columns(contract)])
    select = f"SELECT {names}, {instant(slot)} AS _slot, _page, _position FROM accepted"
    return f"{select} QUALIFY {rank(contract)} = 1" if contract.load.primary_key else select


def rank(contract: Contract) -> str:
    """SQL: the place of a row among those of its key; 1 is the one that stays. For contracts with a key."""
    load = contract.load
    version = [f"{ident(load.newest_by)} DESC"] if load.newest_by else []
    last = "" if load.mode == "append_only" else " DESC"
    place = [f"{column}{last}" for column in place_columns(contract)]
    keys = ", ".join(ident(k) for k in load.primary_key)
    return f"row_number() OVER (PARTITION BY {keys} ORDER BY {', '.join([*version, *place])})"


def _quarantined(contract: Contract, typed: str, rules: list[Rule], broken: str, slot: Slot) -> str:
    said, place, element = _said(rules), ", ".join(place_columns(contract)), ""
    if contract.explode is not None:
        # What is no row has none of its columns, so their rules say nothing about it.
        said = f"CASE WHEN _refusal IS NOT NULL THEN [{REFUSAL}] ELSE {said} END"
        element = f"{ELEMENT} AS {PLACE_OF_ELEMENT}, "
    found = f"SELECT {place}, {shown_record(contract)} AS record, {said} AS violations FROM ({typed}) WHERE {broken}"
    return (
        f"SELECT CAST({instant(slot)} AS DATE) AS slot_date, {instant(slot)} AS _slot, "
        f"_page AS page, _position AS position, {element}"
        f"violations[1]['column'] AS column_name, violations[1]['rule'] AS rule, violations[1]['reason'] AS reason, "
        f"CAST(to_json(violations) AS VARCHAR) AS violations, record FROM ({found})"
    )


def instant(slot: Slot) -> str:
    """SQL of the slot's start as a TIMESTAMP in UTC."""
    return f"TIMESTAMP '{slot.start:%Y-%m-%d %H:%M:%S}'"
