"""What stands at the paths of columns, in each record or in each element of an array in it."""

from lakeward.contract import Column, Contract
from lakeward.contract.explode import in_element
from lakeward.transform.exploded import exploded
from lakeward.transform.leaf import Leaf, json_path, quote
from lakeward.transform.texts import trimmed, worded

RECEIVED = "received"
"""A relation of pages and the instants at which they came: ``page`` and ``at``, a TIMESTAMP in UTC."""


def with_path(contract: Contract) -> list[Column]:
    """The columns that are read from somewhere."""
    return [c for c in contract.columns if c.at is not None]


def leaf_at(index: int) -> Leaf:
    """What stands at the path of one of ``with_path``, counted from 0."""
    return Leaf(f"_json{index}", f"_text{index}", f"_kind{index}")


def leaves(contract: Contract, records: str) -> str:
    """SELECT of the rows that records become: what they carry, and what stands at every path (_text0, _kind0 …)."""
    if contract.tells_receipt:
        joined = f"({records}) r JOIN {RECEIVED} ON {RECEIVED}.page = r._page"
        records = f"SELECT r.*, {RECEIVED}.at AS _ingested_at FROM {joined}"
    paths = {i: column.at or "" for i, column in enumerate(with_path(contract))}
    inner = {i: path for i, at in paths.items() if (path := in_element(at)) is not None}
    nested = {i for i, column in enumerate(with_path(contract)) if column.parsed_type.nested}
    select = _taken({i: at for i, at in paths.items() if i not in inner}, nested, "_record", records)
    if contract.explode is not None:
        select = _taken(inner, nested, "_inner", exploded(contract.explode, select))
    return _made_ready(contract, select)


def _taken(paths: dict[int, str], nested: set[int], value: str, select: str) -> str:
    """The same rows with what stands at the paths into a JSON value.

    The value is parsed twice, however many paths there are: once for all texts, once for all kinds. JSON values are
    taken for nested types only.
    """
    if not paths:
        return select
    jsons = {"json_extract": "_jsons"} if nested & paths.keys() else {}
    taken = {"json_extract_string": "_texts", "json_type": "_kinds"} | jsons
    listed = ", ".join(f"'{quote(json_path(path))}'" for path in paths.values())
    lists = ", ".join(f"{function}({value}, [{listed}]) AS {name}" for function, name in taken.items())
    each = []
    for n, i in enumerate(paths, start=1):
        each += [f"_texts[{n}] AS _text{i}", f"coalesce(_kinds[{n}], 'NULL') AS _kind{i}"]
        each += [f"_jsons[{n}] AS _json{i}"] if i in nested else []
    kept = f"* EXCLUDE ({', '.join(taken.values())})"
    return f"SELECT {kept}, {', '.join(each)} FROM (SELECT *, {lists} FROM ({select}))"


def _made_ready(contract: Contract, leaves: str) -> str:
    """The same with texts trimmed and words translated, where columns want that."""
    csv = contract.source.records.format == "csv"
    single = [(leaf_at(i), c) for i, c in enumerate(with_path(contract)) if not c.parsed_type.nested]
    for step in (
        [(leaf, trimmed(c, leaf)) for leaf, c in single],
        [(leaf, worded(c, c.parsed_type, leaf, all_texts=csv)) for leaf, c in single],
    ):
        changed = [f"{new.text} AS {old.text}" for old, new in step if new.text != old.text]
        changed += [f"{new.kind} AS {old.kind}" for old, new in step if new.kind != old.kind]
        if changed:
            leaves = f"SELECT * REPLACE ({', '.join(changed)}) FROM ({leaves})"
    return leaves
