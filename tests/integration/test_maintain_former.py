"""The table of a former major version goes, with its files, when no view has shown it for as long as it is kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from lake_world import Lake, slot
from transform_world import contract, record

from lakeward import tables
from lakeward.adapters.former_tables import GlueFormerTables
from lakeward.adapters.glue_views import GlueViews, ensure_view
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.s3_shelf import S3Shelf
from lakeward.contract import Contract
from lakeward.maintain import Former, drop_former
from lakeward.views import view_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIRST = contract()
SECOND = FIRST.model_copy(update={"version": "2.0.0"})


class Catalog:
    """A lake whose table of version 1 holds a row, with a view over it."""

    def __init__(self, lake: Lake) -> None:
        self.lake, self.serving = lake, lake.curated_database.replace("curated", "serving")
        boto3.client("glue").create_database(DatabaseInput={"Name": self.serving})
        self.views = GlueViews(glue_client(), self.serving)
        lake.run(slot(1), [record(1)])
        ensure_view(self.views, self.serving, view_of("parcels", tables.curated(FIRST), lake.curated_database))

    def drop_former(self, of: Contract, days: int, *, dry_run: bool = False) -> list[Former]:
        client = glue_client()
        former = GlueFormerTables(client, catalog(client), self.lake.curated_database, self.views)
        shelf = S3Shelf(boto3.client("s3"), self.lake.bucket)
        return drop_former(of, former, shelf, NOW + timedelta(days=days), dry_run=dry_run)

    def stop_showing(self) -> None:
        boto3.client("glue").delete_table(DatabaseName=self.serving, Name="parcels")

    @property
    def there(self) -> tuple[bool, bool]:
        """Whether there is the table, and whether there are files of it."""
        listed = boto3.client("glue").get_tables(DatabaseName=self.lake.curated_database)["TableList"]
        files = [key for key in self.lake.objects() if key.startswith("curated/parcels_v1/")]
        return any(table["Name"] == "parcels_v1" for table in listed), bool(files)


@pytest.fixture
def world(cloud: str, tmp_path: Path) -> Catalog:
    return Catalog(Lake.make(FIRST, tmp_path))


def test_the_deployed_versions_own_table_is_never_looked_at(world: Catalog) -> None:
    world.stop_showing()

    assert world.drop_former(FIRST, days=400) == []
    assert world.there == (True, True)


def test_a_former_table_that_a_view_shows_stays(world: Catalog) -> None:
    assert world.drop_former(SECOND, days=0) == [Former("parcels_v1", "shown", None)]
    assert world.drop_former(SECOND, days=400) == [Former("parcels_v1", "shown", None)]


def test_one_that_nobody_shows_is_kept_for_its_days_and_then_dropped_with_its_files(world: Catalog) -> None:
    world.stop_showing()

    assert world.drop_former(SECOND, days=0) == [Former("parcels_v1", "waiting", "2026-11-27")]
    assert world.drop_former(SECOND, days=6) == [Former("parcels_v1", "waiting", "2026-11-27")]
    (told,) = world.drop_former(SECOND, days=7, dry_run=True)
    assert (told.outcome, world.there) == ("dropped", (True, True))
    assert world.drop_former(SECOND, days=7) == [told]
    assert world.there == (False, False)
    assert world.drop_former(SECOND, days=8) == []


def test_the_days_begin_anew_when_a_view_showed_it_in_between(world: Catalog) -> None:
    view = view_of("parcels", tables.curated(FIRST), world.lake.curated_database)
    world.stop_showing()
    world.drop_former(SECOND, days=0)
    ensure_view(world.views, world.serving, view)
    world.drop_former(SECOND, days=5)
    world.stop_showing()

    assert world.drop_former(SECOND, days=8) == [Former("parcels_v1", "waiting", "2026-12-05")]


def test_what_a_killed_call_left_is_removed_by_the_next(world: Catalog) -> None:
    world.stop_showing()
    boto3.client("glue").delete_table(DatabaseName=world.lake.curated_database, Name="parcels_v1")

    (former,) = world.drop_former(SECOND, days=0)

    assert (former.outcome, former.files_removed > 3, world.there) == ("dropped", True, (False, False))
