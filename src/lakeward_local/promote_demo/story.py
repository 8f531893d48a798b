"""The acts: a release through three accounts, a breaking version by blue/green while readers read, and the way back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lakeward.adapters.environments import environment_values
from lakeward.cli.display import Display
from lakeward.released import Release, short
from lakeward_local.promote_demo.breaking import DATASET, breaking_copy
from lakeward_local.promote_demo.readers import Readers, Tally, replies
from lakeward_local.promote_demo.stage import Stage, athena
from lakeward_local.promote_demo.steps import Step, Steps
from lakeward_local.record import CloudRecord

SLOTS: Final = ("--from", "2018-01-31", "--to", "2018-02-07")
FILE: Final = "dist/release/release.json"
OLD, NEW = "version 1", "version 2"
THREADS: Final = 2
FLIPS_AT_LEAST: Final = 2
ROLLBACK_SECONDS: Final = 60.0


@dataclass
class Story:
    """What came of it all."""

    releases: dict[str, str] = field(default_factory=dict)
    """What a version is called -> the id of its release."""
    steps: list[Step] = field(default_factory=list)
    tally: Tally = field(default_factory=lambda: Tally(OLD))
    rollback: Step | None = None
    wanted_reads: int = 0

    @property
    def readers_back_seconds(self) -> float | None:
        """From the beginning of the rollback to the end of the first read that the former version answered."""
        if self.rollback is None:
            return None
        began = self.rollback.began
        back = [read.ended - began for read in self.tally.reads if read.began >= began and read.answered == OLD]
        return min(back, default=None)

    @property
    def holds(self) -> bool:
        """Whether everything was as it should be."""
        return (
            not self.tally.wrong().total()
            and len(self.tally.reads) >= self.wanted_reads
            and self.rollback is not None
            and self.rollback.seconds < ROLLBACK_SECONDS
        )


def play(stage: Stage, record: CloudRecord, display: Display, reads: int, pool: ThreadPoolExecutor) -> Story:
    """Play all acts.

    Raises:
        DemoFailed: a command ended otherwise than it should.
    """
    steps = Steps(display.say)
    story = Story(wanted_reads=reads, steps=steps.done)
    display.say("Preparing three accounts: terraform apply of bootstrap in each")
    preparing = stage.prepare(record, display, pool)
    _first_release(stage, steps, story)
    for account in preparing:
        account.result()
    readers = _readers(stage, record)
    steps.note = lambda: f"{readers.count:,} reads of prod so far"
    readers.start()
    try:
        _breaking_release(stage, record, steps, story, readers)
        _to_and_fro(stage, steps, readers, reads)
        with _act(steps, "The way back"), readers.moving(OLD):
            story.rollback = steps.run(stage.first, "rollback", "-e", "prod")
        display.say("Readers go on")
        readers.wait_for(reads)
    finally:
        story.tally = readers.stop()
    return story


@contextmanager
def _act(steps: Steps, name: str) -> Iterator[None]:
    steps.tell(f"\n[bold cyan]{name}[/bold cyan]")
    steps.act = name
    yield


def _first_release(stage: Stage, steps: Steps, story: Story) -> None:
    """Built once, proved in dev, promoted to staging, proved there, promoted to prod: not before it was proved."""
    root = stage.first
    with _act(steps, "A release is built, once"):
        steps.run(root, "release", "build", "--without-layer")
        story.releases[OLD] = _id(root)
    with _act(steps, f"Release {short(story.releases[OLD])}: dev"):
        steps.run(root, "deploy", "-e", "dev", "--release", FILE, "--yes")
        steps.run(root, "run", DATASET, *SLOTS, "-e", "dev")
        steps.run(root, "e2e", "-e", "dev", "--release", FILE, "--evidence")
    with _act(steps, f"Release {short(story.releases[OLD])}: staging"):
        _promoted(root, steps, "dev", "staging")
        steps.run(root, "run", DATASET, *SLOTS, "-e", "staging")
    with _act(steps, f"Release {short(story.releases[OLD])}: prod, when its gates are open"):
        steps.run(root, "approve", "-e", "prod", "--release", FILE, "--by", "Data team")
        steps.run(root, "promote", "--from", "staging", "--to", "prod", "--release", FILE, refused=True)
        steps.run(root, "e2e", "-e", "staging", "--release", FILE, "--evidence")
        steps.run(root, "promote", "--from", "staging", "--to", "prod", "--release", FILE)
        steps.run(root, "run", DATASET, *SLOTS, "-e", "prod")


def _breaking_release(stage: Stage, record: CloudRecord, steps: Steps, story: Story, readers: Readers) -> None:
    """A column less and a type changed: a new table beside the old one, and readers moved when it is proved."""
    root = breaking_copy(stage.first, stage.breaking)
    with _act(steps, "A breaking version is built"):
        steps.run(root, "release", "build", "--without-layer")
        story.releases[NEW] = _id(root)
    with _act(steps, f"Release {short(story.releases[NEW])}: dev"):
        steps.run(root, "deploy", "-e", "dev", "--release", FILE, "--yes")
        _filled_and_switched(root, steps, "dev")
        steps.run(root, "e2e", "-e", "dev", "--release", FILE, "--evidence")
    with _act(steps, f"Release {short(story.releases[NEW])}: staging"):
        _promoted(root, steps, "dev", "staging")
        _filled_and_switched(root, steps, "staging")
        steps.run(root, "e2e", "-e", "staging", "--release", FILE, "--evidence")
        readers.learn(NEW, replies(_athena(root, record, "staging"), "lakeward_staging_serving"))
    with _act(steps, f"Release {short(story.releases[NEW])}: prod, with readers"):
        _promoted(root, steps, "staging", "prod")
        steps.run(root, "switch", DATASET, "-e", "prod", refused=True)
        steps.run(root, "replay", DATASET, "-e", "prod")
        with readers.moving(NEW):
            steps.run(root, "switch", DATASET, "-e", "prod")


def _to_and_fro(stage: Stage, steps: Steps, readers: Readers, reads: int) -> None:
    """Readers are moved back and forth until there are nearly as many reads as wanted."""
    root = stage.breaking
    with _act(steps, "To and fro, with readers"):
        flips = 0
        while flips < FLIPS_AT_LEAST or readers.count < reads * 0.85:
            with readers.moving(OLD):
                steps.run(root, "switch", DATASET, "-e", "prod", "--to-version", "1")
            with readers.moving(NEW):
                steps.run(root, "switch", DATASET, "-e", "prod")
            flips += 1


def _promoted(root: Path, steps: Steps, source: str, target: str) -> None:
    steps.run(root, "approve", "-e", target, "--release", FILE, "--by", "Data team")
    steps.run(root, "promote", "--from", source, "--to", target, "--release", FILE)


def _filled_and_switched(root: Path, steps: Steps, environment: str) -> None:
    steps.run(root, "replay", DATASET, "-e", environment)
    steps.run(root, "switch", DATASET, "-e", environment)


def _readers(stage: Stage, record: CloudRecord) -> Readers:
    """Readers of prod, who know from staging what the first version answers."""
    known = {OLD: replies(_athena(stage.first, record, "staging"), "lakeward_staging_serving")}
    engines = [_athena(stage.first, record, "prod") for _ in range(THREADS)]
    return Readers(engines, "lakeward_prod_serving", known, OLD)


def _athena(root: Path, record: CloudRecord, environment: str):  # type: ignore[no-untyped-def]
    return athena(record, environment_values(root, environment).account_id, environment)


def _id(root: Path) -> str:
    return Release.from_bytes((root / FILE).read_bytes(), FILE).id
