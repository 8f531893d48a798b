"""The rules that one row must keep, as SQL: each has a condition that is true when it broke, and a reason in words."""

from dataclasses import dataclass

from lakeward.contract import Column
from lakeward.contract.types import kind
from lakeward.transform.values import is_absent, reading


@dataclass(frozen=True)
class Rule:
    """``broken`` is SQL of a boolean that is never NULL; ``reason`` is SQL of a text."""

    column: str
    rule: str
    broken: str
    reason: str


def rules_of(column: Column, leaf: str, value: str) -> list[Rule]:
    """All rules of a column, in the order in which they are reported.

    Args:
        column: a column with a path.
        leaf: SQL of the JSON value at the path.
        value: SQL of the typed value (NULL when absent or unreadable).
    """
    rules = []
    if column.required:
        rules.append(Rule(column.name, "required", is_absent(leaf), "'expected a value, found none'"))
    expected = reading(column, leaf).expected
    numeric = kind(column.type) in ("int", "bigint", "double", "decimal") or column.reading.startswith("epoch")
    rules.append(
        Rule(
            column.name,
            "type",
            f"(NOT {is_absent(leaf)} AND {value} IS NULL)",
            f"'expected {quote(expected)}, found ' || {found(leaf, numeric)}",
        )
    )
    if column.minimum is not None:
        rules.append(_range(column, value, "<", column.minimum, "at least"))
    if column.maximum is not None:
        rules.append(_range(column, value, ">", column.maximum, "at most"))
    if column.allowed is not None:
        options = ", ".join(f"'{quote(a)}'" for a in column.allowed)
        words = quote(", ".join(column.allowed))
        rules.append(
            Rule(
                column.name,
                "allowed",
                f"coalesce({value} NOT IN ({options}), false)",
                f"'expected one of {words}, found another string'",
            )
        )
    return rules


def _range(column: Column, value: str, operator: str, limit: float, words: str) -> Rule:
    bound = repr(limit).removesuffix(".0")
    as_number = f"CAST({value} AS DOUBLE)" if kind(column.type) == "decimal" else value
    return Rule(
        column.name,
        "range",
        f"coalesce({as_number} {operator} {bound}, false)",
        f"'expected {words} {bound}, found ' || CAST({value} AS VARCHAR)",
    )


def found(leaf: str, numeric: bool) -> str:
    """SQL that names what a leaf is, without its text: the record in quarantine has that, logs must not.

    Args:
        leaf: SQL of the JSON value.
        numeric: whether the column wanted a number, so that a number found is *another* number.
    """
    number = "another number" if numeric else "a number"
    words = {
        "VARCHAR": "a string that is not one" if numeric else "another string",
        "BIGINT": number,
        "UBIGINT": number,
        "DOUBLE": number,
        "BOOLEAN": "true or false",
        "OBJECT": "an object",
        "ARRAY": "an array",
    }
    cases = " ".join(f"WHEN '{name}' THEN '{text}'" for name, text in words.items())
    return f"CASE json_type({leaf}) {cases} ELSE 'something else' END"


def quote(text: str) -> str:
    """Double the quotes of a text that goes between single quotes."""
    return text.replace("'", "''")
