"""The checks that make evidence besides the queries."""

import pytest

from lakeward.release.evidence import CHECKS, Judged
from lakeward.release.proof import closed, in_time, may, may_not, within_cutoff


def judged(milliseconds: int = 200, scanned_bytes: int = 10) -> Judged:
    return Judged(
        dataset="parcels", name="by_day", differences=0, milliseconds=milliseconds, scanned_bytes=scanned_bytes
    )


def test_together_they_are_all_that_a_promotion_asks_for():
    made = [
        in_time([judged()]),
        within_cutoff([judged()], 10),
        may({"a": True}),
        may_not({"b": False}),
        closed(["x"], []),
    ]

    assert tuple(check.name for check in made) == CHECKS
    assert all(check.holds for check in made)


@pytest.mark.parametrize(
    ("check", "found"),
    [
        (in_time([judged(), judged(milliseconds=30_001)]), "30001 ms for the slowest of 2"),
        (in_time([]), "0 ms for the slowest of 0"),
        (within_cutoff([judged(scanned_bytes=11)], 10), "a limit of 10 bytes, 11 bytes scanned at most"),
        (within_cutoff([judged()], None), "no limit that holds for every client, 10 bytes scanned at most"),
        (may({"read": False, "ask": True}), "denied: read"),
        (may({}), "all allowed"),
        (may_not({"delete": True, "write": False}), "allowed: delete"),
        (may_not({}), "all denied"),
        (closed(["raw", "curated"], ["raw"]), "open: raw"),
        (closed([], []), "blocked for all"),
    ],
)
def test_one_that_fails_or_looked_at_nothing_does_not_hold(check, found: str):
    assert (check.holds, check.found) == (False, found)
