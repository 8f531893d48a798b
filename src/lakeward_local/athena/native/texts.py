"""Strings and bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import struct
import unicodedata
import zlib
from typing import Final
from urllib.parse import quote_plus, unquote, unquote_plus

from lakeward_local.athena.native.kit import Native, invalid, native
from lakeward_local.athena.native.numbers import java_double

#: What Trino's trim takes for white space (Unicode White_Space without the no-break ones).
_BLANKS: Final = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"  # noqa: E501


def _strpos(text: str, part: str, instance: int) -> int:
    """The position of the n-th occurrence, from the end when negative; 0 when there is none."""
    if instance == 0:
        raise invalid("'instance' must not be a zero")
    found, at = [], text.find(part)
    while at >= 0:
        found.append(at + 1)
        at = text.find(part, at + 1)
    wanted = instance - 1 if instance > 0 else len(found) + instance
    return found[wanted] if 0 <= wanted < len(found) else 0


def _split(text: str, delimiter: str, limit: int) -> list[str]:
    if not delimiter:
        raise invalid("The delimiter may not be the empty string")
    if limit <= 0:
        raise invalid("Limit must be positive")
    return text.split(delimiter, limit - 1)


def _pairs(text: str, entry: str, key_value: str) -> list[tuple[str, str]]:
    if not entry or not key_value:
        raise invalid("entryDelimiter and keyValueDelimiter must not be empty")
    if entry == key_value:
        raise invalid("entryDelimiter and keyValueDelimiter must not be the same")
    pairs = []
    for part in text.split(entry) if text else []:
        key, separator, value = part.partition(key_value)
        if not separator or key_value in value:
            raise invalid(f"Key-value delimiter must appear exactly once in each entry. Bad input: '{part}'")
        pairs.append((key, value))
    return pairs


def _split_to_map(text: str, entry: str, key_value: str) -> dict[str, str]:
    pairs = _pairs(text, entry, key_value)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise invalid("Duplicate keys are not allowed")
    return found


def _split_to_multimap(text: str, entry: str, key_value: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in _pairs(text, entry, key_value):
        found.setdefault(key, []).append(value)
    return found


def _replace(text: str, search: str, replacement: str) -> str:
    """An empty search puts the replacement around every character, as Java does."""
    return text.replace(search, replacement)


def _translate(text: str, source: str, target: str) -> str:
    table: dict[int, str | None] = {}
    for at, char in enumerate(source):
        table.setdefault(ord(char), target[at] if at < len(target) else None)
    return text.translate(table)


def _luhn(text: str) -> bool:
    if not text.isdigit():
        raise invalid(f"Input string contains non-digit characters: {text}") if text else invalid("empty input")
    doubled = [int(c) * 2 if at % 2 else int(c) for at, c in enumerate(reversed(text))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _soundex(text: str) -> str:
    codes = {c: str(i) for i, group in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), 1) for c in group}
    letters = [c for c in text.upper() if c.isalpha()]
    if not letters:
        return ""
    result, previous = letters[0], codes.get(letters[0])
    for letter in letters[1:]:
        code = codes.get(letter)
        if code and code != previous:
            result += code
        if letter not in "HW":
            previous = code
    return result[:4].ljust(4, "0")


def _format_number(value: float) -> str:
    for size, unit in ((1e15, "Q"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            scaled = value / size
            digits = 2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0
            return f"{scaled:.{digits}f}".rstrip("0").rstrip(".") + unit if digits else f"{scaled:.0f}{unit}"
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def _human_seconds(seconds: float) -> str:
    rest = round(abs(seconds))
    parts: list[str] = []
    for size, unit in ((604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, rest = divmod(rest, size)
        if count or (size == 1 and not parts):
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return ", ".join(parts)


def _substr_binary(data: bytes, start: int | None, length: int | None) -> bytes:
    if not start or abs(start) > len(data):
        return b""
    begin = start - 1 if start > 0 else len(data) + start
    return data[begin:] if length is None else data[begin : begin + max(length, 0)]


def _substr_binary_nulls(data: bytes | None, start: int | None, length: int | None) -> bytes | None:
    return None if data is None or start is None else _substr_binary(data, start, length)


def _pad_binary(side: str, data: bytes, size: int, padding: bytes) -> bytes:
    if not 0 <= size < 2**31:
        raise invalid("Target length must be in the range [0..2147483647]")
    if not padding:
        raise invalid("Padding bytes must not be empty")
    fill = (padding * (size // len(padding) + 1))[: max(size - len(data), 0)]
    return (fill + data if side == "left" else data + fill) if len(data) < size else data[:size]


def _url_part(part: str, url: str) -> str | None:
    found = _uri(url)
    if found is None:
        return None
    server = _SERVER.fullmatch(found["authority"] or "")
    host, port = (server["host"], server["port"]) if server else ("", None)
    if part == "port":
        return port or None
    return {"host": host, "protocol": found["protocol"] or ""}[part] if part in _RAW else unquote(found[part] or "")


#: What java.net.URI takes: no blanks, no ``"<>\\^`{|}``, two hexadecimal digits behind every per cent sign.
_MARKS: Final = r"(?:[\w\-.!~*'();:@&=+$,]|[^\x00-\xa0]|%[0-9A-Fa-f]{2}"
_URI: Final = re.compile(
    rf"(?:(?P<protocol>[A-Za-z][A-Za-z0-9+.\-]*):)?(?://(?P<authority>{_MARKS}|[\[\]])*))?(?P<path>{_MARKS}|/)*)"
    rf"(?:\?(?P<query>{_MARKS}|[/?\[\]])*))?(?:#(?P<fragment>{_MARKS}|[/?\[\]])*))?"
)
#: An authority that names a server; any other has no host and no port.
_SERVER: Final = re.compile(
    r"(?:[^@]*@)?(?P<host>\[[0-9A-Fa-f:.%]+\]|(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)*"
    r"(?:[A-Za-z](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.?|[0-9]{1,3}))(?::(?P<port>[0-9]*))?"
)
_RAW: Final = frozenset({"host", "protocol"})


def _uri(url: str) -> dict[str, str | None] | None:
    """The parts of a URI, or None when it is none; what is behind ``mailto:`` is no path."""
    found = _URI.fullmatch(url)
    if found is None or (found["authority"] == "" and not found["path"]):
        return None
    parts: dict[str, str | None] = found.groupdict()
    if parts["protocol"] and parts["authority"] is None and not found["path"].startswith("/"):
        parts |= {"path": None, "query": None}
    return parts


def _url_parameter(url: str, name: str) -> str | None:
    """The first value of a parameter in the decoded query: the empty text without a value, NULL without the name."""
    query = (_uri(url) or {}).get("query")
    if query is None:
        return None
    pairs = (x.partition("=") for x in unquote(query).split("&"))
    return next((value for key, _, value in pairs if key == name), None)


def _url_decode(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise invalid(f"Illegal hex characters in escape (%) pattern: {text}")
    return unquote_plus(text)


def _levenshtein(a: str, b: str) -> int:
    """By code points."""
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]


def _hmac(algorithm: str, data: bytes, key: bytes) -> bytes:
    if not key:
        raise invalid("Empty key")
    return hmac.new(key, data, algorithm).digest()


def _crc32(data: bytes) -> int:
    return zlib.crc32(data)


def _from_hex(text: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except binascii.Error as error:
        raise invalid(f"Invalid input: {error}") from error


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise invalid(f"Input is not valid base64: {error}") from error


def _from_big_endian(data: bytes, size: int) -> int:
    if len(data) != size:
        raise invalid(f"expected {size}-byte input, but got instead: {len(data)}")
    return int.from_bytes(data, "big", signed=True)


def _joined(texts: list[str | None], separator: str) -> str:
    return separator.join(x for x in texts if x is not None)


def _from_base32(text: str) -> bytes:
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise invalid(f"Invalid input: {error}") from error


_IEEE754: Final = {4: ">f", 8: ">d"}


def _from_ieee754(data: bytes, size: int) -> float:
    if len(data) != size:
        raise invalid(f"Input floating-point value must be exactly {size} bytes long")
    return float(struct.unpack(_IEEE754[size], data)[0])


def _decoded(data: bytes, replacement: str) -> str:
    """UTF-8, each invalid sequence replaced by one character or by nothing."""
    if len(replacement) > 1:
        raise invalid("Replacement character string must empty or a single character")
    return data.decode("utf-8", "replace").replace("\ufffd", replacement)


def _normalize(text: str, form: str) -> str:
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


_MASK: Final = 2**64 - 1
_P: Final = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)


def xxhash64(data: bytes) -> bytes:
    """XXH64 with seed 0, big-endian."""

    def rotate(x: int, r: int) -> int:
        return ((x << r) | (x >> (64 - r))) & _MASK

    def mix(acc: int, lane: int) -> int:
        return rotate((acc + lane * _P[1]) & _MASK, 31) * _P[0] & _MASK

    at, size = 0, len(data)
    if size >= 32:
        acc = [(_P[0] + _P[1]) & _MASK, _P[1], 0, -_P[0] & _MASK]
        while at + 32 <= size:
            acc = [mix(v, int.from_bytes(data[at + 8 * i : at + 8 * i + 8], "little")) for i, v in enumerate(acc)]
            at += 32
        value = sum(rotate(v, r) for v, r in zip(acc, (1, 7, 12, 18), strict=True)) & _MASK
        for v in acc:
            value = ((value ^ mix(0, v)) * _P[0] + _P[3]) & _MASK
    else:
        value = _P[4]
    value = (value + size) & _MASK
    while at + 8 <= size:
        value = (rotate(value ^ mix(0, int.from_bytes(data[at : at + 8], "little")), 27) * _P[0] + _P[3]) & _MASK
        at += 8
    if at + 4 <= size:
        value = (
            rotate(value ^ (int.from_bytes(data[at : at + 4], "little") * _P[0] & _MASK), 23) * _P[1] + _P[2]
        ) & _MASK
        at += 4
    for byte in data[at:]:
        value = rotate(value ^ (byte * _P[4] & _MASK), 11) * _P[0] & _MASK
    value = (value ^ (value >> 33)) * _P[1] & _MASK
    value = (value ^ (value >> 29)) * _P[2] & _MASK
    return (value ^ (value >> 32)).to_bytes(8, "big")


def _hash(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


NATIVES: Final[list[Native]] = [
    native("strpos", _strpos, "VARCHAR VARCHAR BIGINT", "BIGINT"),
    native("split", _split, "VARCHAR VARCHAR BIGINT", "VARCHAR[]"),
    native("split_to_map", _split_to_map, "VARCHAR VARCHAR VARCHAR", "MAP(VARCHAR,VARCHAR)"),
    native("split_to_multimap", _split_to_multimap, "VARCHAR VARCHAR VARCHAR", "MAP(VARCHAR,VARCHAR[])"),
    native("replace", _replace, "VARCHAR VARCHAR VARCHAR", "VARCHAR"),
    native("translate", _translate, "VARCHAR VARCHAR VARCHAR", "VARCHAR"),
    native("upper", lambda s: "".join(c.upper() if len(c.upper()) == 1 else c for c in s), "VARCHAR", "VARCHAR"),
    native("trim", lambda s: s.strip(_BLANKS), "VARCHAR", "VARCHAR"),
    native("ltrim", lambda s: s.lstrip(_BLANKS), "VARCHAR", "VARCHAR"),
    native("rtrim", lambda s: s.rstrip(_BLANKS), "VARCHAR", "VARCHAR"),
    native("reverse", lambda s: s[::-1], "VARCHAR", "VARCHAR"),
    native("reverse_binary", lambda b: b[::-1], "BLOB", "BLOB"),
    native("luhn", _luhn, "VARCHAR", "BOOLEAN"),
    native("soundex", _soundex, "VARCHAR", "VARCHAR"),
    native("double_text", java_double, "DOUBLE", "VARCHAR"),
    native("format_number", _format_number, "DOUBLE", "VARCHAR"),
    native("human_seconds", _human_seconds, "DOUBLE", "VARCHAR"),
    native("substr_binary", _substr_binary_nulls, "BLOB BIGINT BIGINT", "BLOB", nulls=True),
    native("pad_binary", _pad_binary, "VARCHAR BLOB BIGINT BLOB", "BLOB"),
    native("from_utf8", lambda b: b.decode("utf-8", "replace"), "BLOB", "VARCHAR"),
    native("url_part", _url_part, "VARCHAR VARCHAR", "VARCHAR", optional=True),
    native("url_parameter", _url_parameter, "VARCHAR VARCHAR", "VARCHAR", optional=True),
    native("url_encode", lambda s: quote_plus(s, safe="*-._").replace("~", "%7E"), "VARCHAR", "VARCHAR"),
    native("levenshtein", _levenshtein, "VARCHAR VARCHAR", "BIGINT"),
    native("hamming", lambda a, b: sum(x != y for x, y in zip(a, b, strict=True)), "VARCHAR VARCHAR", "BIGINT"),
    native("url_decode", _url_decode, "VARCHAR", "VARCHAR"),
    native("joined", _joined, "VARCHAR[] VARCHAR", "VARCHAR"),
    native("to_base32", lambda b: base64.b32encode(b).decode(), "BLOB", "VARCHAR"),
    native("from_base32", _from_base32, "VARCHAR", "BLOB"),
    native("to_ieee754", lambda x, size: struct.pack(_IEEE754[size], x), "DOUBLE BIGINT", "BLOB"),
    native("from_ieee754", _from_ieee754, "BLOB BIGINT", "DOUBLE"),
    native("from_utf8_with", _decoded, "BLOB VARCHAR", "VARCHAR"),
    native("normalize", _normalize, "VARCHAR VARCHAR", "VARCHAR"),
    native("from_hex", _from_hex, "VARCHAR", "BLOB"),
    native("from_base64", _from_base64, "VARCHAR", "BLOB"),
    native("to_big_endian", lambda v, size: v.to_bytes(size, "big", signed=True), "BIGINT BIGINT", "BLOB"),
    native("from_big_endian", _from_big_endian, "BLOB BIGINT", "BIGINT"),
    native("hash", _hash, "VARCHAR BLOB", "BLOB"),
    native("hmac", _hmac, "VARCHAR BLOB BLOB", "BLOB"),
    native("crc32", _crc32, "BLOB", "BIGINT"),
    native("xxhash64", xxhash64, "BLOB", "BLOB"),
]
