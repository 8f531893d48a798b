"""Computed columns as SQL. Whatever cannot be represented raises inside DuckDB, and TRY makes that a broken rule:
an overflow, a division by zero, a cast that would round, a day that no calendar has."""

from lakeward.contract import Column, Contract
from lakeward.contract.expression import parse_expression
from lakeward.contract.expression_types import Typed, assigned, typed
from lakeward.transform.instants import DAY, INSTANT
from lakeward.transform.leaf import Leaf, quote
from lakeward.transform.values import sql_type

WHOLE = r"[+-]?[0-9]{1,19}"
NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
OPERATORS = {"and": "AND", "or": "OR"}


def computed(contract: Contract, column: Column) -> str:
    """SQL of ``{'value': …}``; NULL when the value cannot be represented."""
    types = {c.name: c.parsed_type for c in contract.columns}
    tree = assigned(typed(parse_expression(column.compute or ""), types), column.parsed_type)
    return f"TRY({{'value': {sql(tree)}}})"


def computed_leaf(column: Column) -> Leaf:
    """What the rules look at, of a computed column: whether there is a value, and whether one could not be had."""
    found = f'"_computed_{column.name}"'
    kind = f"CASE WHEN {found} IS NULL THEN 'OBJECT' WHEN {found}['value'] IS NULL THEN 'NULL' ELSE 'VARCHAR' END"
    return Leaf("NULL", "NULL", kind)


def sql(tree: Typed) -> str:  # noqa: PLR0911, PLR0912 - one form a line
    """An expression as SQL."""
    args = [sql(arg) for arg in tree.args]
    match tree.op:
        case "column":
            return f'"{tree.name}"'
        case "number":
            return f"CAST('{tree.name}' AS {sql_type(tree.of)})"
        case "text":
            return f"'{quote(tree.name)}'"
        case "true" | "false" | "null":
            return tree.op
        case "cast":
            return _cast(tree.args[0], tree, args[0])
        case "call":
            return _call(tree, args)
        case "case":
            pairs = " ".join(f"WHEN {c} THEN {v}" for c, v in zip(args[:-1:2], args[1:-1:2], strict=True))
            return f"CASE {pairs} ELSE {args[-1]} END"
        case "is null":
            return f"({args[0]} IS NULL)"
        case "in":
            return f"({args[0]} IN ({', '.join(args[1:])}))"
        case "not":
            return f"(NOT {args[0]})"
        case "negative":
            return f"(-{args[0]})"
        case "/":
            return _unless(f"{args[1]} = 0", f"{args[0]} / {args[1]}", args[1], tree)
        case "%":
            return _unless(f"{args[1]} = 0", f"{args[0]} % {args[1]}", args[1], tree)
        case "+" | "-" | "*" if tree.of.kind == "decimal":
            return f"CAST({args[0]} {tree.op} {args[1]} AS {sql_type(tree.of)})"
    return f"({args[0]} {OPERATORS.get(tree.op, tree.op)} {args[1]})"


def _unless(wrong: str, value: str, about: str, tree: Typed) -> str:
    """The value; where ``wrong`` holds, a cast that fails. It names a value so that it is not tried beforehand."""
    fails = f"CAST(concat('none: ', CAST({about} AS VARCHAR)) AS {sql_type(tree.of)})"
    return f"(CASE WHEN {wrong} THEN {fails} ELSE {value} END)"


def _cast(value: Typed, tree: Typed, given: str) -> str:  # noqa: PLR0911 - one pair of types a line
    """A cast that fails rather than rounds."""
    to = sql_type(tree.of)
    plain = f"CAST({given} AS {to})"
    if value.of.kind == "null":
        return plain
    match value.of.kind, tree.of.kind:
        case "string", "int" | "bigint":
            return _unless(f"NOT regexp_full_match({given}, '{WHOLE}')", plain, given, tree)
        case "string", "decimal":
            pattern = rf"[+-]?[0-9]+(\.[0-9]{{0,{tree.of.numbers[1]}}}0*)?"
            return _unless(f"NOT regexp_full_match({given}, '{pattern}')", plain, given, tree)
        case "string", "double":
            wrong = f"NOT regexp_full_match({given}, '{NUMBER}') OR NOT isfinite(TRY_CAST({given} AS DOUBLE))"
            return _unless(wrong, plain, given, tree)
        case "string", "date":
            return _unless(f"NOT regexp_full_match({given}, '{DAY}')", plain, given, tree)
        case "string", "timestamp":
            instant = f"CAST(CAST({given} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)"
            return _unless(f"NOT regexp_full_match({given}, '{INSTANT}')", instant, given, tree)
        case "float" | "double", "int" | "bigint":
            return _unless(f"trunc({given}) <> {given} OR abs({given}) > 9007199254740992", plain, given, tree)
        case "decimal", "int" | "bigint" | "decimal":
            return _unless(f"TRY_CAST({given} AS {to}) IS DISTINCT FROM {given}", plain, given, tree)
        case "float" | "double", "decimal":
            return _unless(f"CAST(TRY_CAST({given} AS {to}) AS DOUBLE) IS DISTINCT FROM {given}", plain, given, tree)
    return plain


def _call(tree: Typed, args: list[str]) -> str:  # noqa: PLR0911 - one function a line
    match tree.name:
        case "concat":
            return f"({' || '.join(args)})"
        case "year" | "month" | "day" | "hour" | "minute" | "second":
            return f"CAST({tree.name}({args[0]}) AS BIGINT)"
        case "day_of_week":
            return f"CAST(isodow({args[0]}) AS BIGINT)"
        case "round":
            return f"CAST(round({', '.join(args)}) AS {sql_type(tree.of)})"
        case "floor" | "ceil":
            return f"CAST({tree.name}({args[0]}) AS {sql_type(tree.of)})"
        case "make_timestamp":
            return f"make_timestamp({', '.join(args[:5])}, CAST({args[5]} AS DOUBLE))"
    return f"{tree.name}({', '.join(args)})"
