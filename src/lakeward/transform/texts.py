"""A leaf's text made ready to be read: trimmed, its null words taken for no value, its words and numbers translated.

It happens in two steps, so that no expression holds a text twice over: ``trimmed`` first, then ``worded``.
"""

import re

from lakeward.contract import Column
from lakeward.contract.types import NUMERIC, Type
from lakeward.transform.leaf import Leaf, listed, quote

WHITE = " \\t\\n\\r\\f\\v"
SPACES = " \u00a0\u202f"
"""A space, a no-break space and a narrow one."""
PLAIN_WHOLE = r"-?(?:0|[1-9][0-9]*)"
PLAIN_FRACTION = r"(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


def trimmed(column: Column, leaf: Leaf) -> Leaf:
    """The leaf without white space around its text, where the column wants that."""
    if not column.trim:
        return leaf
    return Leaf(leaf.json, f"trim({leaf.text}, E'{WHITE}')", leaf.kind)


def worded(column: Column, of: Type, leaf: Leaf, all_texts: bool) -> Leaf:
    """The leaf with what its words mean.

    Args:
        column: has the options.
        of: the type of the value: the column's, or one inside it.
        leaf: trimmed.
        all_texts: whether the source knows texts only, so that a text which is a number or a truth value exactly as
            JSON writes it is one.
    """
    text, kind = leaf.text, leaf.kind
    if column.map_values is not None:
        words = " ".join(f"WHEN '{quote(word)}' THEN '{quote(value)}'" for word, value in column.map_values.items())
        text = f"CASE {text} {words} END"
        kind = f"CASE WHEN {kind} IN ('OBJECT', 'ARRAY') THEN {kind} ELSE 'VARCHAR' END"
    numeric = of.kind in NUMERIC
    if numeric and column.parse == "text":
        text, kind = _marked_number(column, text, kind)
    elif all_texts and (numeric or column.reading.startswith("epoch")):
        kind = _plain_number(text, kind)
    elif all_texts and of.kind == "boolean":
        kind = f"CASE WHEN {text} IN ('true', 'false') THEN 'BOOLEAN' ELSE {kind} END"
    absent = [f"{leaf.kind} = 'NULL'"] if kind != leaf.kind else []
    if column.null_words is not None:
        absent.append(f"({leaf.kind} NOT IN ('OBJECT', 'ARRAY') AND {leaf.text} IN ({listed(column.null_words)}))")
    if absent:
        kind = f"CASE WHEN {' OR '.join(absent)} THEN 'NULL' ELSE {kind} END"
    return Leaf(leaf.json, text, kind)


def _plain_number(text: str, kind: str) -> str:
    """The kind of number that a text is, if JSON would call it one without its quotes."""
    return (
        f"CASE WHEN regexp_full_match({text}, '{PLAIN_WHOLE}') THEN 'BIGINT' "
        f"WHEN regexp_full_match({text}, '{PLAIN_WHOLE}{PLAIN_FRACTION}') THEN 'DECIMAL' ELSE {kind} END"
    )


def _marked_number(column: Column, text: str, kind: str) -> tuple[str, str]:
    """A number with marks and signs as JSON would write it, and its kind. What is no number stays as it is."""
    whole, fraction = number_patterns(column)
    fits = f"regexp_full_match({text}, '{quote(fraction)}')"
    is_text = f"{kind} = 'VARCHAR'"
    number = text
    for sign in sorted(column.signs or [], key=len, reverse=True):
        number = f"replace({number}, '{quote(sign)}', '')"
    left_out = [*SPACES, "+", *([column.group_mark] if column.group_mark not in (None, *SPACES) else [])]
    for mark in left_out:
        number = f"replace({number}, '{quote(mark or '')}', '')"
    if column.decimal_mark != ".":
        number = f"replace({number}, '{column.decimal_mark}', '.')"
    is_whole = f"regexp_full_match({text}, '{quote(whole)}')"
    named = f"CASE WHEN {is_whole} THEN 'BIGINT' WHEN {fits} THEN 'DECIMAL' ELSE 'VARCHAR' END"
    return (
        f"CASE WHEN {is_text} AND {fits} THEN {number} ELSE {text} END",
        f"CASE WHEN {is_text} THEN {named} ELSE {kind} END",
    )


def number_patterns(column: Column) -> tuple[str, str]:
    """Regular expressions of a whole number's text, and of any number's, as ``parse: text`` knows them.

    A sign stands before the number, with or without a space between them, or after it; plus or minus before either. A
    space may be one that no line is broken at, also where it is the mark between groups.
    """
    space = f"[{SPACES}]"
    group = space if column.group_mark == " " else re.escape(column.group_mark) if column.group_mark else None
    digits = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)" if group else "[0-9]+"
    fraction = rf"(?:{re.escape(column.decimal_mark)}[0-9]+)?(?:[eE][+-]?[0-9]+)?"
    if column.signs is None:
        return rf"[+-]?{digits}", rf"[+-]?{digits}{fraction}"
    sign = f"(?:{'|'.join(re.escape(s) for s in sorted(column.signs, key=len, reverse=True))})"

    def with_sign(number: str) -> str:
        before, after = rf"{sign}{space}?", rf"(?:{space}?{sign})?"
        return rf"(?:[+-]?{number}{after}|{before}[+-]?{number}|[+-]{before}{number})"

    return with_sign(digits), with_sign(f"{digits}{fraction}")
