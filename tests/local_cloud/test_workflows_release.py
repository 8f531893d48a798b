"""The commands of our workflows, run in their order against three accounts of a local cloud.

A story in order: a release goes to prod, nothing has drifted, readers of dev are switched, a second release is taken
back there. The libraries are left out, which a local cloud brings; test_build_layer.py proves them.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from github_program import ROOT, GitHubProgram
from rich.console import Console
from workflow_runner import Runner
from workflow_world import github_of

from lakeward.cli.display import Display
from lakeward_local.promote_demo.stage import Stage

APPROVALS = "api repos/example/lakeward/actions/runs/42/approvals"
REVIEW = {"state": "approved", "user": {"login": "ada"}, "environments": [{"name": "prod"}]}
GITHUB = github_of()

pytestmark = [pytest.mark.long, pytest.mark.hour, pytest.mark.timeout(2400)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Three empty accounts, each prepared by terraform/bootstrap, and a working copy to run in."""
    stage = Stage(tmp_path_factory.mktemp("stage"))
    record = stage.set_up(ROOT, lambda _: None)
    for name in ("scripts", ".github", "Makefile"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, stage.first / name)
    (stage.first / ".venv").symlink_to(sys.prefix)
    with Display(Console(quiet=True)) as display, ThreadPoolExecutor(3) as pool:
        for prepared in stage.prepare(record, display, pool):
            prepared.result()
    yield stage
    stage.clear()


@pytest.fixture(scope="module")
def runner(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.mktemp("runner")
    github = GitHubProgram(folder)
    github.answers({APPROVALS: [REVIEW], "issue list": []})
    (folder / "kept").mkdir()
    return Runner(stage.first, folder / "kept", github.folder, instead={"--prove": "--without-layer"})


def test_a_release_goes_from_its_build_to_prod(runner: Runner):
    jobs = GITHUB.jobs_in("release.yml")

    for name in ("build", "dev/deploy", "staging/deploy", "plan-prod"):
        runner.run(jobs[name])
    said = runner.run(jobs["prod"])

    release = runner.outputs["build"]["release"]
    assert "may go to prod: ada" in said[-2]
    assert f"prod has release {release[:12]} (deployment 1)" in said[-1]
    assert [arn.partition("role/")[2] for arn in runner.roles] == [
        "lakeward-dev-apply",
        "lakeward-staging-apply",
        "lakeward-prod-plan",
        "lakeward-prod-apply",
    ]
    assert f"Release `{release}`" in runner.summaries["plan-prod"]


def test_what_was_released_has_not_drifted(runner: Runner):
    jobs = GITHUB.jobs_in("drift.yml")

    for name in ("dev", "staging", "prod"):
        runner.run(jobs[f"compare[{name}]"])
    (*_, said) = runner.run(jobs["tell"])

    found = {path.name: json.loads(path.read_text())["changes"] for path in runner.kept.glob("drift-*/*.json")}
    assert found == {"dev.json": [], "staging.json": [], "prod.json": []}
    assert said.endswith("drift: none; no drift, no issue\n")


def test_readers_of_a_table_that_is_current_stay_where_they_are(runner: Runner):
    runner.inputs = {"datasets": "earthquakes", "version": ""}

    (*_, switched) = runner.run(GITHUB.jobs_in("switch.yml")["switch[dev]"])

    assert switched.count("already done") == 8
    assert "unchanged" in switched


def test_a_second_release_is_taken_back_by_a_rollback(runner: Runner):
    first = runner.outputs["build"]["release"]
    contract = runner.root / "datasets/earthquakes/contract.yaml"
    contract.write_text(contract.read_text().replace("\ndescription: ", "\ndescription: Once more. ", 1))
    shutil.rmtree(runner.kept / "release")
    for name in ("build", "dev/deploy"):
        runner.run(GITHUB.jobs_in("release.yml")[name])
    assert runner.outputs["build"]["release"] != first

    runner.inputs = {"to": ""}
    (*_, said) = runner.run(GITHUB.jobs_in("rollback.yml")["rollback[dev]"])

    assert f"dev has release {first[:12]} again" in said
