"""What Athena answers, check by check: see ``athena_checks`` for the format and ``checks/`` for the table."""

import pytest
from athena_checks import Check, read_all
from athena_lake import Failed, Lake

CHECKS = read_all()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_local_athena_answers_as_athena(check: Check, lake: Lake):
    rows: list[list[str | None]] | None = None
    types: list[str] = []
    failure = None
    try:
        for sql in check.sql:
            rows, types = lake.rows(sql, check.database)
    except Failed as error:
        rows, failure = None, str(error)

    assert rows == check.rows, failure
    if check.types is not None:
        assert types == check.types
    if check.error is not None:
        assert check.error in (failure or "")


def test_there_are_at_least_six_hundred_checks_of_our_own_besides_the_given_ones():
    own = [check for check in CHECKS if check.source.startswith("https://")]

    assert len(own) >= 600
    assert len({check.id for check in CHECKS}) == len(CHECKS)
