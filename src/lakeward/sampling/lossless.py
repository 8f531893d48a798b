"""JSON whose numbers keep how they are written, and whose objects keep every member, in order, also one named twice.

What a sample does not change has to be read by an engine as it was read from raw: 1.10 stays 1.10.
"""

import json
import re
from dataclasses import dataclass
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, NoReturn

from lakeward.errors import IncompleteRun

HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Members:
    """An object: its members in order. A record of separated values is one too, of texts and None."""

    pairs: tuple[tuple[str, Any], ...]

    def of(self, name: str) -> list[Any]:
        """Every value that stands under a name."""
        return [value for found, value in self.pairs if found == name]


def parse(text: bytes) -> Any:
    """Read JSON: ``Members``, lists, texts, ``Number``, True, False and None.

    Raises:
        IncompleteRun: no JSON, or nested too deep. Never shows what stands there.
    """
    try:
        return json.loads(
            text,
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse,
            object_pairs_hook=lambda pairs: Members(tuple(pairs)),
        )
    except RecursionError:
        raise IncompleteRun("expected JSON that is not nested a thousand deep, found some that is") from None
    except ValueError:
        raise IncompleteRun("expected JSON, found something else") from None


def _refuse(_word: str) -> NoReturn:
    raise ValueError


def written(value: Any) -> str:
    """Write JSON without spaces."""
    match value:
        case Members():
            members = (f"{_quoted(name)}:{written(of)}" for name, of in value.pairs)
            return f"{{{','.join(members)}}}"
        case list():
            return f"[{','.join(map(written, value))}]"
        case str():
            return _quoted(value)
        case Number():
            return value.text
    return json.dumps(value)


def _quoted(text: str) -> str:
    """A text in quotes: readable, but for halves of characters, which UTF-8 cannot hold."""
    return encode_basestring_ascii(text) if text.isascii() or HALVES.search(text) else encode_basestring(text)
