"""Maintenance that publishes overtake: it goes on where it can, and leaves the rest for the next time otherwise."""

from collections.abc import Callable

import pytest
from lake_world import Lake, slot
from transform_world import record

from lakeward.adapters import iceberg_upkeep
from lakeward.maintain import Kept

DAYS = range(1, 7)
ATTEMPTS = 3
"""Of compaction, here: six would only take longer."""
Overtake = Callable[[int], None]


@pytest.fixture
def loaded(lake: Lake) -> Lake:
    """Six slots, one small file each, all in one partition."""
    for day in DAYS:
        lake.run(slot(day), [record(day)])
    return lake


@pytest.fixture
def overtaken(loaded: Lake, monkeypatch: pytest.MonkeyPatch) -> Callable[[Overtake], tuple[Kept, int]]:
    """Maintain while something happens after each file is written and before it is committed; and how often."""
    write, times = iceberg_upkeep.write_bundle, []
    monkeypatch.setattr("lakeward.maintain.run.ATTEMPTS", ATTEMPTS)

    def maintained(happens: Overtake) -> tuple[Kept, int]:
        def written(*given: object) -> tuple[str, int]:
            made = write(*given)  # type: ignore[arg-type]
            times.append(1)
            happens(len(times))
            return made

        monkeypatch.setattr(iceberg_upkeep, "write_bundle", written)
        kept, _ = loaded.maintain(days=0)
        return kept, len(times)

    return maintained


def test_a_publish_of_other_files_costs_no_second_writing(
    loaded: Lake, overtaken: Callable[..., tuple[Kept, int]]
) -> None:
    kept, written = overtaken(lambda _: loaded.run(slot(7), [record(7)]))

    assert (kept.files_compacted, kept.files_made, kept.finished, written) == (6, 1, True, 1)
    assert [row[0] for row in loaded.rows("id")] == [f"p{day}" for day in (*DAYS, 7)]
    assert len(loaded.data_keys()) == 2


def test_files_that_a_publish_replaced_are_compacted_anew(
    loaded: Lake, overtaken: Callable[..., tuple[Kept, int]]
) -> None:
    def newer(times: int) -> None:
        if times == 1:
            loaded.run(slot(7), [record(1, version=2)])

    kept, written = overtaken(newer)

    assert (kept.finished, written) == (True, 2)
    assert loaded.rows("id", "version") == [("p1", 2), *((f"p{day}", 1) for day in DAYS if day > 1)]


def test_being_overtaken_again_and_again_leaves_the_table_as_the_publishes_made_it(
    loaded: Lake, overtaken: Callable[..., tuple[Kept, int]]
) -> None:
    kept, written = overtaken(lambda times: loaded.run(slot(7 + times), [record(1, version=1 + times)]))

    assert (kept.files_compacted, kept.files_made, kept.finished, written) == (0, 0, False, ATTEMPTS)
    assert loaded.rows("id", "version") == [("p1", 1 + ATTEMPTS), *((f"p{day}", 1) for day in DAYS if day > 1)]
