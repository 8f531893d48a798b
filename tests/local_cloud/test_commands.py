"""The commands, as a person types them, in a working copy of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakeward_local.processes import free_port

ROOT = Path(__file__).parents[2]
LAKEWARD = Path(sys.executable).parent / "lakeward"

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def lakeward(tmp_path: Path) -> Iterator[Command]:
    """Run ``lakeward`` in a working copy that holds what the commands look at; its cloud takes any ports."""
    for name in ("datasets", "environments", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    home = tmp_path / ".lakeward" / "local"
    home.mkdir(parents=True)
    (home / "ports.json").write_text(json.dumps({"cloud": free_port(), "replay": free_port()}))

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "COLUMNS": "200", **environment}
        return subprocess.run(
            [LAKEWARD, *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=60
        )

    yield run
    run("down")


def test_up_starts_the_cloud_and_says_where_it_is(lakeward: Command, tmp_path: Path):
    ended = lakeward("up", "--no-deploy")

    record = json.loads((tmp_path / ".lakeward" / "local" / "cloud.json").read_text())
    assert ended.returncode == 0, ended.stderr
    assert f"Up: {record['endpoint']}, upstreams replayed at {record['replay_endpoint']}" in ended.stderr


def test_up_a_second_time_says_that_it_is_up(lakeward: Command):
    lakeward("up", "--no-deploy")
    ended = lakeward("up", "--no-deploy")

    assert (ended.returncode, "The local cloud is up already" in ended.stderr) == (0, True)


def test_up_after_down_says_that_everything_is_still_there(lakeward: Command):
    lakeward("up", "--no-deploy")
    down = lakeward("down")
    ended = lakeward("up", "--no-deploy")

    assert down.stderr == "Stopped; what it holds is kept in .lakeward/local.\n"
    assert "It holds what it held when it was stopped" in ended.stderr


def test_down_with_forget_leaves_nothing(lakeward: Command, tmp_path: Path):
    lakeward("up", "--no-deploy")
    ended = lakeward("down", "--forget")

    assert ended.stderr == "Stopped; what it held is gone.\n"
    assert not (tmp_path / ".lakeward" / "local").exists()


def test_down_when_nothing_runs_is_no_error(lakeward: Command):
    ended = lakeward("down")

    assert (ended.returncode, ended.stderr) == (0, "Nothing was running; what it holds is kept in .lakeward/local.\n")


def test_status_tells_what_runs(lakeward: Command, tmp_path: Path):
    lakeward("up", "--no-deploy")
    record = json.loads((tmp_path / ".lakeward" / "local" / "cloud.json").read_text())

    as_json = lakeward("status", "--json")
    as_table = lakeward("status")

    assert json.loads(as_json.stdout) == {**record, "s3_bytes": 0}
    assert f"{record['pid']} cloud, {record['replay_pid']} replay" in as_table.stdout


def test_status_of_nothing_is_exit_code_1(lakeward: Command):
    ended = lakeward("status")

    assert (ended.returncode, ended.stderr) == (1, "The local cloud does not run. Start it with: lakeward up\n")


def test_doctor_finds_what_is_needed(lakeward: Command):
    ended = lakeward("doctor")

    assert ended.returncode == 0, ended.stdout
    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["ok"] * 7


def test_doctor_names_what_is_missing_and_what_to_do(lakeward: Command, tmp_path: Path):
    ended = lakeward("doctor", LAKEWARD_PROVIDER_MIRROR=str(tmp_path / "none"))

    assert ended.returncode == 1
    assert f"expected {tmp_path / 'none'}, which LAKEWARD_PROVIDER_MIRROR names, to hold" in ended.stdout


def test_a_cloud_that_cannot_start_says_why(lakeward: Command, tmp_path: Path):
    (tmp_path / "datasets").unlink()
    (tmp_path / "datasets" / "mine").mkdir(parents=True)
    (tmp_path / "datasets" / "mine" / "replay.yaml").write_text("imitation: other\n")

    ended = lakeward("up", "--no-deploy")

    assert ended.returncode == 1
    assert "DeclarationInvalid" in ended.stderr
    assert "imitation: Input should be 'usgs'" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["up", "down", "status", "doctor"])
def test_every_command_has_an_example(lakeward: Command, command: str):
    assert f"Example: lakeward {command}" in lakeward(command, "--help").stdout
