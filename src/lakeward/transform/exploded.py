"""Records that become one row for each element of an array in them, as SQL.

What such rows carry besides: ``_inner``, the element (JSON; NULL where there is none), ``_element``, its position in
the array (from 1; 0 where there is none), and ``_refusal``, why the record could not be exploded (NULL where it could).
A record that could not be is one row, and so is one that is kept without an element; one that is skipped is none.
"""

import json
from typing import Any

from lakeward.contract.explode import EXPLODE, Explode
from lakeward.contract.row_rules import ROW
from lakeward.transform.leaf import Leaf, json_path, quote
from lakeward.transform.rules import found

REFUSAL = f"{{'column': '{ROW}', 'rule': '{EXPLODE}', 'reason': _refusal}}"
"""SQL of what is said of a record that could not be exploded."""


def exploded(explode: Explode, records: str) -> str:
    """SELECT of the rows that records become.

    What is about the record is worked out before its elements are, so that a large record is not parsed once for each.

    Args:
        explode: says where the array is.
        records: a SELECT with ``_record`` and whatever else a row shall carry. Where elements become rows, ``_record``
            loses the array.
    """
    elements = f"json_extract(_record, '{quote(json_path(explode.at))}[*]')"
    judged = f"SELECT *, {elements} AS _elements FROM ({_judged(explode, records)})"
    without = quote(json.dumps(_around(explode, None)))
    listed = (
        "SELECT * EXCLUDE (_array, _length, _elements) "
        f"REPLACE (CASE WHEN _length > 0 THEN json_merge_patch(_record, '{without}') ELSE _record END AS _record), "
        f"_length > 0 AS _is_exploded, CASE WHEN _length > 0 THEN _elements WHEN {_is_one_row(explode)} "
        f"THEN [NULL::JSON] ELSE []::JSON[] END AS _rows FROM ({judged})"
    )
    each = f"SELECT * EXCLUDE (_rows), unnest(_rows) AS _inner, generate_subscripts(_rows, 1) AS _nth FROM ({listed})"
    position = "CASE WHEN _is_exploded THEN CAST(_nth AS BIGINT) ELSE 0 END AS _element"
    return f"SELECT * EXCLUDE (_is_exploded, _nth), {position} FROM ({each})"


def account_sql(explode: Explode, records: str) -> str:
    """SELECT of how many records there are, how many rows they become, and how many of them become none."""
    of_one = f"CASE WHEN _length > 0 THEN _length WHEN {_is_one_row(explode)} THEN 1 ELSE 0 END"
    rows = f"SELECT {of_one} AS made FROM ({_judged(explode, records)})"
    return f"SELECT count(*), CAST(coalesce(sum(made), 0) AS BIGINT), count(*) FILTER (made = 0) FROM ({rows})"


def whole(explode: Explode) -> str:
    """SQL of the record as it came, with no other element in its array than the row's own."""
    return f"CASE WHEN _element > 0 THEN json_merge_patch(_record, {_holding(explode, '_inner')}) ELSE _record END"


def with_left_over(explode: Explode, record: str, element: str) -> str:
    """SQL of what is left of a record, in whose array is what is left of the element; all are JSON texts or NULL."""
    both = f"json_merge_patch(coalesce({record}, '{{}}'), {_holding(explode, f'CAST({element} AS JSON)')})"
    return f"CASE WHEN {element} IS NULL THEN {record} ELSE CAST({both} AS VARCHAR) END"


def _judged(explode: Explode, records: str) -> str:
    """The records with ``_array`` (what stands at the path), ``_length`` of an array there, and ``_refusal``.

    A record in which something that is no object stands in the way is none with nothing at the path.
    """
    path = quote(json_path(explode.at))
    there = f"coalesce(json_type(_record, '{path}'), 'NULL')"
    around = [".".join(["$", *_names(explode)[:depth]]) for depth in range(1, len(_names(explode)))]
    on_the_way = [
        f"coalesce(json_type(_record, '{quote(json_path(at))}'), 'NULL') IN ('OBJECT', 'NULL')" for at in around
    ]
    leads = " AND ".join(["json_type(_record) = 'OBJECT'", *on_the_way])
    kind = f"CASE WHEN {leads} THEN {there} ELSE 'NO RECORD' END AS _array"
    length = f"coalesce(json_array_length(_record, '{path}'), 0) AS _length"
    return f"SELECT *, {_refusal(explode)} AS _refusal FROM (SELECT *, {kind}, {length} FROM ({records}))"


def _refusal(explode: Explode) -> str:
    """SQL of the reason, without the record's values; NULL where there is none."""
    at = quote(explode.at)
    what = found(Leaf("NULL", "NULL", "_array"), numeric=False)
    empty = f"WHEN _length = 0 THEN 'expected an element in the array at {at}, found none'"
    missing = f"WHEN _array = 'NULL' THEN 'expected an array at {at}, found none'"
    cases = [
        f"WHEN _array = 'NO RECORD' THEN 'expected an object with an array at {at}, found another record'",
        missing if explode.missing == "quarantine" else "WHEN _array = 'NULL' THEN NULL",
        f"WHEN _array <> 'ARRAY' THEN 'expected an array at {at}, found ' || {what}",
        *([empty] if explode.empty == "quarantine" else []),
    ]
    return f"CASE {' '.join(cases)} END"


def _is_one_row(explode: Explode) -> str:
    """SQL: whether a record without elements is a row."""
    kept = [kind for kind, does in (("ARRAY", explode.empty), ("NULL", explode.missing)) if does == "keep"]
    return " OR ".join(["_refusal IS NOT NULL", *(f"_array = '{kind}'" for kind in kept)])


def _names(explode: Explode) -> list[str]:
    return explode.at.split(".")[1:]


def _around(explode: Explode, value: Any) -> Any:
    """A record with nothing in it but a value in the array's place."""
    for name in reversed(_names(explode)):
        value = {name: value}
    return value


def _holding(explode: Explode, element: str) -> str:
    """SQL of such a record, with an array of one element."""
    value = f"json_array({element})"
    for name in reversed(_names(explode)):
        value = f"json_object('{quote(name)}', {value})"
    return value
