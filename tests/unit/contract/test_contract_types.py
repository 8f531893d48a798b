"""Column types and cron expressions."""

import pytest

from lakeward.contract.cron import cron_problem
from lakeward.contract.types import PARSES, SIMPLE_TYPES, kind, type_problem


@pytest.mark.parametrize("name", [*SIMPLE_TYPES, "decimal(1,0)", "decimal(38,38)", "decimal(10,2)"])
def test_a_type_is_known_by_athenas_name(name: str):
    assert type_problem(name) is None
    assert PARSES[kind(name)]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "decimal(0,0)",
            "decimal(39,0)",
            "decimal(10,11)",
            "decimal(05,2)",
            "decimal(10)",
            "decimal",
            "decimal(10, 2)",
        ),
        *("decimal(10,2) ", "decimal(\u0661,\u0660)", "integer", "varchar", "INT", "real", "timestamp(3)", ""),
    ],
)
def test_any_other_type_is_refused_by_its_name(name: str):
    assert "expected" in (type_problem(name) or "")


@pytest.mark.parametrize(
    "cron",
    [
        "cron(0 3 * * ? *)",
        "cron(0 3 ? * * *)",
        "cron(*/15 * * * ? *)",
        "cron(0,30 0-23/6 * * ? *)",
        "cron(59 23 * * ? *)",
    ],
)
def test_a_cron_expression_that_fires_every_day_starts_every_daily_slot(cron: str):
    assert cron_problem(cron, "day") is None


@pytest.mark.parametrize(
    "cron", ["cron(5 * * * ? *)", "cron(5 0-23 * * ? *)", "cron(0 0/1 * * ? *)", "cron(0 */1 * * ? *)"]
)
def test_a_cron_expression_that_fires_every_hour_starts_every_hourly_slot(cron: str):
    assert cron_problem(cron, "hour") is None


@pytest.mark.parametrize("cron", ["cron(5 3 * * ? *)", "cron(5 */2 * * ? *)", "cron(0 1-23 * * ? *)"])
def test_a_cron_expression_that_leaves_out_an_hour_is_refused_for_hourly_slots(cron: str):
    assert "so that every hourly slot is run" in (cron_problem(cron, "hour") or "")


@pytest.mark.parametrize(
    "cron",
    [
        "cron(0 3 * * * *)",  # EventBridge wants one ? in the days
        "cron(0 3 ? * ? *)",
        "cron(0 3 * * ?)",  # five fields are Unix's
        "0 3 * * ? *",
        "cron(0 3 1 * ? *)",  # the 1st only
        "cron(0 3 ? * MON-FRI *)",
        "cron(0 3 * 1-6 ? *)",
        "cron(0 3 * * ? 2026)",
        "cron(60 3 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 5-3 * * ? *)",
        "cron(*/0 3 * * ? *)",
        "cron(0/60 3 * * ? *)",
        "cron( 0 3 * * ? *)",
        "cron(0  3 * * ? *)",
        "cron(0 3 * * ? *) ",
        "rate(1 day)",
        "",
    ],
)
def test_a_cron_expression_that_eventbridge_refuses_or_that_skips_days_is_refused(cron: str):
    assert "expected" in (cron_problem(cron, "day") or "")
