"""What is left of a record when everything that the contract reads is taken away."""

import json
import re
from typing import Any

from lakeward.contract import Contract
from lakeward.contract.explode import EACH
from lakeward.transform.exploded import with_left_over
from lakeward.transform.leaf import quote

EMPTY = r',"[^"\\]*":\{\}|"[^"\\]*":\{\},?'
"""A member that is an empty object, with one of the commas beside it. No text in a value looks so: there, quotes are
escaped."""
Steps = tuple[str, ...]
"""A path step by step; ``[]`` is any element of an array."""


def left_over_sql(contract: Contract) -> str:
    """SQL of what no column is read from, as JSON text without empty objects; NULL when nothing is left.

    Of a row that is an element of an array, it is what is left of the element, in what is left of the record.
    """
    paths = named_paths(contract)
    if contract.explode is None:
        return _rest("_record", paths)
    array = steps_of(f"{contract.explode.at}{EACH}")
    inner = {path[len(array) :] for path in paths if path[: len(array)] == array}
    return with_left_over(contract.explode, _rest("_record", paths), _rest("_inner", inner))


def _rest(json_value: str, paths: set[Steps]) -> str:
    """The same of one JSON value."""
    patch: dict[str, Any] = {}
    deepest = 0
    for steps in sorted(paths):
        names = [step for step in steps[: steps.index("[]")] if step] if "[]" in steps else list(steps)
        if not names:
            return "CAST(NULL AS VARCHAR)"
        deepest = max(deepest, len(names))
        _take_away(patch, names)
    rest = f"CAST(json_merge_patch({json_value}, '{quote(json.dumps(patch))}') AS VARCHAR)"
    for _ in range(deepest):
        rest = f"regexp_replace({rest}, '{EMPTY}', '', 'g')"
    return f"nullif({rest}, '{{}}')"


def _take_away(patch: dict[str, Any], names: list[str]) -> None:
    """Add a path to a merge patch (RFC 7396): null takes a member away. An outer path takes all inner ones with it."""
    for name in names[:-1]:
        inner = patch.setdefault(name, {})
        if inner is None:
            return
        patch = inner
    patch[names[-1]] = None


def named_paths(contract: Contract) -> set[Steps]:
    """The paths that anything is read from."""
    source = contract.source
    others = [source.incremental.at if source.incremental else None, getattr(source.paging, "key_at", None)]
    return {steps_of(path) for path in (*(column.at for column in contract.columns), *others) if path}


def steps_of(path: str) -> Steps:
    """``$.items[0].id`` -> items, [], id: every element of an array is as good as another."""
    return tuple("[]" if index else name for name, index in re.findall(r"\.([A-Za-z_][\w\-]*)|(\[(?:\d+|\*)\])", path))
