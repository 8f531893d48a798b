"""Whether an engine made of every pair of records what its options ask for."""

import json

from option_pairs import NOTED, PAIRS, Array, contract_of_pairs
from transform_world import Result

POSITION = {column.name for column in contract_of_pairs().columns if column.constant == "position"}
INT = "expected a whole number from -2147483648 to 2147483647, found a string that is not one"


def held_to_the_pairs(result: Result) -> None:
    """Whole: the good record's values, and of every other what became of it and why, and nothing else."""
    found = {q["position"]: (q["column_name"], q["rule"], q["reason"]) for q in result.quarantined}
    alone = [len(json.loads(q["violations"])) for q in result.quarantined]
    rows = {row["_position"]: row for row in result.accepted}
    bad = dict(enumerate(PAIRS, start=2))
    worth = {name: value for pair in PAIRS for name, value in pair.worth.items()}

    assert {name: rows[1][name] for name in worth} == worth
    assert rows[1]["_notes"] is None
    assert found == {place: pair.said for place, pair in bad.items() if pair.policy not in NOTED}
    assert set(alone) == {1}
    kept = {place: pair for place, pair in bad.items() if pair.policy in NOTED}
    assert rows.keys() == {1, *kept}
    for place, pair in kept.items():
        note = dict(zip(("column", "rule", "reason"), pair.said, strict=True)) | {"policy": pair.policy}
        assert json.loads(rows[place]["_notes"]) == [note]
        here = {name: place for name in worth if name in POSITION}
        assert {name: rows[place][name] for name in worth} == worth | here | pair.kept


def held_to_the_array(array: Array, result: Result) -> None:
    """The elements of the first record, and what became of the second one."""
    element = (1, 2, "leg", "type", INT)
    whole = [(2, 0, "*", "explode", array.reason)] if array.reason else []
    kept = [("p2", None, 0)] if "keep" in array.explode else []

    assert [(r["id"], r["leg"], r["number"]) for r in result.accepted] == [("p1", 5, 1), *kept]
    told = ("position", "element", "column_name", "rule", "reason")
    assert [tuple(q[name] for name in told) for q in result.quarantined] == [element, *whole]
    assert result.exploded is not None
    assert (result.exploded.records, result.exploded.skipped) == (2, int("skip" in array.explode))
