"""Records that become several rows: one for each element of an array in them."""

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from lakeward.contract.column import Column
from lakeward.contract.part import Part, Problem
from lakeward.contract.row_rules import RowRule
from lakeward.contract.shapes import Shape

EXPLODE = "explode"
"""The rule that a record breaks which has no array to explode."""
EACH = "[*]"
"""What stands in a column's path for the element that the row is made of."""

ArrayPath = Annotated[
    str, Shape(r"\$(\.[A-Za-z_][A-Za-z0-9_-]*)+", "a path of names to an array in a record, such as $.legs")
]
Without = Literal["quarantine", "keep", "skip"]


class Explode(Part):
    """One row for each element of an array in the record, instead of one for the record."""

    at: ArrayPath = Field(description="The array in a record, such as `$.legs`. Columns read its elements by `[*]`.")
    empty: Without = Field(
        default="quarantine",
        description=(
            "What becomes of a record whose array is empty: `quarantine` it; `keep` it as one row without an element; "
            "`skip` it, so that it is counted and makes no row."
        ),
    )
    missing: Without = Field(
        default="quarantine", description="The same of a record that has null there, or nothing at all."
    )
    on_violation: Literal["quarantine", "fail"] = Field(
        default="quarantine",
        description=(
            "What becomes of what is quarantined, and of anything that is no array: `quarantine` it; `fail`: publish "
            "nothing of the slot."
        ),
    )


def in_element(path: str) -> str | None:
    """What of a column's path leads on from the element: ``$.legs[*].from`` -> ``$.from``; None for the record's."""
    _, each, after = path.partition(EACH)
    return f"${after}" if each else None


def explode_problems(explode: Explode | None, columns: Sequence[Column], rules: Sequence[RowRule]) -> Iterator[Problem]:
    """Paths that go by the array, and what only makes sense with one; seen from the contract."""
    for number, column in enumerate(columns):
        if column.at is not None and (words := _path_problem(explode, column.at)):
            yield ("columns", number, "at"), f"{words}; found {column.at}"
        if column.constant == "element" and explode is None:
            words = "expected this with `source.records.explode`, which makes rows of elements; found it without"
            yield ("columns", number, "constant"), words
    if explode is None:
        return
    if not any(column.at is not None and in_element(column.at) for column in columns):
        words = f"expected a column that is read from an element, such as {explode.at}{EACH}.id; found none"
        yield ("source", "records", "explode", "at"), words
    for number, rule in enumerate(rules):
        if rule.name == EXPLODE:
            yield ("rules", number, "name"), "expected another name than that of exploding's own rule, found it"


def _path_problem(explode: Explode | None, at: str) -> str | None:
    if explode is None:
        words = f"expected a path without {EACH}, because records are not exploded (source.records.explode)"
        return words if EACH in at else None
    if EACH in at:
        if at.startswith(f"{explode.at}{EACH}"):
            return None
        array, _, after = at.partition(EACH)
        near = difflib.get_close_matches(array, [explode.at], n=1)
        hint = f"; did you mean {explode.at}{EACH}{after}?" if near else ""
        return f"expected a path into each element of the exploded array, {explode.at}{EACH}{hint}"
    array_steps, steps = (re.findall(r"\.[^.\[]+|\[\d+\]", path) for path in (explode.at, at))
    short = min(len(array_steps), len(steps))
    if array_steps[:short] != steps[:short]:
        return None
    if len(steps) < len(array_steps):
        return f"expected a place that does not hold the exploded array, {explode.at}, or one in it"
    after = re.sub(r"^(\[\d+\])", "", at.removeprefix(explode.at))
    return f"expected no other place in the exploded array than its element; did you mean {explode.at}{EACH}{after}?"
