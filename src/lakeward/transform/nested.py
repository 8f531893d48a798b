"""Lists, maps and structs as SQL, as strict inside as single values are: one that is not of its type breaks all.

For every type there are two expressions, each as long as the type: ``_broken`` says whether anything in the value is
not of its type, ``_value`` makes it. What is inside a list or map is named by a lambda's parameter: x1, x2 and so on.
"""

from lakeward.contract import Column
from lakeward.contract.types import Type
from lakeward.transform.leaf import Leaf, leaf_of, listed
from lakeward.transform.texts import trimmed, worded
from lakeward.transform.values import Reading, reading


def nested_reading(column: Column, leaf: Leaf) -> Reading:
    """The reading of a column whose type is nested."""
    of = column.parsed_type
    value = f"CASE WHEN NOT {_broken(column, of, leaf, 1)} THEN {_value(column, of, leaf, 1)} END"
    return Reading(value, f"a value of {of}")


def _single(column: Column, of: Type, leaf: Leaf) -> tuple[Leaf, str]:
    ready = worded(column, of, trimmed(column, leaf), all_texts=False)
    return ready, reading(column, ready, of).value


def _broken(column: Column, of: Type, leaf: Leaf, depth: int) -> str:
    """SQL of a boolean that is never NULL."""
    if not of.nested:
        ready, value = _single(column, of, leaf)
        return f"({ready.kind} <> 'NULL' AND {value} IS NULL)"
    if of.kind == "struct":
        wanted, inside = "OBJECT", " OR ".join(_broken(column, t, place, depth) for t, place in _members(of, leaf))
        inside = f"{_twice(of, leaf)} OR {inside}"
        return f"CASE {leaf.kind} WHEN 'NULL' THEN false WHEN '{wanted}' THEN {inside} ELSE true END"
    each = f"lambda x{depth}: {_broken(column, of.inner[0], leaf_of(f'x{depth}'), depth + 1)}"
    any_inside = f"coalesce(list_bool_or(list_transform({_elements(of, leaf)}, {each})), false)"
    if of.kind == "map":
        keys = f"json_keys({leaf.json})"
        any_inside = f"(len({keys}) <> len(list_distinct({keys})) OR {any_inside})"
    wanted = "ARRAY" if of.kind == "list" else "OBJECT"
    return f"CASE {leaf.kind} WHEN 'NULL' THEN false WHEN '{wanted}' THEN {any_inside} ELSE true END"


def _twice(of: Type, leaf: Leaf) -> str:
    """SQL: whether an object has the name of one of a struct's members twice."""
    found = f"list_filter(json_keys({leaf.json}), lambda name: name IN ({listed(list(of.names))}))"
    return f"len({found}) <> list_unique({found})"


def _value(column: Column, of: Type, leaf: Leaf, depth: int) -> str:
    """SQL of the typed value of what is not broken."""
    if not of.nested:
        return _single(column, of, leaf)[1]
    if of.kind == "struct":
        members = [_value(column, inner, place, depth) for inner, place in _members(of, leaf)]
        packed = ", ".join(f'"{name}" := {value}' for name, value in zip(of.names, members, strict=True))
        return leaf.when("'OBJECT'", f"struct_pack({packed})")
    each = f"lambda x{depth}: {_value(column, of.inner[0], leaf_of(f'x{depth}'), depth + 1)}"
    values = f"list_transform({_elements(of, leaf)}, {each})"
    if of.kind == "list":
        return leaf.when("'ARRAY'", values)
    return leaf.when("'OBJECT'", f"MAP(json_keys({leaf.json}), {values})")


def _elements(of: Type, leaf: Leaf) -> str:
    """SQL of a JSON[]: the elements of a list, the values of a map."""
    each = "$[*]" if of.kind == "list" else "$.*"
    return f"json_extract({leaf.json}, '{each}')"


def _members(of: Type, leaf: Leaf) -> list[tuple[Type, Leaf]]:
    return [
        (inner, leaf_of(f"json_extract({leaf.json}, '$.\"{name}\"')"))
        for name, inner in zip(of.names, of.inner, strict=True)
    ]
