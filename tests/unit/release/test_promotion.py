"""Promoting: closed gates leave the environment untouched; what fails behind them is taken back by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from release_world import Environment, FakeArtifacts, approved, evidence, examined, prove, readers, release_in

from lakeward.errors import (
    DeploymentFailed,
    PlanStale,
    PromotionRefused,
    ReleaseInvalid,
    SchemaConflict,
    StoreUnavailable,
)
from lakeward.release.deploy import deploy
from lakeward.release.deployment import current_deployment, rang_before
from lakeward.release.evidence import Check, Judged
from lakeward.release.health import Note, examine
from lakeward.release.plan import make_plan
from lakeward.release.promotion import Promoted, Source, promote
from lakeward.release.rollback import rollback, way_back
from lakeward.released import Release


class Road:
    """From staging to prod, where a good release is deployed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.staging = FakeArtifacts("s3://staging")
        self.prod = Environment("prod", folder / "plan")
        self.good = release_in(folder / "good", "good")
        self.new = release_in(folder / "new", "new")
        self.prod.publish(self.good, folder / "good")
        make_plan(self.good, self.prod.target, self.prod.folder)
        deploy(self.good, self.prod.target, self.prod.folder)
        self.prod.log.clear()
        self.breaks: str | None = None

    def open(self) -> "Road":
        """Evidence and approval."""
        prove(self.staging, self.new)
        approved(self.prod.store, self.new)
        return self

    def examine(self, release: Release) -> list[Check]:
        return list(
            examine(
                release,
                examined(max(self.prod.live.slots, default=None)),
                self.prod.live,
                readers(),
                with_alarms=release is self.new,
                rang_before=rang_before(self.prod.store, "prod"),
            )
        )

    def compare(self, _release: Release) -> None:
        if self.breaks:
            raise SchemaConflict(self.breaks)

    def promote(self, *, planned: bool = False, look: Callable[[Release], list[Check]] | None = None) -> Promoted:
        target, plan = self.prod.target, self.prod.folder
        return promote(
            self.new,
            self.folder / "new",
            Source("staging", self.staging),
            target,
            plan,
            planned=planned,
            compare=self.compare,
            examine=look or self.examine,
            go_back=lambda to: rollback(target, way_back(target, to), ["parcels"], self.examine),
        )

    @property
    def now(self) -> str:
        """Id of the release that prod has."""
        found = current_deployment(self.prod.store, "prod")
        assert found is not None
        return found.release


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return Road(tmp_path)


def test_a_proved_and_approved_release_goes_on(road: Road):
    promoted = road.open().promote()

    assert (road.now, promoted.deployed.record.kind) == (road.new.id, "promote")
    assert road.prod.log == [f"plan {road.new.id[:4]}", f"apply {road.new.id[:4]}", "migrate", "run 2 again"]


def no_evidence(road: Road) -> None:
    approved(road.prod.store, road.new)


def evidence_of_another(road: Road) -> None:
    approved(road.prod.store, road.new)
    prove(road.staging, road.good)


def copied_evidence(road: Road) -> None:
    approved(road.prod.store, road.new)
    road.staging.objects[f"evidence/staging/{road.new.id}/000001.json"] = evidence(road.good).to_bytes()


def red_evidence(road: Road) -> None:
    approved(road.prod.store, road.new)
    broken = Judged(dataset="parcels", name="by_day", differences=1, milliseconds=1, scanned_bytes=0)
    prove(road.staging, road.new, queries=[broken])


def no_approval(road: Road) -> None:
    prove(road.staging, road.new)


def approval_of_another(road: Road) -> None:
    prove(road.staging, road.new)
    approved(road.prod.store, road.good)


@pytest.mark.parametrize(
    ("close", "says"),
    [
        (no_evidence, "lakeward e2e -e staging --release FILE --evidence"),
        (evidence_of_another, "lakeward e2e -e staging --release FILE --evidence"),
        (copied_evidence, "somebody copied it"),
        (red_evidence, "parcels/queries/by_day.sql: 1 difference"),
        (no_approval, "lakeward approve -e prod --release FILE --by NAME"),
        (approval_of_another, "lakeward approve -e prod --release FILE --by NAME"),
    ],
)
def test_a_closed_gate_leaves_prod_untouched_and_says_what_to_do(close: Callable[[Road], None], says: str, road: Road):
    close(road)
    objects = dict(road.prod.store.objects)

    with pytest.raises(
        PromotionRefused, match="does not go from staging to prod; nothing was changed there"
    ) as refused:
        road.promote()

    assert says in refused.value.message
    assert (road.prod.log, road.prod.store.objects, road.now) == ([], objects, road.good.id)


def test_every_closed_gate_is_named_at_once(road: Road):
    with pytest.raises(PromotionRefused) as refused:
        road.promote()

    assert [word for word in ("evidence:", "approval:") if word not in refused.value.message] == []


def test_a_changed_byte_in_an_artifact_leaves_prod_untouched(road: Road):
    road.open()
    artifact = road.folder / "new" / road.new.functions.key
    artifact.write_bytes(artifact.read_bytes()[:-1] + b"X")
    objects = dict(road.prod.store.objects)

    with pytest.raises(ReleaseInvalid, match=r"found sha256|found .*Nothing was stored"):
        road.promote()

    assert (road.prod.log, road.prod.store.objects) == ([], objects)


@pytest.mark.parametrize("planned", [False, True])
def test_a_contract_that_breaks_with_the_deployed_one_leaves_prod_untouched(planned: bool, road: Road):
    road.open().breaks = "parcels: expected version 2.0.0"
    objects = dict(road.prod.store.objects)

    with pytest.raises(SchemaConflict, match=r"parcels: expected version 2\.0\.0"):
        road.promote(planned=planned)

    assert (road.prod.log, road.prod.store.objects, road.now) == ([], objects, road.good.id)


def test_a_plan_that_was_shown_is_applied_and_no_other_is_made(road: Road):
    road.prod.publish(road.new, road.folder / "new")
    make_plan(road.new, road.prod.target, road.prod.folder)
    road.prod.log.clear()

    road.open().promote(planned=True)

    assert road.prod.log[0] == f"apply {road.new.id[:4]}"


def test_a_plan_of_another_release_leaves_prod_untouched(road: Road):
    make_plan(road.good, road.prod.target, road.prod.folder)
    road.prod.log.clear()

    with pytest.raises(PlanStale):
        road.open().promote(planned=True)

    assert (road.prod.log, road.now) == ([], road.good.id)


def red_health(road: Road) -> None:
    road.prod.platform.rings = ["lakeward-prod-dead-letters"]


def failing_canary(road: Road) -> None:
    road.prod.live.run_fails = {road.new.functions.sha256: "FAILED AuditFailed: too few"}


def failing_apply(road: Road) -> None:
    road.prod.platform.apply_fails = DeploymentFailed("terraform apply failed with status 1")


def failing_migration(road: Road) -> None:
    road.prod.live.migrate_fails = ["SchemaConflict: a column less"]


@pytest.mark.parametrize(
    ("fail", "why"),
    [
        (
            red_health,
            "no alarm began to ring: expected none since the deployment began, found lakeward-prod-dead-letters",
        ),
        (failing_canary, "the canary of parcels: .*found FAILED AuditFailed: too few"),
        (failing_apply, "terraform apply failed with status 1"),
        (failing_migration, "SchemaConflict: a column less"),
    ],
)
def test_what_fails_in_prod_is_taken_back_by_itself(fail: Callable[[Road], None], why: str, road: Road):
    fail(road.open())

    with pytest.raises(DeploymentFailed, match=why) as failed:
        road.promote()

    assert f"It was taken back: prod has release {road.good.id[:12]} again, which works" in failed.value.message
    assert (road.now, road.prod.live.release) == (road.good.id, road.good)


def test_a_release_goes_on_where_what_it_mends_rings_already(road: Road):
    road.prod.live.alarms = ["lakeward-prod-pipeline-failed"]

    promoted = road.open().promote()

    assert [check for check in promoted.checks if isinstance(check, Note)] == [
        Note(name="alarms that rang before", expected="told, not judged", found="lakeward-prod-pipeline-failed")
    ]
    assert road.now == road.new.id


def test_what_an_attempt_that_failed_set_ringing_is_not_of_before(road: Road):
    road.prod.live.migrate_fails = ["StoreUnavailable: no answer"]
    with pytest.raises(DeploymentFailed):
        deploy_alone(road)
    road.prod.live.alarms = ["lakeward-prod-migrate-errors"]

    with pytest.raises(DeploymentFailed, match=r"no alarm began to ring: .*found lakeward-prod-migrate-errors"):
        road.open().promote()

    assert road.now == road.good.id


def deploy_alone(road: Road) -> None:
    """Without promoting: what fails is not taken back."""
    road.prod.publish(road.new, road.folder / "new")
    make_plan(road.new, road.prod.target, road.prod.folder)
    deploy(road.new, road.prod.target, road.prod.folder)


def test_a_health_check_that_cannot_be_made_counts_as_red(road: Road):
    def dark(release: Release) -> list[Check]:
        raise StoreUnavailable("athena does not answer")

    with pytest.raises(
        DeploymentFailed, match=r"the health check could not be made: athena does not answer.*taken back"
    ):
        road.open().promote(look=dark)

    assert road.now == road.good.id


def test_a_store_that_fails_before_anything_began_takes_nothing_back(road: Road):
    road.open().prod.live.unreachable = True

    with pytest.raises(StoreUnavailable):
        road.promote()

    assert (road.prod.log, road.now) == ([f"plan {road.new.id[:4]}"], road.good.id)


def test_a_red_release_that_cannot_be_taken_back_says_so_and_how_to_try_again(road: Road):
    red_health(road.open())
    road.prod.store.objects[road.good.functions.key] = b"gone bad"

    with pytest.raises(DeploymentFailed, match="could NOT be taken back") as failed:
        road.promote()

    assert f"lakeward rollback -e prod --to {road.good.id[:12]}" in failed.value.message


def test_a_release_that_was_promoted_already_and_is_red_now_goes_back_to_the_one_before(road: Road):
    road.open().promote()
    road.prod.platform.changes = ()
    road.prod.live.alarms = ["lakeward-prod-dead-letters"]

    with pytest.raises(DeploymentFailed, match="It was taken back"):
        road.promote()

    assert road.now == road.good.id


def test_the_first_release_of_an_empty_environment_goes_in(road: Road, tmp_path: Path):
    road.prod = Environment("prod", tmp_path / "other plan")
    road.prod.live.slots = []
    road.prod.live.stale = ["lakeward-prod-parcels-stale"]

    promoted = road.open().promote()

    assert [(check.name, check.found) for check in promoted.checks if isinstance(check, Note)] == [
        ("the canary of parcels", "no slot of it is certified here yet, so there is none to run again"),
        ("alarms of freshness", "lakeward-prod-parcels-stale"),
    ]
    assert road.now == road.new.id


def test_the_first_release_of_an_environment_has_nothing_to_go_back_to(road: Road, tmp_path: Path):
    road.prod = Environment("prod", tmp_path / "other plan")
    red_health(road.open())

    with pytest.raises(DeploymentFailed, match="It is the first there, so there is nothing to go back to"):
        road.promote()
