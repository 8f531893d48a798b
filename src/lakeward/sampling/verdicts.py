"""What the transform will say of a value: whether it can be read, and which of its column's rules it keeps.

A mask has to fare as the value did whose place it takes, or a sample would have other rows than what it stands for.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from lakeward.contract import Column
from lakeward.contract.column_rules import moment
from lakeward.contract.literals import INTEGERS
from lakeward.contract.types import INSTANTS, NUMERIC, Type
from lakeward.sampling.lossless import Number
from lakeward.sampling.moments import day_in, instant_in
from lakeward.transform.texts import PLAIN_FRACTION, PLAIN_WHOLE, number_patterns
from lakeward.transform.values import BASE64, HEX, PLAIN_NUMBER

WHITE = " \t\n\r\f\v"
EXACT = 2**53
"""Up to here a number with a point or an exponent may be whole."""
Read = str | bool | int | Decimal | date | datetime | None
"""What a value is; None for what cannot be read."""
Broken = Literal["type", "below", "above", "allowed", "pattern", "length"]


@dataclass(frozen=True)
class Reader:
    """Reads values as the transform does.

    ``all_texts``: whether the source knows texts only, so that one which is a number as JSON writes it is one.
    """

    all_texts: bool

    def text(self, column: Column, value: Any) -> str:
        """A scalar as text, without what is trimmed."""
        match value:
            case bool():
                return "true" if value else "false"
            case Number():
                return value.text
        return str(value).strip(WHITE) if column.trim else str(value)

    def read(self, column: Column, of: Type, value: Any) -> Read:
        """What a scalar is, once its words are translated; None for what cannot be read."""
        text = self.text(column, value)
        if column.map_values is not None:
            if text not in column.map_values:
                return None
            text = value = column.map_values[text]
        if is_moment(of):
            read = day_in if of.kind == "date" else instant_in
            return read(column, text if isinstance(value, str) else "", self._whole(column, value, text))
        match of.kind:
            case "boolean":
                return self._boolean(column, value, text)
            case "int" | "bigint":
                low, high = INTEGERS[of.kind]
                whole = self._whole(column, value, text)
                return whole if whole is not None and low <= whole <= high else None
            case "float" | "double" | "decimal":
                return self._number(column, of, value, text)
        pattern = {"string": r"(?s:.)*", "binary": HEX if column.reading == "hex" else BASE64}[of.kind]
        return text if isinstance(value, str) and re.fullmatch(pattern, text) else None

    def verdict(self, column: Column, of: Type, value: Any) -> frozenset[Broken]:
        """The rules that a scalar breaks; those but for its type are of the column alone."""
        found: Any = self.read(column, of, value)
        if found is None:
            return frozenset({"type"})
        broken: set[Broken] = set()
        low, high = (limit_of(column, limit) for limit in (column.minimum, column.maximum))
        if low is not None and found < low:
            broken.add("below")
        if high is not None and found > high:
            broken.add("above")
        if isinstance(found, str):
            broken.update(_broken_by_text(column, found))
        return frozenset(broken)

    def _boolean(self, column: Column, value: Any, text: str) -> bool | None:
        if column.true_words is None or column.false_words is None:
            is_truth = isinstance(value, bool) or (self.all_texts and text in ("true", "false"))
            return text == "true" if is_truth else None
        return True if text in column.true_words else False if text in column.false_words else None

    def _decimal(self, column: Column, value: Any, text: str) -> Decimal | None:
        """A number of any kind."""
        if isinstance(value, str):
            number = _marked(column, text) if column.parse == "text" else text
            if number is None or not any(re.fullmatch(form, number) for form in self._forms(column)):
                return None
            text = number
        elif not isinstance(value, Number):
            return None
        try:
            return Decimal(text)
        except InvalidOperation:
            return None

    def _forms(self, column: Column) -> list[str]:
        """How a text is written that is a number."""
        kinds = {inner.kind for inner in column.parsed_type.scalars()}
        if column.parse == "text":
            return [rf"-?[0-9]+{PLAIN_FRACTION}"]
        forms = [PLAIN_NUMBER] if "decimal" in kinds else []
        if self.all_texts and (kinds & set(NUMERIC) or column.reading.startswith("epoch")):
            forms.append(PLAIN_WHOLE + PLAIN_FRACTION)
        return forms

    def _whole(self, column: Column, value: Any, text: str) -> int | None:
        found = self._decimal(column, value, text)
        if found is None or found.adjusted() > 30 or found != found.to_integral_value():
            return None
        return None if re.search("[.eE]", text) and abs(found) > EXACT else int(found)

    def _number(self, column: Column, of: Type, value: Any, text: str) -> Decimal | None:
        found = self._decimal(column, value, text)
        if found is None or found.adjusted() > 308:
            return None
        if of.kind == "decimal":
            precision, scale = of.numbers
            exponent = found.normalize().as_tuple().exponent
            fits = found.is_zero() or found.adjusted() < precision - scale
            return found if fits and isinstance(exponent, int) and -exponent <= scale else None
        return None if of.kind == "float" and abs(found) > Decimal("3.4028235e38") else found


def _marked(column: Column, text: str) -> str | None:
    """A number without its marks and signs; None for what is none."""
    if not re.fullmatch(number_patterns(column)[1], text):
        return None
    for mark in (*sorted(column.signs or [], key=len, reverse=True), " ", "+", column.group_mark or " "):
        text = text.replace(mark, "")
    return text.replace(column.decimal_mark, ".")


def limit_of(column: Column, limit: float | str | None) -> Decimal | date | datetime | None:
    """A column's limit as a value of its type."""
    if isinstance(limit, str):
        return moment(limit, column.type)
    return None if limit is None else Decimal(str(limit))


def is_moment(of: Type) -> bool:
    """Whether values are days or instants."""
    return of.kind == "date" or of.kind in INSTANTS


def _broken_by_text(column: Column, text: str) -> set[Broken]:
    broken: set[Broken] = set()
    if column.allowed is not None and text not in column.allowed:
        broken.add("allowed")
    if column.pattern is not None and not re.fullmatch(column.pattern, text, re.ASCII):
        broken.add("pattern")
    if not (column.min_length or 0) <= len(text) <= (column.max_length or len(text)):
        broken.add("length")
    return broken
