"""Which slots keep the alarm on a stale dataset silent."""

from datetime import UTC, datetime, timedelta

import pytest

from lakeward.ops.freshness import is_news
from lakeward.slot import Every, Slot

NOW = datetime(2026, 11, 29, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "hours", "slot", "news"),
    [
        ("day", 30, "2026-11-28", True),  # yesterday's, as the schedule runs it
        ("day", 30, "2026-11-27", True),  # it ended 30 hours and a half ago: late by less than a slot
        ("day", 30, "2026-11-26", False),
        ("day", 30, "2018-01-31", False),  # a replay, a backfill, a canary
        ("hour", 2, "2026-11-29T05:00Z", True),
        ("hour", 2, "2026-11-29T03:00Z", True),
        ("hour", 2, "2026-11-29T02:00Z", False),
    ],
)
def test_a_slot_is_news_until_its_end_is_older_than_freshness_and_one_slot(
    every: Every, hours: int, slot: str, news: bool
):
    assert is_news(Slot.parse(slot, every), hours, NOW) is news


def test_the_last_instant_counts_and_the_one_after_it_does_not():
    slot = Slot.parse("2026-11-28", "day")
    last = slot.end + timedelta(hours=30 + 24)

    assert [is_news(slot, 30, last), is_news(slot, 30, last + timedelta(microseconds=1))] == [True, False]
