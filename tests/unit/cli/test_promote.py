"""The report of a health check: what is only told stands among the checks and is not counted."""

import pytest

from lakeward.cli.promote import print_checks
from lakeward.release.evidence import Check
from lakeward.release.health import Note


def test_notes_are_shown_and_not_counted(capsys: pytest.CaptureFixture[str]):
    checks = [
        Check(name="the release runs", expected="every function", found="every function", holds=True),
        Note(name="the canary of parcels", expected="told, not judged", found="no slot yet"),
        Check(name="no alarm began to ring", expected="none", found="prod-dead-letters", holds=False),
    ]

    print_checks(checks, "prod")

    title, _top, _heading, _line, *rows, _bottom = capsys.readouterr().out.splitlines()
    assert title.strip() == "1 of 2 checks hold in prod"
    assert [[cell.strip() for cell in row.strip("│").split("│")] for row in rows] == [
        ["the release runs", "every function", "every function"],
        ["the canary of parcels", "told, not judged", "no slot yet"],
        ["no alarm began to ring", "none", "prod-dead-letters"],
    ]
