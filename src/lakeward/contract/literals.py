"""Values that a contract writes down itself, such as a default, as values of a column's type."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from lakeward.contract.types import Type

Constant = bool | int | float | Decimal | str | date | datetime
"""Instants are aware, in UTC."""

INTEGERS = {"int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}


def literal_of(of: Type, value: str | int | float | bool) -> Constant:  # noqa: PLR0911 - one kind a line
    """A value that YAML gave, as the type's own.

    Args:
        of: a type that is not nested.
        value: text, a number, true or false.

    Raises:
        ValueError: it is none; the message says what was expected.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match of.kind:
        case "boolean" if isinstance(value, bool):
            return value
        case "int" | "bigint" if isinstance(value, int) and not isinstance(value, bool):
            low, high = INTEGERS[of.kind]
            if low <= value <= high:
                return value
        case "float" | "double" if number and abs(float(value)) < float("inf"):
            return float(value)
        case "decimal" if number or isinstance(value, str):
            return _decimal(of, str(value))
        case "string" if isinstance(value, str):
            return value
        case "date" if isinstance(value, str) and _is_iso(value, date):
            return date.fromisoformat(value)
        case "timestamp" | "timestamptz" if isinstance(value, str) and _is_iso(value, datetime):
            at = datetime.fromisoformat(value)
            if at.tzinfo is not None:
                return at.astimezone(UTC)
    raise ValueError(f"expected {EXPECTED.get(of.kind, f'no value of type {of}')}")


EXPECTED = {
    "boolean": "true or false",
    "int": "a whole number of 32 bits",
    "bigint": "a whole number of 64 bits",
    "float": "a number",
    "double": "a number",
    "decimal": "a number that fits without rounding",
    "string": "text",
    "date": "a day in quotes such as '2018-01-31'",
    "timestamp": "an instant in quotes such as '2018-01-31T12:00:00Z'",
    "timestamptz": "an instant in quotes such as '2018-01-31T12:00:00Z'",
}


def literal_problem(of: Type, value: str | int | float | bool) -> str | None:
    """What is wrong with a value for a type; None when it is one."""
    try:
        literal_of(of, value)
    except ValueError as problem:
        return str(problem)
    return None


def _decimal(of: Type, text: str) -> Decimal:
    precision, scale = of.numbers
    try:
        number = Decimal(text)
        fits = number.is_finite() and number == number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        fits = False
    if not fits or abs(number) >= Decimal(10) ** (precision - scale):
        raise ValueError(f"expected {EXPECTED['decimal']}")
    return number


def _is_iso(text: str, moment: type[date]) -> bool:
    try:
        moment.fromisoformat(text)
    except ValueError:
        return False
    return True
