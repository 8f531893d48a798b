"""Whether a slot that was published says that a dataset is up to date."""

from datetime import datetime, timedelta

from lakeward.slot import INTERVALS, Slot


def is_news(slot: Slot, freshness_hours: int, now: datetime) -> bool:
    """Whether a slot is new enough to count against the alarm on a dataset that went stale.

    By the slot and the clock alone: a slot of long ago that is run again, filled in, or checked after a release is
    published as any other, and is no news. One slot's length is added, so that a run which follows its slot's end by
    nearly ``freshness_hours`` still counts.

    Args:
        freshness_hours: of the contract.
        now: aware.
    """
    return slot.end + timedelta(hours=freshness_hours) + INTERVALS[slot.every] >= now
