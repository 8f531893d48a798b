"""One place in a record as SQL: what stands there, its text, and what JSON calls it."""

import re
from dataclasses import dataclass

STEP = r"\.([A-Za-z_][\w\-]*)|(\[\d+\])"
"""The name of a member, or the index of an element in its brackets."""
NUMBER = "'BIGINT', 'UBIGINT', 'DOUBLE', 'DECIMAL'"
"""The kinds of a number: whole ones, those of JSON with a point or an exponent, and such in a text.

DuckDB reads the third by way of a double, so its text is what that prints as; the fourth's is as the source wrote it.
"""

ASTRAY, TWICE = "astray", "twice"
"""Kinds of a place that a path leads to through something else than an object, or through a name that stands twice."""


@dataclass(frozen=True)
class Leaf:
    """SQL expressions about one place.

    ``json`` is its JSON value, NULL when the path leads nowhere; only nested types need it. ``text`` is a string
    without its quotes, a number or a truth value as it prints. ``kind`` is DuckDB's json_type (VARCHAR, BIGINT,
    UBIGINT, DOUBLE, BOOLEAN, OBJECT, ARRAY), DECIMAL, 'NULL' for no value, or one of the two above: it is never NULL.
    """

    json: str
    text: str
    kind: str

    def when(self, kinds: str, value: str) -> str:
        """SQL of ``value`` where the place has one of the kinds, which are quoted; else NULL."""
        return f"CASE WHEN {self.kind} IN ({kinds}) THEN {value} END"


def leaf_of(json: str) -> Leaf:
    """The place that an SQL expression of type JSON is."""
    return Leaf(json, f"json_extract_string({json}, '$')", f"coalesce(json_type({json}), 'NULL')")


def quote(text: str) -> str:
    """Double the quotes of a text that goes between single quotes."""
    return text.replace("'", "''")


def listed(texts: list[str]) -> str:
    """Texts as SQL literals with commas between them."""
    return ", ".join(f"'{quote(text)}'" for text in texts)


def let(name: str, value: str, body: str) -> str:
    """SQL of ``body``, in which ``name`` stands for ``value``: worked out once, however often it is named."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


@dataclass(frozen=True)
class Way:
    """One step of a path: from ``around``, which is to be an OBJECT or an ARRAY (``wanted``), to ``path``.

    ``name`` is that of the member, None of an array's element.
    """

    around: str
    wanted: str
    path: str
    name: str | None


def ways_of(path: str) -> list[Way]:
    """The steps of a contract's path, the outermost first."""
    ways, around = [], "$"
    for name, index in re.findall(STEP, path):
        inner = f"{around}.{name}" if name else f"{around}{index}"
        ways.append(Way(around, "OBJECT" if name else "ARRAY", inner, name or None))
        around = inner
    return ways


def json_path(path: str) -> str:
    """A contract's path with every name quoted, so that a hyphen is a letter: ``$."a-b"[0]``."""
    return "$" + "".join(f'."{name}"' if name else index for name, index in re.findall(STEP, path))
