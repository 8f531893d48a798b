"""Candidates for the mask of a value, each made with a key: in the value's form first, then in others."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil, floor
from string import ascii_lowercase, ascii_uppercase, digits

from lakeward.contract import Column
from lakeward.contract.literals import INTEGERS
from lakeward.contract.types import INSTANTS, NUMERIC, Type
from lakeward.sampling.moments import day_as, instant_as, years_of
from lakeward.sampling.verdicts import Broken, limit_of

WORD = "masked"
TRIES = 64
_USUAL_DAYS = (date(1900, 1, 1), date(2099, 12, 31))
Fits = Callable[[str], bool]
_ALPHABETS = (digits, ascii_lowercase, ascii_uppercase)


def texts(key: bytes, text: str, fits: Fits, *, has_form: bool) -> Iterator[str]:
    """Other texts in the place of one.

    Args:
        key: secret.
        text: the value.
        fits: whether another text keeps and breaks the rules as the value does.
        has_form: whether rules look at the form of texts. If so, letters become letters, digits become digits, and
            ASCII punctuation stays; else nothing of the value can be told, not even its length.
    """
    if has_form:
        yield from _drawn_of(key, "form", text, [_alphabet(character) for character in text])
        # A pattern that asks for certain letters is seldom met by any: only those that it takes in each place, then.
        yield from _drawn_of(key, "fit", text, [_taken_at(text, at, fits) for at in range(len(text))])
    for number in range(TRIES):
        yield f"{WORD}-{_stream(key, 'token', number, text, 12).hex()}"
    if has_form:
        yield from _drawn_of(key, "letters", text, [ascii_lowercase] * len(text))


def numbers(key: bytes, column: Column, of: Type, value: int, broken: frozenset[Broken]) -> Iterator[str]:
    """Other whole numbers on the same side of a column's limits; those with as many digits first."""
    low, high = _range(column, INTEGERS[of.kind], broken)
    figures = len(str(abs(value)))
    of_figures = sorted((figures > 1 and 10 ** (figures - 1), 10**figures - 1))
    near = [-limit for limit in reversed(of_figures)] if value < 0 else of_figures
    for least, most in ((max(low, near[0]), min(high, near[1])), (low, high)):
        for number in range(TRIES) if least <= most else ():
            drawn = least + _drawn(key, f"number {least} {most}", number, str(value), most - least + 1)
            if drawn != value:
                yield str(drawn)


def days(key: bytes, column: Column, value: date, text: str, broken: frozenset[Broken]) -> Iterator[str]:
    """Other days on the same side of a column's limits, written alike; those of our times first."""
    first, last = years_of(column)
    low, high = _range(column, (first.toordinal(), last.toordinal()), broken)
    usual = [day.toordinal() for day in _USUAL_DAYS]
    for least, most in ((max(low, usual[0]), min(high, usual[1])), (low, high)):
        for number in range(TRIES) if least <= most else ():
            drawn = date.fromordinal(least + _drawn(key, f"day {least} {most}", number, str(value), most - least + 1))
            if drawn != value:
                yield day_as(column, text, drawn)


def words(column: Column, of: Type) -> Iterator[str]:
    """Values for all of a column's alike, that tell nothing: words of the contract, values by its limits, no value."""
    yield from column.map_values or ()
    yield from column.allowed or ()
    if of.kind == "boolean":
        yield from column.false_words or ("false",)
    elif of.kind == "binary":
        yield "AAAA"
    elif of.kind in INSTANTS:
        yield from _instants(column)
    elif of.kind in NUMERIC:
        yield from map("{:f}".format, _limits(column, of))
    yield from (WORD, "?")


def _limits(column: Column, of: Type) -> Iterator[Decimal]:
    step = Decimal(1).scaleb(-of.numbers[1])
    yield Decimal(0)
    for limit in (limit_of(column, column.minimum), limit_of(column, column.maximum)):
        if isinstance(limit, Decimal):
            yield from (Decimal(ceil(limit)), Decimal(floor(limit)), limit)
            yield from (limit + 1, limit - 1, limit + step, limit - step)


def _instants(column: Column) -> Iterator[str]:
    limits = [limit_of(column, limit) for limit in (column.minimum, column.maximum)]
    known = [limit for limit in limits if isinstance(limit, datetime)]
    middle = [known[0] + (known[-1] - known[0]) / 2] if known else []
    noon = datetime(2000, 1, 1, 12, tzinfo=UTC).replace(tzinfo=None)
    for at in (noon, *middle, *known):
        for apart in (timedelta(0), timedelta(days=1), timedelta(days=-1), timedelta(seconds=1), timedelta(seconds=-1)):
            try:
                yield instant_as(column, (at + apart).replace(microsecond=0))
            except (OverflowError, ValueError):  # beyond the years 1 to 9999
                continue


def _range(column: Column, of_type: tuple[int, int], broken: frozenset[Broken]) -> tuple[int, int]:
    """The least and the greatest whole number (of a day: its ordinal) that breaks the same limits."""
    low, high = of_type
    least, most = (limit_of(column, limit) for limit in (column.minimum, column.maximum))
    first, last = (limit.toordinal() if isinstance(limit, date) else limit for limit in (least, most))
    if "below" in broken and first is not None:
        return low, min(high, ceil(first) - 1)
    if "above" in broken and last is not None:
        return max(low, floor(last) + 1), high
    return low if first is None else max(low, ceil(first)), high if last is None else min(high, floor(last))


def _drawn_of(key: bytes, purpose: str, text: str, alphabets: list[str]) -> Iterator[str]:
    """Texts of which each character is one of those for its place; never the text itself."""
    for number in range(TRIES):
        stream = _stream(key, purpose, number, text, 8 * len(text))
        drawn = (int.from_bytes(stream[at : at + 8]) for at in range(0, len(stream), 8))
        other = "".join(alphabet[place % len(alphabet)] for alphabet, place in zip(alphabets, drawn, strict=True))
        if other != text:
            yield other


def _alphabet(character: str) -> str:
    """What may stand in the place of a character: of its kind, and a letter for what is not ASCII."""
    for alphabet in _ALPHABETS:
        if character in alphabet:
            return alphabet
    if character.isascii():
        return character
    return ascii_uppercase if character.isupper() else ascii_lowercase


def _taken_at(text: str, at: int, fits: Fits) -> str:
    """The characters that fit into a place of a text when all others stay; its own, where no other does."""
    taken = (other for other in _alphabet(text[at]) if fits(f"{text[:at]}{other}{text[at + 1 :]}"))
    return "".join(taken) or text[at]


def _drawn(key: bytes, purpose: str, number: int, text: str, below: int) -> int:
    return int.from_bytes(_stream(key, purpose, number, text, 16)) % below


def _stream(key: bytes, purpose: str, number: int, text: str, size_bytes: int) -> bytes:
    """Bytes that nobody without the key can make of the text."""
    message = f"{purpose}\0{number}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.shake_256(hmac.digest(key, message, "sha256")).digest(size_bytes)
