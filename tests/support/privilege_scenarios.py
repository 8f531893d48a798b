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
from functools import cached_property
from typing import Any

from deployed_world import day_of, recorded
from privilege_trial import DATASET, FORMER_TABLE, MART, TRIAL, TRIAL_TABLE, Login, bring_back_what_is_old
from privilege_world import FunctionFailed, Privileges
from pyiceberg.catalog.glue import GlueCatalog

TABLE = "earthquakes_v1"
"""Of the dataset all of whose recorded days are published: readers are moved, and ticks come. Of the trial one slot is
run again and again, one record of it to the quarantine."""
SLOT, KEY, STARTED_AT = "2018-02-02T00:00Z", "20180202T0000Z", "2018-02-03T03:00:00.000Z"
STEPS = ("ingest", "transform", "audit", "publish", "record")
ROLES = (*STEPS, "transform-job", "marts", "migrate", "maintain", "switch", "dispatch", "pipeline")
"""The roles that have a use, each a method of ``Scenarios``; by the name without ``lakeward-<environment>-``."""
NEVER = {"lakeward.unread-since": "2018-01-01T00:00:00+00:00"}
"""What maintenance notes on a table that no view shows any more."""


@dataclass
class Scenarios:
    """The uses, by role."""

    world: Privileges
    login: Login
    answers: dict[str, Any] = field(default_factory=dict)
    """What each step of the slot last answered."""
    unbuilt: dict[str, Any] = field(default_factory=dict)
    """The mart's table, as it was before the slot was built."""
    unpublished: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The tables by database, as they were before the slot was published."""
    in_pieces: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The tables by database, as they are with more small files than they should have."""
    days: int = 0

    def of(self, role: str) -> Callable[[], None]:
        """The use of a role; it raises what the role's function fails with."""
        use: Callable[[], None] = getattr(self, role.replace("-", "_"))
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
        self.answers[name] = self.world.call(name, self.event(name))

    def event(self, name: str) -> dict[str, Any]:
        """What the state machine gives a step."""
        event = {"dataset": TRIAL, "slot": SLOT, "execution": f"{TRIAL}-{KEY}", "started_at": STARTED_AT, "asked": {}}
        return event | {step: self.answers[step] for step in STEPS[: STEPS.index(name)]}

    def tables(self) -> list[tuple[str, str]]:
        """Database and name of the trial's tables: of its rows, and of what was refused."""
        databases = self.world.outputs["databases"]
        return [(databases["curated"], TRIAL_TABLE), (databases["quarantine"], TRIAL)]

    @property
    def serving(self) -> str:
        """The database of views."""
        return str(self.world.outputs["databases"]["serving"])

    def ingest(self) -> None:
        """A slot that raw has nothing of, of a service that wants to be told who asks."""
        self.login.begin()
        self.world.forget("raw", f"{TRIAL}/slot={KEY}/")
        self.step("ingest")

    def transform(self) -> None:
        """A slot that was never staged."""
        self.world.forget("curated", f"staging/{TRIAL}/slot={KEY}/")
        self.step("transform")

    def transform_job(self) -> None:
        """The same by Spark; the function finds what it staged."""
        self.world.forget("curated", f"staging/{TRIAL}/slot={KEY}/")
        ingested, code = self.answers["ingest"], self.world.deployed.bucket("artifacts")
        arguments = {"dataset": TRIAL, "slot": SLOT, **{k: ingested[k] for k in ("certificate_key", "release")}}
        arguments["extra-py-files"] = f"s3://{code}/functions/{ingested['release']}.zip"
        self.world.run_job({f"--{name}": value for name, value in arguments.items()})
        found = self.world.call("transform", self.event("transform") | {"job": {"JobRunState": "SUCCEEDED"}})
        assert (found["made"], found["engine"]) == (False, "spark"), found
        self.answers["transform"] = found

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
        """A run that is over, and of which the ops tables have nothing."""
        self.world.forget("curated", "ops/")
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
        """Tables with five files more in one partition; files that nothing leads to, and a list, long ago; a table of a
        former major version that nobody has read since."""
        bring_back_what_is_old(self.world)
        with self.kept(*self.tables(), self.mart_table):
            if not self.in_pieces:
                self.in_pieces = self.break_into_pieces()
            for database, table in self.in_pieces.items():
                self.world.client("glue").update_table(DatabaseName=database, TableInput=table)
            self.leave_former_table()
            done = self.world.call("maintain", {"dataset": TRIAL})
        assert [table["files_made"] for table in done["tables"]] == [1, 1, 1], done
        assert [table["files_removed"] for table in done["tables"]] == [1, 1, 1], done
        assert done["lists_changed"] == 1, done
        assert [(left["table"], left["outcome"]) for left in done["former"]] == [(FORMER_TABLE, "dropped")], done

    @cached_property
    def iceberg(self) -> GlueCatalog:
        """The catalog as its owner sees it."""
        endpoint = {"s3.endpoint": self.world.deployed.record.endpoint, "s3.access-key-id": "111111111111"}
        secret = {"s3.secret-access-key": "test", "s3.region": "us-east-1"}
        return GlueCatalog("owner", client=self.world.client("glue"), **endpoint, **secret)

    def break_into_pieces(self) -> dict[str, dict[str, Any]]:
        """Add five files to each table; answers what the tables then are, by database."""
        names = [*self.tables(), self.mart_table]
        for name in names:
            table = self.iceberg.load_table(name)
            rows = table.scan(limit=1).to_arrow()
            for _ in range(5):
                table.append(rows)
        return {database: self.world.table(database, name) for database, name in names}

    def leave_former_table(self) -> None:
        """A table as a switch to the next major version leaves it, once maintenance has noted that nobody reads it."""
        ((database, table), _), glue = self.tables(), self.iceberg
        if glue.table_exists((database, FORMER_TABLE)):
            glue.drop_table((database, FORMER_TABLE))
        location = f"s3://{self.world.outputs['buckets']['curated']}/curated/{FORMER_TABLE}"
        schema = glue.load_table((database, table)).schema()
        glue.create_table((database, FORMER_TABLE), schema, location, properties=NEVER)

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
        """A run that succeeds, by Glue, and one that fails and says so."""
        status, history = self.world.execute({"dataset": TRIAL, "slot": SLOT, "engine": "glue"})
        assert status == "SUCCEEDED", history
        status, history = self.world.execute({"dataset": DATASET, "slot": "no slot"})
        alerts = [alert["error"] for alert in self.world.deployed.alerts() if alert["dataset"] == DATASET]
        assert alerts == ["SlotInvalid"], history


def showing(view: dict[str, Any], table: str) -> dict[str, Any]:
    """A view's definition over another table."""
    encoded = view["ViewOriginalText"].split()[3]
    document = base64.b64decode(encoded).decode().replace(TABLE, table)
    return view | {"ViewOriginalText": f"/* Presto View: {base64.b64encode(document.encode()).decode()} */"}
