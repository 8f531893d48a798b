"""Windows of time as they are written: none is empty, or turned round, where clocks are set back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeward.contract.source_paging import TimeWindowsPaging
from lakeward.errors import IncompleteRun
from lakeward.formats.page import PageFacts
from lakeward.ingest.paging import Read, Step
from lakeward.ingest.paging_windows import ByWindow
from lakeward.slot import Slot

CLOCKS_BACK = Slot(datetime(2017, 11, 5, tzinfo=UTC))
"""The day on which New York's clocks show 01:00 to 02:00 twice: from 05:00 to 07:00 UTC."""
BARE = "%Y%m%d%H%M%S"


def windows(full: list[tuple[int, int]], slot: Slot = CLOCKS_BACK, **written: str) -> list[Step]:
    """All windows that are asked for, of a service that has too many records in windows of these places and minutes.

    Args:
        full: minute of the slot that a full window holds, and the minutes that it is longer than.
        slot: the first window.
        written: how instants are written.
    """
    asked = {"kind": "time_windows", "start_param": "since", "end_param": "until", "unit": "second"} | written
    pager = ByWindow(TimeWindowsPaging.model_validate({"end": "exclusive", **asked, "maximum_records": 2}), slot)
    step: Step | None = pager.first()
    steps = []
    while step is not None:
        steps.append(step)
        since, until = (datetime.fromisoformat(step.position[name]) for name in ("from", "until"))
        inside = [
            since <= slot.start + timedelta(minutes=at) < until and until - since > timedelta(minutes=least)
            for at, least in full
        ]
        step = pager.after(step, Read(PageFacts(None, 2 if any(inside) else 0, ""), {}))
    return steps


def test_windows_that_are_split_where_clocks_are_set_back_are_refused_rather_than_asked_for_turned_round():
    with pytest.raises(IncompleteRun, match="expected a window whose start, as it is written") as problem:
        windows([(5 * 60 + 50, 30)], instant_format=BARE, zone="America/New_York")

    assert "found one of 2017-11-05T05:" in problem.value.message


@pytest.mark.parametrize("form", ["iso_offset", "iso_z", "epoch_seconds", f"{BARE}%z", f"{BARE} %Z"])
def test_the_same_windows_with_their_offset_are_asked_for(form: str):
    assert len(windows([(5 * 60 + 50, 30)], instant_format=form, zone="America/New_York")) > 6


def test_a_whole_day_may_be_asked_for_by_clocks_that_are_set_back_in_it():
    (step,) = windows([], instant_format=BARE, zone="America/New_York")

    assert step.params == {"since": "20171104200000", "until": "20171105190000"}


def test_an_hour_that_ends_as_it_begins_is_refused():
    with pytest.raises(IncompleteRun, match=r"as it is written \(20171105010000\)"):
        windows([], Slot(datetime(2017, 11, 5, 5, tzinfo=UTC), "hour"), instant_format=BARE, zone="America/New_York")


def test_a_form_that_is_too_coarse_for_a_window_is_refused():
    with pytest.raises(IncompleteRun, match="instant_format is too coarse"):
        windows([(0, 60 * 12)], instant_format="date")


def test_a_day_that_is_included_may_end_as_it_begins():
    (step,) = windows([], instant_format="date", end="inclusive")

    assert step.params == {"since": "2017-11-05", "until": "2017-11-05"}


@settings(max_examples=300, deadline=None)
@given(full=st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 720)), max_size=6))
def test_windows_that_are_asked_for_lie_end_to_end_as_they_are_written(full: list[tuple[int, int]]):
    """However they are split: a service that goes by its own clocks is asked for every record once."""
    try:
        steps = windows(full, instant_format=BARE, zone="America/New_York")
    except IncompleteRun:
        return
    asked = [step.params for step in steps]
    spans = [(one["since"], one["until"]) for one in asked]
    last = [
        span
        for span in spans
        if not any(span != other and span[0] <= other[0] < other[1] <= span[1] for other in spans)
    ]

    assert all(since < until for since, until in spans)
    assert all(one[1] == other[0] for one, other in pairwise(sorted(last)))
