"""``format``: Java's Formatter, over values as text and their Trino types.

https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Formatter.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from lakeward_local.athena.native.kit import Native, invalid, native
from lakeward_local.athena.native.numbers import java_double, java_real
from lakeward_local.athena.native.zones import zone

_SPECIFIER: Final = re.compile(r"%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?(?:([tT])([a-zA-Z])|([a-zA-Z%]))")
_INTEGERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint"})
_MOMENTS: Final = frozenset({"date", "time", "timestamp", "timestamp with time zone"})
_EXACT: Final = Context(prec=400)


@dataclass(frozen=True)
class _Specifier:
    """``%-10.2f`` in its parts."""

    text: str
    flags: str
    width: int
    precision: int | None
    conversion: str
    part: str = ""


def format_values(template: str, tags: str, values: list[str | None]) -> str:
    """The template with its specifiers replaced.

    Args:
        tags: the values' Trino types, separated by commas.

    Raises:
        NativeError: INVALID_FUNCTION_ARGUMENT, a value is missing or not of the specifier's kind.
    """
    kinds, following, last = tags.split(","), 0, -1

    def one(found: re.Match[str]) -> str:
        nonlocal following, last
        index, again, flags, width, precision, date, part, conversion = found.groups()
        spec = _Specifier(
            found.group(), flags, int(width or 0), int(precision) if precision else None, date or conversion, part or ""
        )
        if spec.conversion == "n":
            return "\n"
        if spec.conversion == "%":
            return _padded("%", spec)
        if index:
            last = int(index) - 1
        elif not again:
            last, following = following, following + 1
        if not 0 <= last < len(values):
            raise invalid(f"Invalid format string: {template} (Format specifier '{spec.text}')")
        return _padded(_converted(spec, kinds[last], values[last], template), spec)

    rest = _SPECIFIER.sub("", template)
    if "%" in rest:
        raise invalid(f"Invalid format string: {template} (Conversion = '%')")
    return _SPECIFIER.sub(one, template)


def _padded(text: str, spec: _Specifier) -> str:
    if "-" in spec.flags:
        return text.ljust(spec.width)
    if "0" in spec.flags and spec.conversion.lower() in "dfexog":
        sign = text[0] if text[:1] in {"-", "+", "(", " "} else ""
        return sign + text[len(sign) :].rjust(spec.width - len(sign), "0")
    return text.rjust(spec.width)


def _converted(spec: _Specifier, kind: str, value: str | None, template: str) -> str:
    lower = spec.conversion.lower()
    text = _CONVERSIONS[lower](spec, kind, value) if lower in _CONVERSIONS else None
    if text is None:
        raise invalid(f"Invalid format string: {template} ({spec.text} is no conversion of {kind})")
    return text.upper() if spec.conversion.isupper() else text


def _as_string(spec: _Specifier, kind: str, value: str | None) -> str:
    text = "null" if value is None else _java_text(kind, value)
    return text if spec.precision is None else text[: spec.precision]


def _java_text(kind: str, value: str) -> str:
    """What Java's toString makes of the value."""
    if kind == "double":
        return java_double(float(value))
    if kind == "real":
        return java_real(float(value))
    if kind.startswith("timestamp"):
        moment, zone_name = _moment(kind, value)
        return _iso(moment) + (_zone_suffix(moment, zone_name) if zone_name else "")
    return _iso(_moment(kind, value)[0])[11:] if kind == "time" else value


def _moment(kind: str, value: str) -> tuple[datetime, str]:
    """A date, time or timestamp, and its zone's name."""
    if kind == "time":
        value = f"1970-01-01 {value}"
    found = re.fullmatch(r"(\d+-\d+-\d+)(?: (\d+:\d+:\d+)(?:\.(\d+))?)?(?: (.+))?", value)
    if found is None:
        raise invalid(f"no date or time: {value}")
    day, clock, fraction, zone_name = found.groups()
    moment = datetime.strptime(f"{day} {clock or '00:00:00'}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - a wall clock
    return moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6])), zone_name or ""


def _iso(moment: datetime) -> str:
    """LocalDateTime.toString: no seconds when there are none, fractions in threes."""
    text = moment.strftime("%Y-%m-%dT%H:%M")
    if moment.second or moment.microsecond:
        text += f":{moment.second:02}"
    if moment.microsecond:
        text += f".{moment.microsecond:06}".removesuffix("000")
    return text


def _zone_suffix(moment: datetime, zone_name: str) -> str:
    offset = moment.replace(tzinfo=zone(zone_name)).strftime("%z")
    shown = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    return shown if zone_name[0] in "+-" else f"{shown}[{zone_name}]"


def _boolean(_spec: _Specifier, kind: str, value: str | None) -> str:
    return "false" if value is None else value.lower() if kind == "boolean" else "true"


def _signed(spec: _Specifier, digits: str, negative: bool) -> str:
    if negative:
        return f"({digits})" if "(" in spec.flags else f"-{digits}"
    return "+" + digits if "+" in spec.flags else " " + digits if " " in spec.flags else digits


def _decimal_integer(spec: _Specifier, kind: str, value: str | None) -> str | None:
    if value is None:
        return "null"
    if kind not in _INTEGERS:
        return None
    return _signed(spec, format(abs(int(value)), "," if "," in spec.flags else ""), int(value) < 0)


def _radix(letter: str, prefix: str) -> Callable[[_Specifier, str, str | None], str | None]:
    def conversion(spec: _Specifier, kind: str, value: str | None) -> str | None:
        if value is None:
            return "null"
        if kind not in _INTEGERS:
            return None
        return (prefix if "#" in spec.flags else "") + format(int(value) & (2**64 - 1), letter)

    return conversion


def _number(kind: str, value: str) -> Decimal | str | None:
    """A floating or decimal value; NaN and infinities as text."""
    if kind not in {"double", "real", "decimal"}:
        return None
    number = Decimal(java_real(float(value)) if kind == "real" else value)
    return number if number.is_finite() else java_double(float(value))


def _fixed(spec: _Specifier, kind: str, value: str | None) -> str | None:
    if value is None:
        return "null"
    number = _number(kind, value)
    if not isinstance(number, Decimal):
        return number
    digits = 6 if spec.precision is None else spec.precision
    rounded = abs(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT)
    return _signed(spec, format(rounded, f"{',' if ',' in spec.flags else ''}f"), number.is_signed())


def _scientific(spec: _Specifier, kind: str, value: str | None) -> str | None:
    if value is None:
        return "null"
    number = _number(kind, value)
    if not isinstance(number, Decimal):
        return number
    digits = 6 if spec.precision is None else spec.precision
    exponent = number.adjusted() if number else 0
    rounded = abs(number).scaleb(-exponent, _EXACT).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT)
    if rounded >= 10:
        rounded, exponent = (rounded / 10).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT), exponent + 1
    return _signed(spec, f"{rounded:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02}", number.is_signed())


def _general(spec: _Specifier, kind: str, value: str | None) -> str | None:
    """Fixed for what is neither very small nor larger than the precision, else scientific."""
    if value is None:
        return "null"
    number = _number(kind, value)
    if not isinstance(number, Decimal):
        return number
    digits = spec.precision or (6 if spec.precision is None else 1)
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).plus(abs(number))
    exponent = rounded.adjusted() if rounded else 0
    if rounded and not -4 <= exponent < digits:
        return _scientific(_Specifier(spec.text, spec.flags, 0, digits - 1, "e"), kind, value)
    return _fixed(_Specifier(spec.text, spec.flags, 0, max(digits - exponent - 1, 0), "f"), kind, value)


def _hash(_spec: _Specifier, kind: str, value: str | None) -> str | None:
    """The hash code of a text in hexadecimal."""
    if value is None:
        return "null"
    if kind != "varchar":
        return None
    code = 0
    units = value.encode("utf-16-be")
    for at in range(0, len(units), 2):
        code = (code * 31 + int.from_bytes(units[at : at + 2], "big")) & 0xFFFFFFFF
    return format(code, "x")


_PARTS: Final = {
    "H": "%H", "I": "%I", "M": "%M", "S": "%S", "B": "%B", "b": "%b", "h": "%b", "A": "%A", "a": "%a", "Y": "%Y",
    "y": "%y", "j": "%j", "m": "%m", "d": "%d", "R": "%H:%M", "T": "%H:%M:%S", "r": "%I:%M:%S %p", "D": "%m/%d/%y",
    "F": "%Y-%m-%d", "N": "%f000",
}  # fmt: skip
_CLOCK: Final = frozenset("HIMSRTrNklLp")


def _date_part(spec: _Specifier, kind: str, value: str | None) -> str | None:
    if value is None:
        return "null"
    if kind not in _MOMENTS or (kind == "date" and spec.part in _CLOCK) or (kind == "time" and spec.part not in _CLOCK):
        return None
    moment = _moment(kind, value)[0]
    plain = {"k": str(moment.hour), "l": str((moment.hour - 1) % 12 + 1), "L": f"{moment.microsecond // 1000:03}",
             "p": "am" if moment.hour < 12 else "pm", "e": str(moment.day)}  # fmt: skip
    return plain.get(spec.part) or (moment.strftime(_PARTS[spec.part]) if spec.part in _PARTS else None)


_CONVERSIONS: Final[dict[str, Callable[[_Specifier, str, str | None], str | None]]] = {
    "s": _as_string, "b": _boolean, "d": _decimal_integer, "x": _radix("x", "0x"), "o": _radix("o", "0"), "f": _fixed,
    "e": _scientific, "g": _general, "h": _hash, "t": _date_part,
}  # fmt: skip

NATIVES: Final[list[Native]] = [native("format", format_values, "VARCHAR VARCHAR VARCHAR[]", "VARCHAR")]
