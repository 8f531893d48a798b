"""Whatever is written in a form that a column knows is read back as it was, by whichever engine."""

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transform_world import contract, record, transform

BERLIN = ZoneInfo("Europe/Berlin")
TIMES = st.datetimes(datetime(1950, 1, 1), datetime(2037, 12, 31))
PLAIN_DECIMALS = st.decimals(-(10**8), 10**8, places=2, allow_nan=False)


def german(value: Decimal) -> str:
    """1234567.89 -> 1.234.567,89 €"""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,")) + " €"


def shown_once(value: datetime) -> bool:
    """Whether Berlin's clocks show a time, and show it once."""
    earlier, later = (value.replace(tzinfo=BERLIN, fold=fold) for fold in (0, 1))
    return earlier.utcoffset() == later.utcoffset()


FORMS: dict[str, tuple[str, Any, Callable[[Any], Any]]] = {
    "a day": (
        "type: date, formats: ['%A, %-d. %B %Y']",
        st.dates(date(1000, 1, 1)),
        lambda d: f"{d:%A}, {d.day}. {d:%B %Y}",
    ),
    "days since 1970": ("type: date, parse: epoch_days", st.dates(), lambda d: (d - date(1970, 1, 1)).days),
    "an instant": (
        "type: timestamptz, formats: ['%d/%m/%Y %I:%M:%S.%f %p %z']",
        TIMES.map(lambda t: t.replace(tzinfo=UTC)),
        lambda t: f"{t:%d/%m/%Y %I:%M:%S.%f %p} +0000",
    ),
    "a time in Berlin": (
        "type: timestamp, zone: Europe/Berlin",
        TIMES.filter(shown_once).map(lambda t: t.replace(tzinfo=BERLIN).astimezone(UTC).replace(tzinfo=None)),
        lambda t: t.replace(tzinfo=UTC).astimezone(BERLIN).replace(tzinfo=None).isoformat(),
    ),
    "a German number": (
        "type: 'decimal(12,2)', parse: text, decimal_mark: ',', group_mark: ., signs: [€]",
        PLAIN_DECIMALS,
        german,
    ),
    "bytes": ("type: binary", st.binary(), lambda b: base64.b64encode(b).decode()),
    "bytes in hex": ("type: binary, parse: hex", st.binary(), lambda b: b.hex()),
    "a list of lists": ("type: list<list<string>>", st.lists(st.lists(st.text(), max_size=3), max_size=3), lambda v: v),
    "a map": (
        "type: 'map<string,bigint>'",
        st.dictionaries(st.text(), st.integers(-(2**63), 2**63 - 1), max_size=4).map(lambda d: list(d.items())),
        dict,
    ),
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_written_in_a_form_is_read_back(
    form: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    column, values, write = FORMS[form]
    drawn = data.draw(st.lists(values, min_size=1, max_size=20))
    records = [record(number, x=write(value)) for number, value in enumerate(drawn, start=1)]

    result = transform(contract(f"name: x, {column}, at: $.x"), [{"items": records}], tmp_path_factory.mktemp("form"))

    assert result.reasons() == []
    assert [row["x"] for row in result.accepted] == drawn
