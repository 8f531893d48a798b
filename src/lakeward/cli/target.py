"""An environment with all that a release needs of it, wired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from botocore.config import Config

from lakeward.adapters.artifacts import S3Artifacts
from lakeward.adapters.athena import AthenaQueries
from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.adapters.environments import EnvironmentValues, environment_values
from lakeward.adapters.functions import LONGEST_CALL_SECONDS
from lakeward.adapters.live import Clients, LiveEnvironment
from lakeward.adapters.terraform.bundle import DATASETS, unpack_bundle
from lakeward.adapters.terraform.platform import TerraformPlatform
from lakeward.cli.display import Display
from lakeward.cli.running import Outcome, run_slots
from lakeward.cli.session import Session, open_session, repository
from lakeward.contract import Dataset, load_dataset
from lakeward.ports.deployment import Ran
from lakeward.release.deployment import rang_before
from lakeward.release.evidence import Check
from lakeward.release.health import Examined, Readers, choose_canary, examine
from lakeward.release.plan import Target
from lakeward.released import Release
from lakeward.slot import Slot

PARALLEL = 4
CALLING = Config(read_timeout=LONGEST_CALL_SECONDS, retries={"total_max_attempts": 1, "mode": "standard"})


@dataclass(frozen=True)
class Place:
    """An environment: where it lies, and its artifacts."""

    root: Path
    session: Session
    values: EnvironmentValues
    store: S3Artifacts
    files: Path | None = None
    """Where the files of the release that a command is about lie on this machine."""

    @property
    def scratch(self) -> Path:
        """What is unpacked and planned for it on this machine."""
        return self.root / ".lakeward" / self.values.environment / "deploy"

    @property
    def plan(self) -> Path:
        """The folder of a plan that nobody asked to keep."""
        return self.scratch / "plan"

    def datasets(self, *releases: Release) -> dict[str, Dataset]:
        """The datasets of releases, by the contracts that they carry; of two the first."""
        found: dict[str, Dataset] = {}
        for release in releases:
            tree = unpack_bundle(release, self.store, self.scratch / "releases", self.files)
            found = {name: load_dataset(tree / DATASETS / name) for name in release.datasets} | found
        return found


def open_place(environment: str, release_file: Path | None = None) -> Place:
    """An environment, by its folder in ``environments/``.

    Args:
        release_file: the one that a command is about; its artifacts lie beside it.

    Raises:
        ConfigurationMissing: there is no such folder, or no way to the account.
    """
    root = repository()
    session, values = open_session(environment), environment_values(root, environment)
    files = release_file and release_file.resolve().parent
    return Place(root, session, values, _artifacts(session, values), files)


def kept_in(environment: str) -> S3Artifacts:
    """What an environment keeps of its releases, to be read: also with credentials of the account that they go on to.

    Raises:
        ConfigurationMissing: there is no such environment, or there are no credentials.
    """
    return _artifacts(open_session(environment, own_account=False), environment_values(repository(), environment))


def _artifacts(session: Session, values: EnvironmentValues) -> S3Artifacts:
    client = session.boto.client("s3", region_name=values.region)
    return S3Artifacts(client, values.artifacts_bucket, values.account_id)


def live_of(place: Place, *releases: Release) -> LiveEnvironment:
    """What runs in an environment. The datasets are those of the releases, read when one is first asked about."""
    session, environment = place.session, place.values.environment
    boto = session.boto

    def run(of: Dataset, slots: Sequence[Slot], again: bool) -> list[Ran]:
        # A session of its own: which release is deployed may have changed since the last one was opened.
        outcomes = run_slots(open_session(environment), of, list(slots), again=again, parallel=PARALLEL)
        return [_ran(of.name, outcome) for outcome in outcomes]

    return LiveEnvironment(
        prefix=f"lakeward-{environment}",
        account_id=place.values.account_id,
        artifacts_bucket=place.values.artifacts_bucket,
        machine_arn=session.state_machine_arn,
        schedules_enabled=place.values.schedules_enabled,
        dataset=lambda name: place.datasets(*releases)[name],
        clients=Clients(
            functions=boto.client("lambda", config=CALLING),
            machines=session.machines,
            schedules=boto.client("scheduler"),
            alarms=boto.client("cloudwatch"),
            objects=boto.client("s3"),
        ),
        runner=run,
        entries=DynamoDbLedger(session.dynamodb.Table(f"lakeward-{environment}-ledger")).entries,
    )


def target_of(place: Place, display: Display, *releases: Release) -> Target:
    """An environment as the target of releases."""
    session, environment = place.session, place.values.environment
    platform = TerraformPlatform(
        root=place.root,
        environment=environment,
        store=place.store,
        artifacts_bucket=place.values.artifacts_bucket,
        scratch=place.scratch,
        progress=display.progress(f"terraform in {environment}"),
        aws=session.aws,
        profile=session.profile,
        variables=session.variables,
        brings_libraries=session.local,
        files=place.files,
    )
    live = live_of(place, *releases)
    return Target(environment, place.store, platform, live, lambda: datetime.now(UTC), display.say)


def examined_in(
    place: Place, release: Release, target: Target, canary: str | None, *, with_alarms: bool = True
) -> list[Check]:
    """The health check of a release in an environment."""
    session, live = place.session, target.live
    readers = Readers(
        AthenaQueries(session.athena, session.workgroup),
        f"lakeward_{place.values.environment}_curated",
        session.serving_database,
    )
    found = {
        name: Examined(of.contract, choose_canary(of.contract, live, canary))
        for name, of in place.datasets(release).items()
    }
    rang = rang_before(place.store, place.values.environment)
    return list(examine(release, found, live, readers, with_alarms=with_alarms, rang_before=rang))


def _ran(dataset: str, outcome: Outcome) -> Ran:
    return Ran(dataset, outcome.slot, outcome.execution, **outcome.counts, failure=outcome.failure)
