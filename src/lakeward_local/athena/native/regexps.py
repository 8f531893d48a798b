"""Regular expressions with Java's syntax, by Python's ``re`` after translation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

from lakeward_local.athena.native.kit import Native, invalid, native

_POSIX: Final = {
    "ASCII": "\\x00-\\x7F", "Digit": "\\d", "Blank": " \\t", "XDigit": "0-9a-fA-F", "Space": "\\s",
    "Cntrl": "\\x00-\\x1f\\x7f", "Graph": "!-~", "Print": " -~",
}  # fmt: skip
#: Classes that hold the characters of all scripts -> the general categories of their members.
_CATEGORIES: Final = {
    "Lower": ("Ll",), "Upper": ("Lu",), "Alpha": ("L",), "Alnum": ("L", "Nd"), "Punct": ("P",), "IsAlphabetic": ("L",),
    "Alphabetic": ("L",),
}  # fmt: skip
_BLOCKS: Final = {
    "Greek": "\u0370-\u03ff\u1f00-\u1fff", "Cyrillic": "\u0400-\u052f", "Hiragana": "\u3041-\u309f",
    "Katakana": "\u30a0-\u30ff", "Hebrew": "\u0591-\u05f4", "Arabic": "\u0600-\u06ff\u0750-\u077f",
    "Han": "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}  # fmt: skip


@lru_cache(maxsize=512)
def compile_java(pattern: str) -> re.Pattern[str]:
    """Translate ``(?<name>``, possessive and ``\\p{...}`` forms; \\d \\w \\s and (?i) know all scripts, as Joni's do.

    Raises:
        NativeError: INVALID_FUNCTION_ARGUMENT, the pattern is none.
    """
    text = re.sub(r"\(\?<(?![=!])", "(?P<", pattern)
    text = re.sub(r"\\k<(\w+)>", r"(?P=\1)", text).replace(r"\z", r"\Z").replace(r"\h", r"[ \t]")
    text = re.sub(r"(\[\^?[^\]]*?)?\\([pP])(?:\{\^?(\w+)\}|(\w))", _property, text)
    text = re.sub(r"\[:(\w+):\]", _bracketed, text)
    text = re.sub(r"\[([^\[\]&]+)&&\[(\^?)([^\[\]]+)\]\]", _intersected, text)
    text = re.sub(r"\\Q(.*?)(?:\\E|$)", lambda m: re.escape(m.group(1)), text, flags=re.DOTALL)
    if re.search(r"\\[pPGXRv](?![a-z])|&&\[", text):
        raise invalid(f"the local Athena does not support this regular expression: {pattern}")
    try:
        return re.compile(text)
    except (re.error, OverflowError) as error:
        raise invalid(f"{error} in regular expression: {pattern}") from error


@lru_cache(maxsize=64)
def _category(name: str) -> str | None:
    """The members of a Unicode general category (``L``, ``Lu``), as ranges of a character class."""
    if not re.fullmatch("[LMNPSZC][a-z]?", name):
        return None
    ranges: list[list[int]] = []
    for code in range(0x110000):
        if unicodedata.category(chr(code)).startswith(name):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


def _members(name: str) -> str | None:
    plain = name.removeprefix("Is") if name.removeprefix("Is") in _BLOCKS else name
    found = [_category(name) for name in _CATEGORIES.get(plain, (plain,))]
    return _POSIX.get(plain) or _BLOCKS.get(plain) or (None if None in found else "".join(x for x in found if x))


def _property(found: re.Match[str]) -> str:
    """``\\p{L}`` as a class of its own, or as part of the class that it stands in."""
    opened, letter, braced, single = found.groups()
    members = _members(braced or single)
    if members is None or (opened and letter == "P"):
        return found.group()
    return f"{opened}{members}" if opened else f"[{'^' if letter == 'P' else ''}{members}]"


def _bracketed(found: re.Match[str]) -> str:
    """``[:alpha:]`` inside a class."""
    return _members(found.group(1).capitalize().replace("Xdigit", "XDigit")) or found.group()


def _intersected(found: re.Match[str]) -> str:
    """``[a-z&&[^aeiou]]``: one class, and the other looked at ahead of it."""
    first, negated, second = found.groups()
    return f"(?:(?={'[^' if negated else '['}{second}])[{first}])"


@lru_cache(maxsize=512)
def _replacement(text: str) -> tuple[str | int, ...]:
    """Java's replacement: ``$1``, ``${name}``, ``\\$``."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            if at + 1 >= len(text):
                raise invalid("Incorrect escape sequence in replacement: " + text)
            parts.append(text[at + 1])
            at += 2
        elif char == "$":
            found = re.match(r"\$(?:(\d+)|\{(\w+)\})", text[at:])
            if found is None:
                raise invalid("Illegal replacement sequence: " + text)
            parts.append(int(found.group(1)) if found.group(1) else "\0" + found.group(2))
            at += found.end()
        else:
            parts.append(char)
            at += 1
    return tuple(parts)


def _group(pattern: re.Pattern[str], group: int) -> int:
    if not 0 <= group <= pattern.groups:
        raise invalid(f"Pattern has {pattern.groups} groups. Cannot access group {group}")
    return group


def _like(text: str, pattern: str) -> bool:
    return compile_java(pattern).search(text) is not None


def _extract(text: str, pattern: str, group: int) -> str | None:
    compiled = compile_java(pattern)
    _group(compiled, group)
    found = compiled.search(text)
    return found.group(group) if found else None


def _extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    compiled = compile_java(pattern)
    _group(compiled, group)
    return [found.group(group) for found in compiled.finditer(text)]


def _replace(text: str, pattern: str, replacement: str) -> str:
    compiled, parts = compile_java(pattern), _replacement(replacement)
    for part in parts:
        if isinstance(part, int):
            _group(compiled, part)

    def one(found: re.Match[str]) -> str:
        return "".join(
            (found.group(p) or "") if isinstance(p, int) else (found.group(p[1:]) or "") if p[0] == "\0" else p
            for p in parts
        )

    return compiled.sub(one, text)


def _pieces(text: str, pattern: str) -> list[dict[str, Any]]:
    """The text cut at the matches: plain pieces, and for each match its groups."""
    pieces: list[dict[str, Any]] = []
    last = 0
    for found in compile_java(pattern).finditer(text):
        pieces += [
            {"plain": text[last : found.start()], "groups": None},
            {"plain": None, "groups": list(found.groups())},
        ]
        last = found.end()
    return [*pieces, {"plain": text[last:], "groups": None}]


def _split(text: str, pattern: str) -> list[str]:
    parts, last = [], 0
    for found in compile_java(pattern).finditer(text):
        parts.append(text[last : found.start()])
        last = found.end()
    return [*parts, text[last:]]


def _position(text: str, pattern: str, start: int, occurrence: int) -> int:
    if start < 1:
        raise invalid("start position cannot be smaller than 1")
    if occurrence < 1:
        raise invalid("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for number, found in enumerate(compile_java(pattern).finditer(text, start - 1), 1):
        if number == occurrence:
            return found.start() + 1
    return -1


NATIVES: Final[list[Native]] = [
    native("regexp_like", _like, "VARCHAR VARCHAR", "BOOLEAN"),
    native("regexp_extract", _extract, "VARCHAR VARCHAR BIGINT", "VARCHAR", optional=True),
    native("regexp_extract_all", _extract_all, "VARCHAR VARCHAR BIGINT", "VARCHAR[]", optional=True),
    native("regexp_replace", _replace, "VARCHAR VARCHAR VARCHAR", "VARCHAR"),
    native("regexp_pieces", _pieces, "VARCHAR VARCHAR", "STRUCT(plain VARCHAR, groups VARCHAR[])[]"),
    native("regexp_split", _split, "VARCHAR VARCHAR", "VARCHAR[]"),
    native("regexp_count", lambda s, p: sum(1 for _ in compile_java(p).finditer(s)), "VARCHAR VARCHAR", "BIGINT"),
    native("regexp_position", _position, "VARCHAR VARCHAR BIGINT BIGINT", "INTEGER"),
]
