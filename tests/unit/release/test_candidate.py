"""A query over a table that readers do not see yet."""

import pytest

from lakeward.release.candidate import over_candidate

VIEW = 'SELECT "id"\nFROM "curated"."parcels_v2"'
CANDIDATE = f'"parcels" AS (\n{VIEW}\n)'


@pytest.mark.parametrize(
    ("sql", "rewritten"),
    [
        ("SELECT count(*) FROM parcels", f"WITH {CANDIDATE}\nSELECT count(*) FROM parcels"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", f"WITH {CANDIDATE},\na AS (SELECT 1) SELECT * FROM a"),
        (
            "-- with a remark\nwith a AS (SELECT 1)\nSELECT 1",
            f"-- with a remark\nwith {CANDIDATE},\na AS (SELECT 1)\nSELECT 1",
        ),
        (
            "/* why */ WITH RECURSIVE a AS (SELECT 1) SELECT 1",
            f"/* why */ WITH RECURSIVE {CANDIDATE},\na AS (SELECT 1) SELECT 1",
        ),
        ("SELECT withheld FROM parcels", f"WITH {CANDIDATE}\nSELECT withheld FROM parcels"),
        ("-- WITH is in a remark\nSELECT 1", f"WITH {CANDIDATE}\n-- WITH is in a remark\nSELECT 1"),
    ],
)
def test_the_future_view_stands_before_the_query_and_before_its_own_names(sql: str, rewritten: str):
    assert over_candidate(sql, "parcels", VIEW) == rewritten
