"""What a contract says of other datasets: checked where their contracts are at hand."""

import difflib

from lakeward.contract.model import Contract
from lakeward.contract.quality import Reference


def reference_problem(contract: Contract, rule: Reference, other: Contract) -> str | None:
    """Why a column cannot be looked up in another dataset's, or None when it can."""
    own = contract.column(rule.column)
    there = {column.name: column.type for column in other.columns}
    if rule.to not in there:
        near = difflib.get_close_matches(rule.to, there, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(there)}"
        return f"quality.references: expected the name of a column of {rule.dataset}, found {rule.to!r}; {hint}"
    if there[rule.to] != own.type:
        found = f"{rule.dataset}.{rule.to}, which is {there[rule.to]}"
        return f"quality.references: expected a column of type {own.type}, which {own.name} has; found {found}"
    return None
