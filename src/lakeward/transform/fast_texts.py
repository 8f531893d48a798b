"""The quick way through separated values: see ``lakeward.transform.fast``, of whose statement this is the head.

Fields come as texts, whether they were quoted or not. A text that is plainly a number, a truth value, a day or an
instant is read here; any other is NULL, which makes its record an unsure one.
"""

import re
from collections.abc import Callable

from lakeward.contract import Column, Contract
from lakeward.contract.types import DECIMAL, kind
from lakeward.slot import Slot
from lakeward.transform.fast import CLOCK, DAY, PLAIN_NUMBER, is_understood, select_rows, usual_moment
from lakeward.transform.instants import OFFSET

FIELD = re.compile(r"\$\.([A-Za-z_][\w\-]*)", re.ASCII)


def compile_texts(contract: Contract, slot: Slot, relation: str) -> str | None:
    """See ``lakeward.transform.fast.compile_fast``.

    Args:
        contract: the dataset's contract.
        slot: becomes the lineage column of every row.
        relation: has _page, _position (from 1) and the texts of ``read_fields`` (_field0 and so on), NULL for no value.
    """
    columns = [c for c in contract.columns if c.at is not None]
    fields = read_fields(contract)
    found = [VALUES.get((kind(c.type), c.reading)) for c in columns]
    is_csv = contract.source.records.format == "csv"
    if not is_csv or fields is None or None in found or not is_understood(contract):
        return None
    places = {name: n for n, name in enumerate(fields)}
    leaves = ", ".join(f"_field{places[_field(c)]} AS _leaf{n}" for n, c in enumerate(columns))
    values = [value(c, f"_leaf{n}") for n, (c, value) in enumerate(zip(columns, found, strict=True)) if value]
    return select_rows(contract, slot, f"SELECT _page, _position, {leaves} FROM {relation}", values)


def read_fields(contract: Contract) -> list[str] | None:
    """The names of the fields that columns are read from, each once; None when a path is no field's name."""
    if not all(FIELD.fullmatch(c.at) for c in contract.columns if c.at is not None):
        return None
    return list(dict.fromkeys(_field(c) for c in contract.columns if c.at is not None))


def _field(column: Column) -> str:
    return (column.at or "").removeprefix("$.")


def _string(_: Column, text: str) -> str:
    return text


def _boolean(_: Column, text: str) -> str:
    return f"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END"


def _integer(column: Column, text: str) -> str:
    return _whole(text, "INTEGER" if column.type == "int" else "BIGINT")


def _whole(text: str, sql_type: str) -> str:
    """What prints as it was written: so it had no sign, space or zero of its own."""
    number = f"TRY_CAST({text} AS {sql_type})"
    return f"CASE WHEN CAST({number} AS VARCHAR) = {text} THEN {number} END"


def _double(_: Column, text: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '{PLAIN_NUMBER}') THEN TRY_CAST({text} AS DOUBLE) END"


def _decimal(column: Column, text: str) -> str:
    found = DECIMAL.fullmatch(column.type)
    scale = int(found["scale"]) if found else 0
    number = rf"-?\d+(\.\d{{1,{scale}}})?" if scale else r"-?\d+"
    return f"CASE WHEN regexp_full_match({text}, '{number}') THEN TRY_CAST({text} AS {column.type.upper()}) END"


def _date(_: Column, text: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '{DAY}') THEN TRY_CAST({text} AS DATE) END"


def _instant(_: Column, text: str) -> str:
    at = f"{DAY}[T ]{CLOCK}"
    offset = f"CAST(TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)"
    return (
        f"CASE WHEN regexp_full_match({text}, '{at}Z') THEN TRY_CAST({text} AS TIMESTAMP) "
        f"WHEN regexp_full_match({text}, '{at}{OFFSET}') THEN {offset} END"
    )


VALUES: dict[tuple[str, str], Callable[[Column, str], str]] = {
    ("string", "plain"): _string,
    ("boolean", "plain"): _boolean,
    ("int", "plain"): _integer,
    ("bigint", "plain"): _integer,
    ("double", "plain"): _double,
    ("decimal", "plain"): _decimal,
    ("date", "iso8601"): _date,
    ("timestamp", "iso8601"): _instant,
    ("timestamp", "epoch_milliseconds"): lambda _, text: usual_moment(_whole(text, "BIGINT"), 1_000),
    ("timestamp", "epoch_seconds"): lambda _, text: usual_moment(_whole(text, "BIGINT"), 1),
}
