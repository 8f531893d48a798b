"""A night's maintenance on a deployed cloud: every table of a dataset and its marts, forty days after it was loaded.

The tests follow one another: loaded, aged, kept by the command, kept by the nightly call.
"""

import json
from collections import Counter
from typing import Any

import pytest
from deployed_world import Deployed, day_of, recorded
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.table import Table
from safeguards_world import MART
from time_gone_by import days_go_by

from lakeward_local.local_cloud import LocalCloud

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

DAYS = ("2018-02-04", "2018-02-07")
LATE_DAY = "2018-02-02"


def of_day(day: str) -> list[dict[str, Any]]:
    """The recorded events of a day, the earliest first."""
    return sorted((e for e in recorded() if day_of(e) == day), key=lambda e: e["properties"]["time"])


DELETED, *OTHERS = of_day(DAYS[0])
CARRIER, LATE, SPOILT = of_day(DAYS[1])[0], of_day(LATE_DAY)[0], OTHERS[:6]
TABLES = {
    "curated": ("lakeward_local_curated", "sightings_v1"),
    "quarantine": ("lakeward_local_quarantine", "sightings"),
    "mart": ("lakeward_local_marts", MART),
}
LEFT_NOW = {"curated": 2, "quarantine": 1, "mart": 1}
"""States that the call itself leaves: a compaction's former one, and that of taking tombstones out."""
ORPHANS = [
    f"{folder}/data/left-by-a-lost-commit.parquet"
    for folder in ("curated/sightings_v1", "quarantine/sightings", f"marts/{MART}")
]


def saying(event: dict[str, Any], updated: int, **properties: Any) -> dict[str, Any]:
    """What another record is changed to, to be a version of an event."""
    told = {"time": event["properties"]["time"], "updated": updated, **properties}
    return {"id": event["id"], **{f"properties.{name}": value for name, value in told.items()}}


def change(event: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    return {"fault": {"kind": "change_record", "id": event["id"], "set": members}}


def load(deployed: Deployed, name: str) -> Table:
    """A table as its owner has it."""
    record = deployed.record
    endpoint = {"s3.endpoint": record.endpoint, "s3.access-key-id": record.account_id}
    secret = {"s3.secret-access-key": "test", "s3.region": record.region}
    return GlueCatalog("owner", client=deployed.clients.client("glue"), **endpoint, **secret).load_table(TABLES[name])


def scatter(table: Table) -> None:
    """The same rows, in a dozen files and more."""
    rows = table.scan().to_arrow()
    size = max(1, rows.num_rows // 12)
    table.overwrite(rows.slice(0, size))
    for start in range(size, rows.num_rows, size):
        table.append(rows.slice(start, size))


def rows(deployed: Deployed) -> list[list[dict[str, Any]]]:
    """What readers of every view get."""
    queries = (
        "SELECT id, event_date, updated_at, status FROM sightings ORDER BY id",
        "SELECT page, position, column_name, reason FROM sightings_quarantine ORDER BY page, position",
        f"SELECT event_date, network, events FROM {MART} ORDER BY event_date, network",
    )
    return [deployed.sql(query) for query in queries]


def state(deployed: Deployed) -> tuple[list[str], dict[str, str]]:
    """Every object of the lake that these tables are of, and each table's version."""
    ours = ("sightings", MART)
    keys = [key for key in deployed.newest("curated") if any(name in key for name in ours)]
    versions = {
        name: deployed.table_version(*(database.removeprefix("lakeward_local_"), table))
        for name, (database, table) in TABLES.items()
    }
    return sorted(keys), versions


def nightly(deployed: Deployed) -> dict[str, Any]:
    """Call the function as its schedule does."""
    schedules, functions = deployed.clients.client("scheduler"), deployed.clients.client("lambda")
    target = schedules.get_schedule(GroupName="lakeward-local", Name="lakeward-local-maintain-sightings")["Target"]
    answer = functions.invoke(FunctionName=target["Arn"], Payload=target["Input"])
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, told
    return told


@pytest.fixture(scope="module")
def loaded(started: tuple[Deployed, LocalCloud]) -> tuple[Deployed, list[list[dict[str, Any]]]]:
    """Two days, one of whose events is deleted by the other; tables of many files; what lost commits leave; forty
    days later. With what readers got before."""
    deployed, cloud = started
    gone = saying(DELETED, 4_000_000_000_000, status="deleted")
    deployed.lie(change(CARRIER, gone), *(change(event, {"properties.mag": "strong"}) for event in SPOILT))
    for day in DAYS:
        done = deployed.lakeward("run", "sightings", "--slot", day)
        assert done.returncode == 0, done.stderr
    deployed.lie()
    for name in TABLES:
        scatter(load(deployed, name))
    s3 = deployed.clients.client("s3")
    for key in ORPHANS:
        s3.put_object(Bucket=deployed.bucket("curated"), Key=key, Body=b"x")
    before = rows(deployed)
    assert len(before[1]) == len(SPOILT)
    assert DELETED["id"] not in {row["id"] for row in before[0]}
    days_go_by(deployed, cloud, 40)
    return deployed, before


def test_a_dry_run_says_what_is_due_and_does_nothing(loaded: tuple[Deployed, Any]) -> None:
    deployed, _ = loaded
    before = state(deployed)

    told = deployed.lakeward("maintain", "sightings", "--dry-run")

    assert told.returncode == 0, told.stderr
    assert "3 tables: what would be done in local" in told.stdout
    assert "that queries of marts wrote: would be removed" in told.stdout
    assert state(deployed) == before


def test_the_command_compacts_expires_and_removes_and_readers_notice_nothing(loaded: tuple[Deployed, Any]) -> None:
    deployed, before = loaded

    done = deployed.lakeward("maintain", "sightings")

    assert done.returncode == 0, done.stderr
    assert rows(deployed) == before
    keys, _ = state(deployed)
    assert [key for key in ORPHANS if key in keys] == []
    assert [key for key in keys if key.startswith("staging/marts/")] == []
    assert {key.rpartition("/")[2] for key in keys if key.startswith("staging/sightings/")} == {"retired.json"}
    for name in TABLES:
        table = load(deployed, name)
        files = Counter(str(task.file.partition) for task in table.scan().plan_files())
        assert (len(table.metadata.snapshots), max(files.values()) < 5) == (LEFT_NOW[name] + 1, True), name


def test_a_tombstone_is_no_row_any_more_and_what_it_deleted_does_not_come_back(loaded: tuple[Deployed, Any]) -> None:
    deployed, before = loaded
    held = load(deployed, "curated").scan(selected_fields=("id", "status")).to_arrow().to_pylist()
    assert [row for row in held if row["status"] == "deleted" or row["id"] == DELETED["id"]] == []
    deployed.lie(change(LATE, saying(DELETED, 1)))

    late = deployed.lakeward("run", "sightings", "--slot", LATE_DAY)

    deployed.lie()
    assert late.returncode == 0, late.stderr
    shown = {row["id"] for row in rows(deployed)[0]}
    assert DELETED["id"] not in shown
    assert shown > {row["id"] for row in before[0]}


def test_the_nightly_call_clears_what_the_command_retired_and_then_changes_nothing(
    loaded: tuple[Deployed, Any], started: tuple[Deployed, LocalCloud]
) -> None:
    deployed, cloud = started
    days_go_by(deployed, cloud, 40)
    before = rows(deployed)

    first = nightly(deployed)
    days_go_by(deployed, cloud, 4)
    second = nightly(deployed)
    settled = state(deployed)
    third = nightly(deployed)

    assert [table["finished"] for table in (*first["tables"], *second["tables"])] == [True] * 6
    assert (first["queried_removed"] > 0, second["queried_removed"]) == (True, 0)
    assert first["lists_changed"] > 0
    assert second["lists_changed"] > 0
    assert [key for key in settled[0] if key.startswith("staging/")] == []
    nothing = ("files_compacted", "snapshots_expired", "files_removed", "tombstones_forgotten")
    assert [{name: table[name] for name in nothing} for table in third["tables"]] == [dict.fromkeys(nothing, 0)] * 3
    assert (third["lists_changed"], third["queried_removed"]) == (0, 0)
    assert (state(deployed), rows(deployed)) == (settled, before)
