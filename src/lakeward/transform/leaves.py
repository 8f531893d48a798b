"""What stands at the paths of columns, in each record or in each element of an array in it."""

from lakeward.contract import Column, Contract
from lakeward.contract.explode import in_element
from lakeward.transform.exploded import exploded
from lakeward.transform.leaf import ASTRAY, TWICE, Leaf, json_path, listed, quote, ways_of
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
    as_written = contract.source.records.format != "csv"
    outer = {i: at for i, at in paths.items() if i not in inner}
    select = _taken(outer, nested, "_record", records, as_written)
    if contract.explode is not None:
        select = _taken(inner, nested, "_inner", exploded(contract.explode, select), as_written)
    return _made_ready(contract, select)


def _taken(paths: dict[int, str], nested: set[int], value: str, select: str, as_written: bool) -> str:
    """The same rows with what stands at the paths into a JSON value.

    The value is parsed three times, however many paths there are: for all texts, for all kinds, and for the names in
    the objects on the way. JSON values are taken for nested types only.

    A path that leads through something that is neither an object (an array, before an index) nor null has the kind
    ``astray``; one that leads through a name that an object has twice, the kind ``twice``. Neither has a text.

    Args:
        as_written: whether the value is as its source wrote it, so that an object may have a name twice.
    """
    if not paths:
        return select
    ways = {i: ways_of(path) for i, path in paths.items()}
    kinds = list(dict.fromkeys([*paths.values(), *(way.around for steps in ways.values() for way in steps)]))
    place = {path: f"_kinds[{n}]" for n, path in enumerate(kinds, start=1)}
    names: dict[str, dict[str, str]] = {}
    for way in (way for steps in ways.values() for way in steps if way.name is not None and as_written):
        names.setdefault(way.around, {})[way.name or ""] = way.path
    objects = {path: n for n, path in enumerate(names, start=1)}

    jsons = {"json_extract": "_jsons"} if nested & paths.keys() else {}
    wanted = {"json_extract_string": ("_texts", list(paths.values())), "json_type": ("_kinds", kinds)}
    wanted |= {function: (name, list(paths.values())) for function, name in jsons.items()}
    wanted |= {"json_keys": ("_names", list(names))} if names else {}
    lists = ", ".join(f"{function}({value}, [{_listed(of)}]) AS {name}" for function, (name, of) in wanted.items())
    select = f"SELECT *, {lists} FROM ({select})"
    if names:
        twice = ", ".join(f"{_more(f'_names[{n}]', names[o], place)} AS _more{n}" for o, n in objects.items())
        select = f"SELECT *, {twice} FROM ({select})"

    each = []
    for n, i in enumerate(paths, start=1):
        astray = " OR ".join(f"coalesce({place[w.around]}, 'NULL') NOT IN ('{w.wanted}', 'NULL')" for w in ways[i])
        again = [_twice(objects[way.around], way.name) for way in ways[i] if way.name is not None and objects]
        cases = [f"WHEN {astray} THEN '{ASTRAY}'", *(f"WHEN {found} THEN '{TWICE}'" for found in again)]
        kind, text = f"coalesce({place[paths[i]]}, 'NULL')", f"_texts[{n}]"
        each.append(f"CASE {' '.join(cases)} ELSE {kind} END AS _kind{i}" if ways[i] else f"{kind} AS _kind{i}")
        each.append(
            f"CASE WHEN NOT ({' OR '.join(again)}) THEN {text} END AS _text{i}" if again else f"{text} AS _text{i}"
        )
        each += [f"_jsons[{n}] AS _json{i}"] if i in nested else []
    gone = [*(name for name, _ in wanted.values()), *(f"_more{n}" for n in objects.values())]
    return f"SELECT * EXCLUDE ({', '.join(gone)}), {', '.join(each)} FROM ({select})"


def _listed(paths: list[str]) -> str:
    return ", ".join(f"'{quote(json_path(path))}'" for path in paths)


def _more(found: str, names: dict[str, str], place: dict[str, str]) -> str:
    """SQL: whether an object has more names of those that are read than it has values at them."""
    there = " + ".join(f"CAST({place[path]} IS NOT NULL AS INTEGER)" for path in names.values())
    read = f"len(list_filter({found}, lambda name: name IN ({listed(list(names))})))"
    return f"CASE WHEN len({found}) > {there} THEN {read} > {there} ELSE false END"


def _twice(number: int, name: str) -> str:
    return f"(_more{number} AND len(list_filter(_names[{number}], lambda name: name = '{quote(name)}')) > 1)"


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
