"""Policies as IAM evaluates them, as far as ours go: actions and resources by pattern, and conditions on strings."""

import fnmatch
from collections.abc import Iterator, Mapping
from typing import Any

Document = dict[str, Any]
Statement = dict[str, Any]


def listed(value: Any) -> list[Any]:
    """A value that may stand alone or in a list."""
    return value if isinstance(value, list) else [value]


def statements_of(document: Document) -> list[Statement]:
    """The statements of a policy."""
    return listed(document["Statement"])


def allows(document: Document, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether whoever has this policy, and nothing else, may do something to a resource.

    Args:
        context: the condition keys of the request; a key that it lacks matches nothing.
    """
    effects = {s["Effect"] for s in statements_of(document) if _applies(s, action, resource, context or {})}
    return "Allow" in effects and "Deny" not in effects


def actions_of(document: Document) -> Iterator[str]:
    """Every action that is allowed, as it is written."""
    for statement in statements_of(document):
        if statement["Effect"] == "Allow":
            yield from listed(statement["Action"])


def _applies(statement: Statement, action: str, resource: str, context: Mapping[str, str]) -> bool:
    asked = action.lower()  # IAM compares actions without regard to case
    if "NotAction" in statement:
        if any(fnmatch.fnmatchcase(asked, pattern.lower()) for pattern in listed(statement["NotAction"])):
            return False
    elif not any(fnmatch.fnmatchcase(asked, pattern.lower()) for pattern in listed(statement["Action"])):
        return False
    if not any(fnmatch.fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"])):
        return False
    return all(
        _holds(operator, listed(wanted), context.get(key))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, wanted: list[str], found: str | None) -> bool:
    if found is None:
        return False
    match operator:
        case "StringEquals":
            return found in wanted
        case "StringLike":
            return any(fnmatch.fnmatchcase(found, pattern) for pattern in wanted)
        case other:
            raise ValueError(f"expected StringEquals or StringLike, found {other}")
