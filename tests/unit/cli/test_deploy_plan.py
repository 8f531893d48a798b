"""What is shown of a plan before anybody is asked."""

from pathlib import Path

import pytest

from lakeward.cli.deploy import print_plan
from lakeward.release.plan import Plan

PLAN = Plan(
    environment="dev", release="a" * 64, deployment=1, plan_sha256="b" * 64, made_at="now", changes=["update a.b"]
)


def test_a_plan_ends_with_what_the_environment_then_costs_idle(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "idle.txt").write_text("idle: about $1.00 a month: 10 alarms\n")

    print_plan(PLAN, tmp_path)

    assert capsys.readouterr().out.splitlines()[-1] == "idle: about $1.00 a month: 10 alarms"


def test_a_plan_of_before_shows_its_changes_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    print_plan(PLAN, tmp_path)

    shown = capsys.readouterr().out
    assert "a.b" in shown
    assert "idle" not in shown
