"""The function that keeps tables, called as its schedule calls it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from pipeline_world import Pipeline, context, pipeline

from lakeward.adapters.s3_shelf import S3Shelf
from lakeward.errors import UnknownDataset
from lakeward.handlers import maintain
from lakeward.maintain import remove_queried


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


def test_the_marts_in_a_datasets_folder_are_kept_with_it_and_what_their_queries_wrote_goes_in_time(
    lake: Pipeline,
) -> None:
    s3, bucket = boto3.client("s3"), lake.settings["CURATED_BUCKET"]
    young = "staging/marts/daily_routes/slot=20130309T0000Z/0123-4567/output.parquet"
    s3.put_object(Bucket=bucket, Key=young, Body=b"x")

    done = maintain.handler({"dataset": "flights"}, context())

    names = [table["table"].partition(".")[2] for table in done["tables"]]
    assert (names[:2], sorted(names[2:])) == (
        ["flights_v1", "flights"],
        ["carrier_months", "daily_routes", "flights_enriched"],
    )
    assert done["queried_removed"] == 0
    later = datetime.now(UTC) + timedelta(days=3, minutes=1)
    shelf = S3Shelf(s3, bucket)
    assert remove_queried(["daily_routes"], shelf, later, lambda: 900, dry_run=True) == 1
    assert remove_queried(["carrier_months"], shelf, later, lambda: 900, dry_run=False) == 0
    assert remove_queried(["daily_routes"], shelf, later, lambda: 900, dry_run=False) == 1
    assert [found.uri for found in shelf.below("staging/marts")] == []


def test_a_dataset_that_is_not_there_is_named(lake: Pipeline) -> None:
    with pytest.raises(UnknownDataset, match="did you mean 'earthquakes'"):
        maintain.handler({"dataset": "earthquake"}, context())
