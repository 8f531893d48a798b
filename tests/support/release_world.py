"""A world for releases: a bucket in memory, a Terraform that takes notes, an environment that runs what it gets."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contract_world import CONTRACT

from lakeward.contract import parse_contract
from lakeward.errors import CommitConflict, DeploymentFailed, StoreUnavailable
from lakeward.ports.artifacts import Stored
from lakeward.ports.catalog import Definition, Point, SwitchPlan, TableState, ViewState
from lakeward.ports.deployment import PLAN, TEXT, Ran, Ringing, RunningFunction, SlotRecord
from lakeward.ports.query import Answer, ResultColumn
from lakeward.release.approval import Approval, approve
from lakeward.release.evidence import CHECKS, Check, Evidence, Judged, Proved, keep_evidence, next_number
from lakeward.release.health import Examined, Readers
from lakeward.release.plan import Target
from lakeward.release.publish import publish
from lakeward.released import Artifact, Release, ReleasedDataset
from lakeward.slot import Slot
from lakeward.views import shown_table

FIRST, SECOND = (Slot(datetime(2024, 3, day, tzinfo=UTC)) for day in (1, 2))
PARCELS = parse_contract(CONTRACT, "datasets/parcels/contract.yaml")
BEFORE = Point(
    views={"parcels": {"Name": "parcels"}}, tables={"curated.parcels_v1": TableState(snapshot_id="7", columns=["id"])}
)


def sha256(content: bytes) -> str:
    """Hex."""
    return hashlib.sha256(content).hexdigest()


def release_in(folder: Path, text: str = "first", layer: bool = True, **changes: Any) -> Release:
    """A release whose artifacts hold ``text``; its files lie in ``folder``."""

    def artifact(kind: str, suffix: str = "zip") -> Artifact:
        content = f"{kind} of {text}".encode()
        made = Artifact(key=f"{kind}/{sha256(content)}.{suffix}", sha256=sha256(content), bytes=len(content))
        (folder / made.key).parent.mkdir(parents=True, exist_ok=True)
        (folder / made.key).write_bytes(content)
        return made

    release = Release(
        version="0.1.0",
        commit=None,
        functions=artifact("functions"),
        layer=artifact("layers") if layer else None,
        datasets={
            "parcels": ReleasedDataset(
                version="1.0.0", table="parcels_v1", contract_sha256=sha256(b"contract"), queries_sha256=sha256(b"sql")
            )
        },
        terraform=artifact("terraform"),
        lock_sha256=sha256(b"lock"),
        sbom=artifact("sboms", "json"),
    ).model_copy(update=changes)
    (folder / "release.json").write_bytes(release.to_bytes())
    return release


@dataclass
class FakeArtifacts:
    """A bucket in memory."""

    where: str = "s3://artifacts"
    objects: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def stored(self, key: str) -> Stored | None:
        found = self.objects.get(key)
        return None if found is None else Stored(sha256(found), len(found))

    def put_once(self, key: str, body: bytes | Path, sha256: str, content_type: str) -> bool:
        assert content_type in ("application/zip", "application/json")
        content = body.read_bytes() if isinstance(body, Path) else body
        assert hashlib.sha256(content).hexdigest() == sha256
        if key in self.objects:
            return False
        self.objects[key] = content
        return True

    def download(self, key: str, to: Path) -> bool:
        if key in self.objects:
            to.write_bytes(self.objects[key])
        return key in self.objects


@dataclass
class FakePlatform:
    """A Terraform that writes down what it was asked, and makes the environment run what it applies."""

    live: "FakeLive"
    log: list[str]
    changes: tuple[str, ...] = ('update module.function["audit"].aws_lambda_function.this',)
    apply_fails: DeploymentFailed | None = None
    prepare_fails: DeploymentFailed | None = None
    rings: list[str] = field(default_factory=list)
    """Alarms that ring once something was applied."""

    def plan(self, release: Release, folder: Path) -> list[str]:
        self.log.append(f"plan {release.id[:4]}")
        (folder / PLAN).write_text(f"plan of {release.id}")
        (folder / TEXT).write_text("what would change")
        return list(self.changes)

    def apply(self, release: Release, folder: Path) -> None:
        assert (folder / PLAN).read_text() == f"plan of {release.id}"
        self.log.append(f"apply {release.id[:4]}")
        if self.apply_fails is not None:
            failed, self.apply_fails = self.apply_fails, None
            raise failed
        self.live.release = release
        self.live.alarms += self.rings

    def prepare(self, release: Release) -> Callable[[], None]:
        if self.prepare_fails is not None:
            raise self.prepare_fails

        def walk() -> None:
            self.log.append(f"walk to {release.id[:4]}")
            if self.apply_fails is not None:
                failed, self.apply_fails = self.apply_fails, None
                raise failed
            self.live.release = release

        return walk


@dataclass
class FakeLive:
    """An environment: what it runs, what readers see of it, what its ledger holds."""

    log: list[str] = field(default_factory=list)
    release: Release | None = None
    drifted: str | None = None
    """Digest that one function has beside Terraform."""
    executions: list[list[str]] = field(default_factory=list)
    """What runs, by the times it is asked."""
    point: Point | None = BEFORE
    alarms: list[str] = field(default_factory=list)
    """Those that ring about something that failed."""
    stale: list[str] = field(default_factory=list)
    """Those that ring because no data came."""
    slots: list[Slot] = field(default_factory=lambda: [FIRST, SECOND])
    recorded: list[SlotRecord] = field(default_factory=list)
    run_fails: dict[str, str] = field(default_factory=dict)
    """Why a run under a release fails, by the digest of its functions."""
    restore_fails: list[str] = field(default_factory=list)
    migrate_fails: list[str] = field(default_factory=list)
    same_libraries: bool = True
    held_slots: set[str] = field(default_factory=set)
    unreachable: bool = False

    def functions(self) -> dict[str, RunningFunction]:
        if self.release is None:
            return {}
        digest = self.release.functions.sha256
        return {
            "audit": RunningFunction(digest, digest),
            "switch": RunningFunction(digest, self.drifted or digest),
        }

    def swap_functions(self, release: Release, instead_of: Release) -> bool:
        self.log.append(f"swap {release.id[:4]} for {instead_of.id[:4]}")
        return self.same_libraries

    def freeze(self) -> list[str]:
        self.log.append("freeze")
        return ["lakeward-prod-parcels"]

    def thaw(self) -> list[str]:
        self.log.append("thaw")
        return ["lakeward-prod-parcels"]

    def running(self) -> list[str]:
        if self.unreachable:
            raise StoreUnavailable("list executions: no answer")
        return self.executions.pop(0) if self.executions else []

    def stop(self, execution: str, why: str) -> None:
        self.log.append(f"stop {execution}: {why[:14]}")

    def look(self) -> Point | None:
        return self.point

    def restore(self, point: Point) -> list[str]:
        self.log.append("restore")
        if self.restore_fails:
            raise DeploymentFailed(self.restore_fails.pop(0))
        assert point == BEFORE
        return ["view parcels"]

    def migrate(self) -> dict[str, dict[str, Any]]:
        self.log.append("migrate")
        if self.migrate_fails:
            raise DeploymentFailed(self.migrate_fails.pop(0))
        return {"parcels": {"table": "unchanged"}}

    def held(self) -> dict[str, set[str]]:
        return {"parcels": self.held_slots}

    def ringing(self) -> list[Ringing]:
        return [*map(Ringing, self.alarms), *(Ringing(name, of_freshness=True) for name in self.stale)]

    def certified(self, dataset: str) -> list[Slot]:
        return self.slots if dataset == "parcels" else []

    def records(self, dataset: str) -> list[SlotRecord]:
        return self.recorded if dataset == "parcels" else []

    def run(self, dataset: str, slots: Sequence[Slot], *, again: bool) -> list[Ran]:
        assert self.release is not None
        self.log.append(f"run {', '.join(f'{slot.start.day}' for slot in slots)}" + (" again" if again else ""))
        failure = self.run_fails.get(self.release.functions.sha256)
        return [
            Ran(dataset, slot, "execution", failure=failure)
            if failure
            else Ran(dataset, slot, "execution", records_in=3, rows_in=3, written=2, quarantined=1)
            for slot in slots
        ]


class TwoRows:
    """Every count is two rows with two keys, or what a test says."""

    def __init__(self, *answers: tuple[str | None, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    def run(self, sql: str, database: str) -> Answer:
        self.asked.append((sql, database))
        width = 2 if "by_key" in sql else 1
        row = self.answers.pop(0) if self.answers else ("2",) * width
        columns = tuple(ResultColumn(f"_col{i}", "bigint") for i in range(width))
        return Answer(columns, iter([row]), "query", 0, 1, 0)


@dataclass
class Clock:
    """A second later each time."""

    at: datetime = datetime(2024, 3, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Environment:
    """An environment with all that stands for its parts."""

    name: str
    folder: Path
    store: FakeArtifacts = field(default_factory=FakeArtifacts)
    live: FakeLive = field(default_factory=FakeLive)
    told: list[str] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.platform = FakePlatform(self.live, self.live.log)

    @property
    def log(self) -> list[str]:
        """What was done to it, in order."""
        return self.live.log

    @property
    def target(self) -> Target:
        return Target(self.name, self.store, self.platform, self.live, self.clock, self.told.append)

    def publish(self, release: Release, files: Path) -> None:
        publish(release, files, self.store, self.told.append)


def examined(canary: Slot | None = SECOND) -> dict[str, Examined]:
    """The dataset, with the slot that is run again."""
    return {"parcels": Examined(PARCELS, canary)}


def readers(queries: TwoRows | None = None) -> Readers:
    """Where a health check reads."""
    return Readers(queries or TwoRows(), "curated", "serving")


def evidence(release: Release, environment: str = "staging", number: int = 1, **changes: Any) -> Evidence:
    """Evidence for a release; green unless changed."""
    return Evidence(
        environment=environment,
        release=release.id,
        number=number,
        made_at="2024-03-09T00:00:00+00:00",
        datasets={
            name: Proved(contract_sha256=dataset.contract_sha256, queries_sha256=dataset.queries_sha256)
            for name, dataset in release.datasets.items()
        },
        queries=[Judged(dataset="parcels", name="by_day", differences=0, milliseconds=200, scanned_bytes=10)],
        checks=[Check(name=name, expected="so", found="so", holds=True) for name in CHECKS],
    ).model_copy(update=changes)


def prove(store: FakeArtifacts, release: Release, **changes: Any) -> None:
    """Keep evidence for a release in staging."""
    number = next_number(store, "staging", release.id)
    keep_evidence(store, evidence(release, number=number, **changes))


def approved(store: FakeArtifacts, release: Release, environment: str = "prod") -> None:
    """Give an approval."""
    approve(
        store,
        Approval(
            environment=environment, release=release.id, by="the data team", note=None, approved_at="2024-03-09T00:00Z"
        ),
    )


@dataclass
class FakeViews:
    """A serving database: views by name with a version each; some writes meet another writer's."""

    views: dict[str, Definition] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    conflicts: int = 0
    writes: list[str] = field(default_factory=list)

    def find(self, name: str) -> ViewState | None:
        if name not in self.views:
            return None
        definition = self.views[name]
        return ViewState(
            definition=definition, table=shown_table(definition), version_id=str(self.versions.get(name, 0))
        )

    def all(self) -> dict[str, Definition]:
        return dict(self.views)

    def replace(self, definition: Definition, version_id: str | None) -> None:
        name = definition["Name"]
        there = str(self.versions.get(name, 0)) if name in self.views else None
        if self.conflicts:
            self.conflicts -= 1
            raise CommitConflict("somebody was faster")
        if there != version_id:
            raise CommitConflict(f"expected version {version_id}, found {there}")
        self.views[name] = definition
        self.versions[name] = self.versions.get(name, 0) + 1
        self.writes.append(name)


@dataclass
class FakeTables:
    """Tables by name, each with its state."""

    states: dict[str, TableState] = field(default_factory=dict)
    restored: list[str] = field(default_factory=list)

    def names(self) -> list[str]:
        return list(self.states)

    def state(self, name: str) -> TableState | None:
        return self.states.get(name)

    def restore(self, name: str, to: TableState) -> bool:
        if self.states[name] == to:
            return False
        self.states[name] = to
        self.restored.append(name)
        return True


@dataclass
class FakeJournal:
    """Plans and definitions in memory; it can be made to fail at a write, as a function that dies does."""

    plan: SwitchPlan | None = None
    kept: dict[tuple[str, str], Definition] = field(default_factory=dict)
    dies_at_write: int | None = None
    writes: int = 0

    def newest(self) -> SwitchPlan | None:
        return self.plan

    def write(self, plan: SwitchPlan, after: SwitchPlan | None) -> None:
        self.writes += 1
        if self.writes == self.dies_at_write:
            raise KeyboardInterrupt
        if self.plan != after:
            raise CommitConflict("another switch was faster")
        self.plan = plan

    def keep_definition(self, view: str, table: str, definition: Definition) -> None:
        self.kept[view, table] = definition

    def definition(self, view: str, table: str) -> Definition | None:
        return self.kept.get((view, table))
