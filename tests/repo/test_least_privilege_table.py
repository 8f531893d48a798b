"""The table of rights that only AWS asks for excuses what it names and nothing else; a row must say why."""

from pathlib import Path

import pytest
from privilege_exceptions import Exceptions
from privilege_world import parts_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "least-privilege.md"
PAGE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"
POLICY = {
    "Statement": [
        {"Sid": "Log", "Action": ["logs:PutLogEvents", "logs:CreateLogStream"], "Resource": ["*"]},
        {"Sid": "Write", "Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": ["arn:aws:s3:::b/*"]},
        {
            "Sid": "Start",
            "Action": ["states:StartExecution"],
            "Resource": ["arn:aws:states:us-east-1:1:stateMachine:p"],
        },
    ]
}


def table(folder: Path, *rows: str) -> Path:
    path = folder / "table.md"
    path.write_text("\n".join(("| role | right | why | AWS |", "|---|---|---|---|", *rows)) + "\n")
    return path


def test_every_right_is_tried_but_those_that_are_excused(tmp_path: Path):
    rows = (
        f"| `*` | `Log` | Lambda does it | {PAGE} |",
        f"| `a` | `Write: s3:AbortMultipartUpload` | large | {PAGE} |",
    )
    exceptions = Exceptions.of(table(tmp_path, *rows))

    assert [str(part) for part in exceptions.to_try("a", parts_of(POLICY))] == ["Write: s3:PutObject", "Start"]
    assert [str(part) for part in exceptions.to_try("b", parts_of(POLICY))] == [
        "Write: s3:PutObject",
        "Write: s3:AbortMultipartUpload",
        "Start",
    ]


def test_a_row_of_a_right_that_no_role_has_is_told(tmp_path: Path):
    exceptions = Exceptions.of(table(tmp_path, f"| `a` | `Gone` | it was needed | {PAGE} |"))

    assert exceptions.of_nothing({("a", str(part)) for part in parts_of(POLICY)}) == [("a", "Gone")]


@pytest.mark.parametrize(
    "row", ["| `a` | `Log` |  | PAGE |", "| `a` | `Log` | because | a blog |", "| `a` | `Log` | PAGE |"]
)
def test_a_row_without_a_reason_or_a_page_of_aws_is_refused(row: str, tmp_path: Path):
    with pytest.raises(AssertionError, match="expected rows of role, right, reason and a page of AWS"):
        Exceptions.of(table(tmp_path, row.replace("PAGE", PAGE)))


def test_ours_can_be_read():
    assert len(Exceptions.of(DOCUMENT).rows) > 5
