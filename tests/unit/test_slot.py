"""Slots: the interval that identifies a run."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.errors import SlotInvalid
from lakeward.slot import INTERVALS, Every, Slot, floor

JANUARY_31 = datetime(2018, 1, 31, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.timezones())
EVERY = st.sampled_from(["hour", "day"])


@pytest.mark.parametrize(
    "text",
    [
        *("2018-01-31", "2018-01-31T00:00Z", "20180131T0000Z", "2018-01-31 00:00Z"),
        *("2018-01-31T00:00:00.000+00:00", "2018-01-31T01:00+01:00", "20180131"),
    ],
)
def test_a_slot_is_read_from_its_forms(text: str):
    assert Slot.parse(text, "day") == Slot(JANUARY_31, "day")


def test_a_slot_is_written_for_people_and_for_keys():
    slot = Slot.parse("2018-01-31T07:00Z", "hour")

    assert (str(slot), slot.key, slot.end) == (
        "2018-01-31T07:00Z",
        "20180131T0700Z",
        datetime(2018, 1, 31, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "expected a slot such as 2018-01-31 or 2018-01-31T00:00Z, found 'yesterday'"),
        ("2018-02-30", "expected a slot such as 2018-01-31 or 2018-01-31T00:00Z, found '2018-02-30'"),
        ("", "expected a slot such as 2018-01-31 or 2018-01-31T00:00Z, found ''"),
        (
            "2018-01-31T00:00",
            "expected a slot with an offset, found '2018-01-31T00:00'; write 2018-01-31T00:00Z if it is UTC",
        ),
        (
            "2018-01-31T05:00Z",
            (
                "expected a slot at the start of a UTC day, found 2018-01-31T05:00:00+00:00; "
                "the slot that holds this instant is 2018-01-31T00:00:00+00:00"
            ),
        ),
    ],
)
def test_what_is_no_slot_is_refused_with_what_to_write(text: str, said: str):
    with pytest.raises(SlotInvalid) as refused:
        Slot.parse(text, "day")

    assert refused.value.message == said


@pytest.mark.parametrize(
    "start", [datetime(2018, 1, 31), JANUARY_31.astimezone(timezone(timedelta(hours=1)))], ids=["naive", "not UTC"]
)
def test_a_slot_starts_in_utc(start: datetime):
    with pytest.raises(SlotInvalid, match="expected a slot in UTC"):
        Slot(start, "day")


def test_the_slot_before_an_instant_is_the_last_one_that_is_wholly_over():
    three = datetime(2018, 2, 1, 3, tzinfo=UTC)

    assert Slot.before(three, "day") == Slot(JANUARY_31)
    assert Slot.before(three, "hour") == Slot(datetime(2018, 2, 1, 2, tzinfo=UTC), "hour")


def test_at_midnight_the_day_before_is_over():
    assert Slot.before(datetime(2018, 2, 1, tzinfo=UTC), "day") == Slot(JANUARY_31)


def test_slots_until_another_are_all_of_them_with_both_ends():
    found = Slot.parse("2018-01-31", "day").until(Slot.parse("2018-02-02", "day"))

    assert [str(slot) for slot in found] == ["2018-01-31T00:00Z", "2018-02-01T00:00Z", "2018-02-02T00:00Z"]


def test_a_span_that_ends_before_it_begins_is_refused():
    with pytest.raises(SlotInvalid, match=r"expected --to at or after --from \(2018-02-01T00:00Z\)"):
        Slot.parse("2018-02-01", "day").until(Slot(JANUARY_31))


@given(instant=INSTANTS, every=EVERY)
def test_the_slot_before_any_instant_ends_at_most_an_interval_before_it(instant: datetime, every: Every):
    slot = Slot.before(instant, every)

    assert slot.end <= instant.astimezone(UTC) < slot.end + INTERVALS[every]


@given(instant=INSTANTS, every=EVERY)
def test_a_slot_is_read_back_from_both_of_its_forms(instant: datetime, every: Every):
    slot = Slot(floor(instant.astimezone(UTC), every), every)

    assert {Slot.parse(str(slot), every), Slot.parse(slot.key, every)} == {slot}
