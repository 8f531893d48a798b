from datetime import UTC, datetime

import pytest

from lakeward_local.gaps.scheduler_context import _scheduled


@pytest.mark.parametrize(
    ("expression", "fired", "scheduled"),
    [
        ("cron(0 3 * * ? *)", "2018-02-01T03:00:00", "2018-02-01T03:00:00"),
        ("cron(0 3 * * ? *)", "2018-02-01T03:00:09", "2018-02-01T03:00:00"),
        ("cron(0 3 * * ? *)", "2018-02-01T09:41:00", "2018-02-01T03:00:00"),
        ("cron(0 3 * * ? *)", "2018-02-01T02:59:59", "2018-01-31T03:00:00"),
        ("cron(0/15 * * * ? *)", "2018-02-01T03:16:09", "2018-02-01T03:15:00"),
        ("cron(0 0 1 1 ? *)", "2018-12-31T00:00:00", "2018-01-01T00:00:00"),
        ("at(2018-02-01T03:00:00)", "2018-02-05T00:00:00", "2018-02-01T03:00:00"),
        ("rate(1 hour)", "2018-02-01T03:16:09", "2018-02-01T03:16:00"),
    ],
)
def test_the_scheduled_time_is_the_latest_that_the_expression_names(expression: str, fired: str, scheduled: str):
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert _scheduled(expression, instant(fired)) == instant(scheduled)
