"""What holds the two ways through a transform to the same: a contract of all that both know, values, outcomes."""

from typing import Any

from hypothesis import strategies as st
from transform_world import _read, contract

from lakeward import tables
from lakeward.contract import Contract
from lakeward.ports.lake import FieldIds, Transformed

COLUMNS = (
    "name: flag, type: boolean, at: $.flag",
    "name: small, type: int, at: $.n.small, minimum: -5, maximum: 1000",
    "name: big, type: bigint, at: $.n.big",
    "name: ratio, type: double, at: '$.n.at[1]', minimum: -1.5",
    'name: price, type: "decimal(10,2)", at: $.price',
    "name: word, type: string, at: $.word, pattern: '[^x]*', max_length: 40",
    "name: kind, type: string, at: $.kind, allowed: [a, 'b \"c\"', é]",
    "name: seen, type: timestamp, at: $.seen",
    "name: made_ms, type: timestamp, at: $.made_ms, parse: epoch_milliseconds",
    "name: made_s, type: timestamp, at: $.made_s, parse: epoch_seconds",
    "name: due, type: date, at: $.due",
)
PARCELS = contract(*COLUMNS)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-10, 2000),
    st.floats(allow_nan=True),
    st.sampled_from([5.0, 5.5, -0.0, 1e15, 2**53, 1e22, 1e-7, 0.1, 12.34, 12.345, 10**18]),
)
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["5", "true", "null", "", "a", 'b "c"', "é", "👍🏽", "\\", "\x00", "\ud7ff", "12.34", "1e3", "-1.5"]
    ),
)
INSTANTS = st.sampled_from(
    [
        *(
            "2024-03-01T12:00:00Z",
            "2024-03-01 12:00:00.123456Z",
            "2024-03-01T12:00:00+01:00",
            "2024-03-01T12:00:00-0930",
        ),
        *(
            "2024-03-01T12:00:00",
            "2024-03-01T24:00:00Z",
            "2024-03-01T12:00Z",
            "2024-02-30T12:00:00Z",
            "0001-01-01T00:00:00Z",
        ),
        *(
            "9999-12-31T23:59:59-10:00",
            "2016-12-31T23:59:60Z",
            "2024-03-01t12:00:00z",
            " 2024-03-01T12:00:00Z",
            "2024-3-1T12:00:00Z",
        ),
        *(
            "2024-03-01T12:00:00.1234567Z",
            "2024-03-01",
            "2024-02-29",
            "2023-02-29",
            "0000-01-01",
            "2024-1-1",
            "10000-01-01",
        ),
    ]
)
FLAT = contract(*(column.replace("'$.n.at[1]'", "$.ratio").replace("$.n.", "$.") for column in COLUMNS))
"""The same without anything nested, as separated values have it."""


def ids_of(of: Contract) -> tuple[FieldIds, FieldIds]:
    """Field ids of both tables, from 1."""
    curated, quarantine = (
        {c.name: n for n, c in enumerate(d.columns, 1)} for d in (tables.curated(of), tables.quarantine(of))
    )
    return curated, quarantine


def outcome(made: Transformed) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]], dict[tuple[str, str], int]]:
    """Everything that a transform says, in an order of its own."""
    accepted, refused = _read([f.path for f in made.accepted], "_page, _position"), [f.path for f in made.quarantined]
    return made.valid, accepted, _read(refused, "page, position"), dict(sorted(made.broken.items()))
