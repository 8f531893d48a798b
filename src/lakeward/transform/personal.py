"""Personal columns as SQL: what is stored in the place of their values, and what a quarantined record shows.

hash       HMAC-SHA256 of the value's text, 64 hex digits: the same in every column and dataset with the same key
tokenise   tok_ and 32 hex digits of the HMAC of the column's name and the text: the same in this column alone
redact     REDACTED
drop       nothing
"""

from lakeward.contract import Column, Contract
from lakeward.contract.explode import in_element
from lakeward.transform.exploded import whole
from lakeward.transform.leaf import json_path, quote

INNER, OUTER = "personal_inner", "personal_outer"
"""Variables of the session that hold the two keys of HMAC-SHA256."""
REDACTED = "REDACTED"


def stored(column: Column) -> str | None:
    """SQL of what is stored of a typed column; None for nothing."""
    name = f'"{column.name}"'
    match column.personal:
        case None:
            return name
        case "drop":
            return None
        case "redact":
            return f"CASE WHEN {name} IS NOT NULL THEN '{REDACTED}' END"
        case "hash":
            return _hmac(f"encode(CAST({name} AS VARCHAR))")
        case "tokenise":
            scoped = f"encode('{column.name}') || '\\x00'::BLOB || encode(CAST({name} AS VARCHAR))"
            return f"'tok_' || {_hmac(scoped)}[:32]"


def _hmac(message: str) -> str:
    """SQL of HMAC-SHA256 in hex digits. Checked against Python's own in the tests."""
    return f"sha256(getvariable('{OUTER}') || unhex(sha256(getvariable('{INNER}') || {message})))"


def shown_record(contract: Contract) -> str:
    """SQL of the record that quarantine shows.

    Of a dataset with personal columns that is not the record as it came: what a service renames or adds might be
    personal too. It is an object of what the other columns read, by their paths; a path that should lead to a single
    value shows no object and no array.
    """
    if not contract.personal_columns:
        return f"CAST({whole(contract.explode) if contract.explode else '_record'} AS VARCHAR)"
    members = []
    for column in contract.columns:
        if column.at is None:
            continue
        inner = in_element(column.at)
        path = quote(json_path(inner or column.at))
        found = f"json_extract({'_inner' if inner else '_record'}, '{path}')"
        if column.personal is not None:
            found = f"CASE WHEN coalesce(json_type({found}), 'NULL') <> 'NULL' THEN '\"{REDACTED}\"'::JSON END"
        elif not column.parsed_type.nested:
            found = f"CASE WHEN json_type({found}) NOT IN ('OBJECT', 'ARRAY') THEN {found} END"
        else:
            found = f'CASE WHEN "{column.name}" IS NOT NULL THEN {found} END'
        members.append(f"'{quote(column.at)}', {found}")
    return f"CAST(json_object({', '.join(members)}) AS VARCHAR)"
