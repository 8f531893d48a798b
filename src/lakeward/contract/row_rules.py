"""Rules over several columns of one row, as expressions."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from lakeward.contract.column import Column
from lakeward.contract.expression import parse_expression
from lakeward.contract.expression_types import assigned, typed
from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import Name
from lakeward.contract.types import parse_type

ROW = "*"
"""What stands for the column in what is said of a rule over several."""


class RowRule(Part):
    """What the values of a row must be to one another."""

    name: Name = Field(description="The rule's name, such as `arrives_after_departure`; it stands in quarantine.")
    holds: str = Field(
        min_length=1,
        max_length=2000,
        description="An expression as in `compute`, true of a row that is as it should be. NULL breaks nothing.",
    )
    on_violation: Literal["quarantine", "warn", "fail"] = Field(
        default="quarantine",
        description="What becomes of a record that breaks it: as for a column.",
    )


def row_rule_problems(rules: Sequence[RowRule], columns: Sequence[Column]) -> Iterator[Problem]:
    """Expressions that are none or not boolean, and names that stand twice."""
    types = {column.name: column.parsed_type for column in columns}
    names = [rule.name for rule in rules]
    for number, rule in enumerate(rules):
        if rule.name in names[:number]:
            yield ("rules", number, "name"), f"expected a name of its own, found {rule.name!r} again"
        try:
            assigned(typed(parse_expression(rule.holds), types), parse_type("boolean"))
        except ValueError as problem:
            yield ("rules", number, "holds"), str(problem)
