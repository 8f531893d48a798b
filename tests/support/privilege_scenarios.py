"""For each role the smallest use of it that needs all of its rights.

Before each use the account's owner puts things in order, so that nothing is found done already.
"""

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from deployed_world import day_of, recorded
from privilege_world import FunctionFailed, Privileges
from pyiceberg.catalog.glue import GlueCatalog

DATASET, TABLE = "earthquakes", "earthquakes_v1"
"""All of whose recorded days are published: readers are moved, and ticks come."""
TRIAL, TRIAL_TABLE = "trial", "trial_v1"
"""Another dataset, of which one slot is run again and again, one record of it to the quarantine."""
MART = "trial_by_day"
"""A mart of it."""
SLOT, KEY, STARTED_AT = "2018-02-02T00:00Z", "20180202T0000Z", "2018-02-03T03:00:00.000Z"
STEPS = ("ingest", "transform", "audit", "publish", "record")
ROLES = (*STEPS, "marts", "migrate", "maintain", "switch", "dispatch", "pipeline")
"""The roles that have a use, each a method of ``Scenarios``; by the name without ``lakeward-<environment>-``."""


@dataclass
class Scenarios:
    """The uses, by role."""

    world: Privileges
    answers: dict[str, Any] = field(default_factory=dict)
    """What each step of the slot last answered."""
    unbuilt: dict[str, Any] = field(default_factory=dict)
    """The mart's table, as it was before the slot was built."""
    unpublished: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The tables by database, as they were before the slot was published."""
    days: int = 0

    def of(self, role: str) -> Callable[[], None]:
        """The use of a role; it raises what the role's function fails with."""
        use: Callable[[], None] = getattr(self, role)
        return use

    def run_step_by_step(self) -> None:
        """Run the slot, and keep what the tables were before it."""
        broken = next(event for event in recorded() if day_of(event) == SLOT[:10])
        fault = {"kind": "change_record", "id": broken["id"], "set": {"properties.mag": "strong"}}
        self.world.deployed.lie({"fault": fault})
        for step in STEPS[:-2]:
            self.step(step)
        self.unpublished = {db: self.world.table(db, name) for db, name in self.tables()}
        self.unbuilt = self.world.table(*self.mart_table)
        for step in STEPS[-2:]:
            self.step(step)
        self.marts()

    def step(self, name: str) -> None:
        """Call a step as the state machine does: with what the steps before it answered."""
        event = {"dataset": TRIAL, "slot": SLOT, "execution": f"{TRIAL}-{KEY}", "started_at": STARTED_AT, "asked": {}}
        before = STEPS[: STEPS.index(name)]
        self.answers[name] = self.world.call(name, event | {step: self.answers[step] for step in before})

    def tables(self) -> list[tuple[str, str]]:
        """Database and name of the trial's tables: of its rows, and of what was refused."""
        databases = self.world.outputs["databases"]
        return [(databases["curated"], TRIAL_TABLE), (databases["quarantine"], TRIAL)]

    @property
    def serving(self) -> str:
        """The database of views."""
        return str(self.world.outputs["databases"]["serving"])

    def ingest(self) -> None:
        """A slot that raw has nothing of."""
        self.world.forget("raw", f"{TRIAL}/slot={KEY}/")
        self.step("ingest")

    def transform(self) -> None:
        """A slot that was never staged."""
        self.world.forget("curated", f"staging/{TRIAL}/slot={KEY}/")
        self.step("transform")

    def audit(self) -> None:
        """A slot that was staged; and one that was not, which must be told from one that it may not see."""
        self.step("audit")
        staged = self.answers["transform"]
        self.answers["transform"] = staged | {"staged_key": f"staging/{TRIAL}/slot={KEY}/none/staged.json"}
        try:
            self.step("audit")
        except FunctionFailed as problem:
            if "StagedMissing" not in str(problem):
                raise
        finally:
            self.answers["transform"] = staged

    def publish(self) -> None:
        """A slot that was staged, and not published."""
        for database, table in self.unpublished.items():
            self.world.client("glue").update_table(DatabaseName=database, TableInput=table)
        self.step("publish")

    @property
    def mart_table(self) -> tuple[str, str]:
        """Database and name of the trial's mart."""
        return self.world.outputs["databases"]["marts"], MART

    def marts(self) -> None:
        """A mart that was never built: what is to be queried, and the commit of what was."""
        athena = self.world.client("athena")
        self.world.client("glue").update_table(DatabaseName=self.mart_table[0], TableInput=self.unbuilt)
        event = {"dataset": TRIAL, "slot": SLOT, "execution": f"{TRIAL}-{KEY}"}
        asked = self.world.call("marts", event | {"marts": self.answers["publish"]["marts"]})
        started = athena.start_query_execution(
            QueryString=f"{asked['building']['before']}{uuid.uuid4()}{asked['building']['after']}",
            WorkGroup=self.world.outputs["workgroup"],
            QueryExecutionContext={"Database": self.serving},
        )
        while True:
            queried = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
            if queried["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        query = {"QueryExecution": {name: queried[name] for name in ("QueryExecutionId", "Statistics")}}
        built = self.world.call("marts", event | {"marts": asked | {"query": query}})
        assert [done["outcome"] for done in built["done"]] == ["built"], built

    def record(self) -> None:
        """A run that is over."""
        self.step("record")

    def migrate(self) -> None:
        """A catalog in which one table and one view are missing, and the others are not as their contracts say."""
        glue, ((curated, rows), (quarantine, refused)) = self.world.client("glue"), self.tables()
        missing, refused_view = {curated: rows, self.serving: TRIAL}, f"{TRIAL}_quarantine"
        shown = [(self.serving, TRIAL), (self.serving, refused_view)]
        with self.kept((curated, rows), (quarantine, refused), self.mart_table, *shown):
            self.describe_otherwise(quarantine, refused)
            self.describe_otherwise(*self.mart_table)
            view = self.world.table(self.serving, refused_view) | {"Description": "Something else."}
            glue.update_table(DatabaseName=self.serving, TableInput=view)
            for database, name in missing.items():
                glue.delete_table(DatabaseName=database, Name=name)
            self.world.call("migrate", {})

    @contextmanager
    def kept(self, *tables: tuple[str, str]) -> Iterator[None]:
        """Whatever becomes of these tables and views, afterwards they are what they were."""
        glue, were = (
            self.world.client("glue"),
            [(database, self.world.table(database, name)) for database, name in tables],
        )
        try:
            yield
        finally:
            for database, table in were:
                try:
                    glue.update_table(DatabaseName=database, TableInput=table)
                except glue.exceptions.EntityNotFoundException:
                    glue.create_table(DatabaseName=database, TableInput=table)

    def describe_otherwise(self, database: str, name: str) -> None:
        """Let an Iceberg table say something else of itself than its contract."""
        s3, glue, table = self.world.client("s3"), self.world.client("glue"), self.world.table(database, name)
        bucket, _, key = table["Parameters"]["metadata_location"].removeprefix("s3://").partition("/")
        metadata = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        metadata["properties"]["comment"] = "Something else."
        changed = f"{key.rpartition('/')[0]}/00099-{uuid.uuid4()}.metadata.json"
        s3.put_object(Bucket=bucket, Key=changed, Body=json.dumps(metadata).encode())
        parameters = table["Parameters"] | {"metadata_location": f"s3://{bucket}/{changed}"}
        glue.update_table(DatabaseName=database, TableInput=table | {"Parameters": parameters})

    def maintain(self) -> None:
        """Tables with five files more in one partition."""
        endpoint = {"s3.endpoint": self.world.deployed.record.endpoint, "s3.access-key-id": "111111111111"}
        secret = {"s3.secret-access-key": "test", "s3.region": "us-east-1"}
        glue = GlueCatalog("owner", client=self.world.client("glue"), **endpoint, **secret)
        with self.kept(*self.tables()):
            for name in self.tables():
                table = glue.load_table(name)
                rows = table.scan(limit=1).to_arrow()
                for _ in range(5):
                    table.append(rows)
            kept = self.world.call("maintain", {"dataset": TRIAL})["tables"]
            assert [table["files_made"] for table in kept] == [1, 1, 0]  # the mart has few files

    def dispatch(self) -> None:
        """The tick of a day that was never run. What it starts is stopped at once."""
        self.days += 1
        tick = date(2018, 3, 1) + timedelta(days=self.days)
        event = {"dataset": DATASET, "scheduled_at": f"{tick}T03:00:00Z"}
        started = self.world.call("dispatch", event)
        arn = self.world.outputs["state_machine_arn"].replace(":stateMachine:", ":execution:")
        self.world.client("stepfunctions").stop_execution(executionArn=f"{arn}:{started['execution']}")

    def switch(self) -> None:
        """A view that shows another table is moved. Then the trial goes back to before its slot, and forth again."""
        glue, views = self.world.client("glue"), [(self.serving, DATASET), (self.serving, f"{DATASET}_quarantine")]
        with self.kept(*views, *self.tables(), self.mart_table):
            now = self.world.call("switch", {"action": "look"})
            view = self.world.table(self.serving, DATASET)
            glue.update_table(DatabaseName=self.serving, TableInput=showing(view, "earthquakes_v0"))
            self.world.call("switch", {"action": "switch", "datasets": [DATASET]})
            before = json.loads(json.dumps(now))
            for table in (f"curated.{TRIAL_TABLE}", f"quarantine.{TRIAL}", f"marts.{MART}"):
                before["tables"][table]["snapshot_id"] = None
            glue.delete_table(DatabaseName=self.serving, Name=f"{DATASET}_quarantine")
            self.world.call("switch", {"action": "restore", "point": before})
            self.world.call("switch", {"action": "restore", "point": now})

    def pipeline(self) -> None:
        """A run that succeeds, and one that fails and says so."""
        status, history = self.world.execute({"dataset": TRIAL, "slot": SLOT})
        assert status == "SUCCEEDED", history
        status, history = self.world.execute({"dataset": DATASET, "slot": "no slot"})
        alerts = self.world.deployed.alerts()
        assert [alert["error"] for alert in alerts] == ["SlotInvalid"], history


def add_mart(root: Path) -> None:
    """Give the trial a mart: what a person writes in its folder."""
    folder = root / "datasets" / TRIAL / "marts"
    folder.mkdir()
    column = "required: true, description: Something of the day."
    (folder / f"{MART}.yaml").write_text(
        f"mart: 1\nname: {MART}\nowner: team\ndescription: Events of the trial by day.\nmode: slot\n"
        f"inputs:\n  - {{name: {TRIAL}, rows: slot}}\npartition_by: event_date\nunique: [event_date]\n"
        f"columns:\n  - {{name: event_date, type: date, {column}}}\n  - {{name: events, type: bigint, {column}}}\n"
    )
    select = "SELECT event_date, count(*) AS events"
    where = "WHERE event_date = DATE '{slot.date}' GROUP BY event_date"
    (folder / f"{MART}.sql").write_text(f"{select} FROM {TRIAL} {where}\n")


def showing(view: dict[str, Any], table: str) -> dict[str, Any]:
    """A view's definition over another table."""
    encoded = view["ViewOriginalText"].split()[3]
    document = base64.b64decode(encoded).decode().replace(TABLE, table)
    return view | {"ViewOriginalText": f"/* Presto View: {base64.b64encode(document.encode()).decode()} */"}
