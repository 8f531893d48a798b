"""The function that keeps tables, called as its schedule calls it."""

from collections.abc import Iterator

import pytest
from pipeline_world import Pipeline, context, pipeline

from lakeward.errors import UnknownDataset
from lakeward.handlers import maintain


@pytest.fixture
def lake(cloud: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """An environment that is built and migrated."""
    with pipeline(monkeypatch) as made:
        yield made


def test_five_small_files_become_one_and_the_answer_says_so(lake: Pipeline) -> None:
    lake.run("2018-02-07T00:00Z", "earthquakes-20180207T0000Z", "2018-02-08T02:00:00.000Z")
    one = lake.table().scan(limit=1).to_arrow()
    for _ in range(5):
        lake.table().append(one)

    told = maintain.handler({"dataset": "earthquakes", "dry_run": True}, context())
    done = maintain.handler({"dataset": "earthquakes"}, context())
    again = maintain.handler({"dataset": "earthquakes"}, context())

    rows, refused = done["tables"]
    assert told["tables"] == [rows | {"snapshots_left": rows["snapshots_left"] - 1}, refused]  # the compaction's own
    assert (rows["files_compacted"], rows["files_made"]) == (6, 1)
    assert (rows["snapshots_expired"], rows["files_removed"], rows["finished"]) == (0, 0, True)
    assert [table["files_made"] for table in again["tables"]] == [0, 0]


def test_a_dataset_that_is_not_there_is_named(lake: Pipeline) -> None:
    with pytest.raises(UnknownDataset, match="did you mean 'earthquakes'"):
        maintain.handler({"dataset": "earthquake"}, context())
