"""Numbers and names as people read them."""

from datetime import UTC, datetime

import pytest

from lakeward.slot import Slot
from lakeward_local.report import words

DAY = Slot(datetime(2018, 1, 31, tzinfo=UTC))
HOUR = Slot(datetime(2018, 1, 31, 7, tzinfo=UTC), "hour")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0"),
        (0.00000123456, "$0.00000123"),
        (0.000449, "$0.000449"),
        (0.0999, "$0.0999"),
        (0.5, "$0.500"),
        (1.5, "$1.50"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars_have_three_digits_that_say_something(amount: float, text: str):
    assert words.dollars(amount) == text


@pytest.mark.parametrize(("number", "text"), [(1707, "1,707"), (0.0, "0"), (2.5, "2.50")])
def test_counts_are_whole_where_they_are_whole(number: float, text: str):
    assert words.count(number) == text


@pytest.mark.parametrize(("value", "text"), [(0.04, "0.0 s"), (4.25, "4.2 s"), (119.9, "119.9 s"), (150, "2 min 30 s")])
def test_seconds_become_minutes_from_two_minutes_on(value: float, text: str):
    assert words.seconds(value) == text


def test_a_share_of_nothing_is_nothing():
    assert [words.share(1, 3), words.share(0, 0)] == ["33%", "0%"]


def test_slots_are_named_as_short_as_their_interval_allows():
    assert [words.slot(DAY), words.slot(HOUR)] == ["31 Jan", "31 Jan 07:00"]
    assert words.slots(DAY, Slot(datetime(2018, 2, 7, tzinfo=UTC))) == "31 Jan 2018 to 7 Feb 2018"
    assert words.slots(DAY, DAY) == "31 Jan 2018"


def test_a_host_is_named_without_the_rest_of_its_url():
    assert words.host("https://rivers.test:8443/levels") == "rivers.test"
