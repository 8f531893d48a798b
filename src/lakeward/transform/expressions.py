"""Expressions as SQL that cannot raise: each step has a value, and where it can fail, a column that says that it did.

An overflow, a division by zero, a cast that would lose something, a day that no calendar has: such a step has no value
although its operands have one, and that is how it is told. DuckDB's own TRY is not used: its optimiser works parts of
an expression out before TRY looks at them, and what then leaves it is an error that quotes the value.

    SELECT *, TRY_CAST(… AS …) AS "_step x 1" FROM (…)                     what the step is worth
    SELECT *, "_step x 1" IS NULL AND … AS "_step x 2" FROM (…)            whether it failed

Steps stand in SELECTs around one another, so that no expression holds another one twice over.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lakeward.contract import Column, Contract
from lakeward.contract.expression import parse_expression
from lakeward.contract.expression_types import DIGITS, Typed, assigned, typed
from lakeward.contract.types import Type, parse_type
from lakeward.transform.instants import DAY, INSTANT, instant_of
from lakeward.transform.leaf import Leaf, quote
from lakeward.transform.values import sql_type

WHOLE = r"[+-]?[0-9]{1,19}"
NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
MOST_DIGITS = 38
FARTHEST = 2**31 - 1
"""No text is longer; DuckDB refuses places that are much farther away."""
ARITHMETIC = ("+", "-", "*", "/", "%", "negative")
CAN_FAIL = ("abs", "round", "floor", "ceil", "make_date", "make_timestamp")
OPERATORS = {"and": " AND ", "or": " OR ", "||": " || "}


def computed_tree(contract: Contract, column: Column) -> Typed:
    """What a computed column is worth, as its type."""
    return _tree(contract, column.compute or "", column.parsed_type)


def rule_tree(contract: Contract, holds: str) -> Typed:
    """What a rule over a row says."""
    return _tree(contract, holds, parse_type("boolean"))


def _tree(contract: Contract, expression: str, of: Type) -> Typed:
    types = {c.name: c.parsed_type for c in contract.columns}
    return assigned(typed(parse_expression(expression), types), of)


def computed_leaf(column: Column) -> Leaf:
    """What the rules look at, of a computed column: whether there is a value, and whether one could not be had."""
    found = f'"_computed_{column.name}"'
    kind = f"CASE WHEN {found} IS NULL THEN 'OBJECT' WHEN {found}['value'] IS NULL THEN 'NULL' ELSE 'VARCHAR' END"
    return Leaf("NULL", "NULL", kind)


@dataclass(frozen=True)
class Worth:
    """SQL of what an expression is worth, and of whether it failed, which is never NULL; then it is worth nothing."""

    value: str
    failed: str

    @property
    def in_a_struct(self) -> str:
        """``{'value': …}``; NULL when it failed."""
        return f"CASE WHEN NOT {self.failed} THEN {{'value': {self.value}}} END"

    @property
    def holds(self) -> str:
        """SQL, never NULL, of a boolean one: it is not false, and did not fail."""
        return f"(NOT {self.failed} AND coalesce({self.value}, true))"


def worked_out(trees: Mapping[str, Typed], select: str) -> tuple[str, dict[str, Worth]]:
    """The same rows with every step of some expressions, and what each expression is worth there.

    Args:
        trees: by names that no other expression over these rows has.
        select: has the columns that the expressions name.
    """
    levels: list[list[str]] = []
    worth = {}
    for name, tree in trees.items():
        found = _Steps(name, levels).piece(tree)
        worth[name] = Worth(found.value, found.failed or "false")
    for level in levels:
        select = f"SELECT *, {', '.join(level)} FROM ({select})"
    return select, worth


@dataclass(frozen=True)
class _Piece:
    """Short SQL of a value and of its failure (None: it cannot fail), and how many SELECTs each has to wait for."""

    value: str
    failed: str | None = None
    level: int = 0
    failed_level: int = 0


class _Steps:
    """The steps of one expression, put among those of others by how many they need before them."""

    def __init__(self, name: str, levels: list[list[str]]) -> None:
        self._name = name
        self._levels = levels
        self._steps = 0

    def piece(self, tree: Typed) -> _Piece:
        """What an expression is worth."""
        plain = _plain(tree)
        if plain is not None:
            return _Piece(plain)
        args = [self.piece(arg) for arg in tree.args]
        if tree.op == "cast" and not _loses(tree.args[0].of, tree.of):
            value = _kept(args[0].value, tree.args[0].of, tree.of)
            return _Piece(value, args[0].failed, args[0].level, args[0].failed_level)
        level = max((arg.level for arg in args), default=0)
        values = [arg.value for arg in args]
        value = self._step(_value(tree, values), level)
        own = []
        if tree.op in (*ARITHMETIC, "cast") or (tree.op == "call" and tree.name in CAN_FAIL):
            own = [f"({' AND '.join([f'{value} IS NULL', *(f'{of} IS NOT NULL' for of in values)])})"]
        if not own and not any(arg.failed for arg in args):
            return _Piece(value, level=level + 1)
        needed = max([level + 1 if own else level, *(arg.failed_level for arg in args)])
        failed = self._step(_failed(tree, args, own), needed)
        return _Piece(value, failed, level + 1, needed + 1)

    def _step(self, sql: str, level: int) -> str:
        self._steps += 1
        name = f'"_step {self._name} {self._steps}"'
        while len(self._levels) <= level:
            self._levels.append([])
        self._levels[level].append(f"{sql} AS {name}")
        return name


def _plain(tree: Typed) -> str | None:
    """What needs no step."""
    match tree.op:
        case "column":
            return f'"{tree.name}"'
        case "number":
            return f"CAST('{tree.name}' AS {sql_type(tree.of)})"
        case "text":
            return f"'{quote(tree.name)}'"
        case "true" | "false" | "null":
            return tree.op
    return None


def _failed(tree: Typed, args: list[_Piece], own: list[str]) -> str:
    """Whether it failed, by what of it was looked at: all, but of ``case`` and ``coalesce`` only what decided."""
    failures = [arg.failed or "false" for arg in args]
    if tree.op == "case":
        cases = [
            f"WHEN {failures[n]} THEN true WHEN {args[n].value} THEN {failures[n + 1]}"
            for n in range(0, len(args) - 1, 2)
        ]
        return f"(CASE {' '.join(cases)} ELSE {failures[-1]} END)"
    if tree.op == "call" and tree.name == "coalesce":
        cases = [
            f"WHEN {failed} THEN true WHEN {arg.value} IS NOT NULL THEN false"
            for failed, arg in zip(failures, args, strict=True)
        ]
        return f"(CASE {' '.join(cases)} ELSE false END)"
    return f"({' OR '.join([*(arg.failed for arg in args if arg.failed), *own])})"


def _value(tree: Typed, args: list[str]) -> str:  # noqa: PLR0911 - one form a line
    """SQL of a step; NULL when it cannot be done."""
    match tree.op:
        case "cast":
            return _cast(tree.args[0].of, tree.of, args[0])
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
        case "/":
            return _finite(f"({args[0]} / nullif({args[1]}, 0))")
        case "%":  # by -1 the least number overflows, although nothing is ever left over
            return f"({args[0]} % CASE {args[1]} WHEN 0 THEN NULL WHEN -1 THEN 1 ELSE {args[1]} END)"
        case "+" | "-" | "*" | "negative":
            return _sum(tree, args)
    return f"({OPERATORS.get(tree.op, f' {tree.op} ').join(args)})"


def _sum(tree: Typed, args: list[str]) -> str:
    """Whole numbers are worked out with 128 bits, where no sum or product of two overflows."""
    if tree.of.kind == "bigint":
        args = [f"CAST({arg} AS HUGEINT)" for arg in args]
    done = f"(-{args[0]})" if tree.op == "negative" else f"({args[0]} {tree.op} {args[1]})"
    return _finite(done) if tree.of.kind == "double" else f"TRY_CAST({done} AS {sql_type(tree.of)})"


def _finite(number: str) -> str:
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _loses(of: Type, to: Type) -> bool:
    """Whether a cast has no result for some values."""
    if of.kind == "null" or to.kind in ("string", "double", "boolean"):
        return of.kind == "string" and to.kind != "string"
    if to.kind == "decimal" and of.kind in ("int", "bigint", "decimal"):
        digits, scale = of.numbers if of.kind == "decimal" else (DIGITS[of.kind], 0)
        return not (to.numbers[1] >= scale and to.numbers[0] - to.numbers[1] >= digits - scale)
    return (of.kind, to.kind) not in {("int", "bigint"), ("date", "timestamp"), ("timestamp", "date")}


def _kept(given: str, of: Type, to: Type) -> str:
    """A cast that has a result for every value. DuckDB writes no zero before the point where a type has none: .5"""
    precision, scale = of.numbers
    if (of.kind, to.kind) == ("decimal", "string") and precision == scale < MOST_DIGITS:
        given = f"CAST({given} AS DECIMAL({precision + 1},{scale}))"
    return f"CAST({given} AS {sql_type(to)})"


def _cast(of: Type, to: Type, given: str) -> str:
    """A cast that has no result rather than a rounded one."""
    tried = f"TRY_CAST({given} AS {sql_type(to)})"
    match of.kind, to.kind:
        case "string", "int" | "bigint":
            holds = f"regexp_full_match({given}, '{WHOLE}')"
        case "string", "decimal":
            holds = rf"regexp_full_match({given}, '[+-]?[0-9]+(\.[0-9]{{0,{to.numbers[1]}}}0*)?')"
        case "string", "double":
            holds = f"regexp_full_match({given}, '{NUMBER}') AND isfinite({tried})"
        case "string", "date":
            holds = f"regexp_full_match({given}, '{DAY}') AND {tried} >= DATE '0001-01-01'"
        case "string", "timestamp":
            return f"CASE WHEN regexp_full_match({given}, '{INSTANT}') THEN {instant_of(given)} END"
        case "float" | "double", "int" | "bigint":
            holds = f"trunc({given}) = {given} AND abs({given}) <= 9007199254740992"
        case "float" | "double" | "decimal", _:  # back again, in the type that it has
            holds = f"TRY_CAST({tried} AS {sql_type(of)}) = {given}"
        case _:
            return tried
    return f"CASE WHEN {holds} THEN {tried} END"


def _call(tree: Typed, args: list[str]) -> str:  # noqa: PLR0911 - one function a line
    plain = f"{tree.name}({', '.join(args)})"
    match tree.name:
        case "concat":
            return f"({' || '.join(args)})"
        case "year" | "month" | "day" | "hour" | "minute" | "second":
            return f"CAST({plain} AS BIGINT)"
        case "day_of_week":
            return f"CAST(isodow({args[0]}) AS BIGINT)"
        case "substr":
            places = [f"greatest(least({arg}, {FARTHEST}), -{FARTHEST})" for arg in args[1:]]
            places = [f"CASE WHEN {arg} IS NOT NULL THEN {p} END" for arg, p in zip(args[1:], places, strict=True)]
            return f"substr({args[0]}, {', '.join(places)})"
        case "abs" if tree.of.kind == "bigint":
            return f"TRY_CAST(abs(CAST({args[0]} AS HUGEINT)) AS BIGINT)"
        case "round" | "floor" | "ceil" if tree.of.kind == "bigint":
            return args[0]
        case "abs" | "round" | "floor" | "ceil":
            plain = plain if tree.name == "round" else f"{tree.name}({args[0]})"
            return _finite(plain) if tree.of.kind == "double" else f"TRY_CAST({plain} AS {sql_type(tree.of)})"
        case "make_date":
            return f"CASE WHEN {_are_of_a_day(args)} THEN {_made('{:04d}-{:02d}-{:02d}', args, 'DATE')} END"
        case "make_timestamp":
            clock = f"{args[3]} BETWEEN 0 AND 23 AND {args[4]} BETWEEN 0 AND 59 AND {args[5]} BETWEEN 0 AND 59"
            made = _made("{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}", args, "TIMESTAMP")
            return f"CASE WHEN {_are_of_a_day(args)} AND {clock} THEN {made} END"
    return plain


def _are_of_a_day(args: list[str]) -> str:
    return f"{args[0]} BETWEEN 1 AND 9999 AND {args[1]} BETWEEN 1 AND 12 AND {args[2]} BETWEEN 1 AND 31"


def _made(pattern: str, args: list[str], of: str) -> str:
    return f"TRY_CAST(format('{pattern}', {', '.join(args)}) AS {of})"
