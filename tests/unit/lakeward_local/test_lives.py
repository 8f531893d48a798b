from pathlib import Path

import pytest

from lakeward_local.cloud import lives
from lakeward_local.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def hold_something(home: Home) -> None:
    (home.state / "s3.json").write_text("{}")
    (home.objects / "bucket").mkdir()
    home.terraform.mkdir()


def held(home: Home) -> bool:
    return (home.state / "s3.json").exists() and (home.objects / "bucket").exists() and home.terraform.exists()


def test_the_first_life_starts_from_empty_and_there_is_nothing_to_explain(home: Home):
    life = lives.begin(home, "1.0")

    assert (life.restored, life.why_empty) == (False, None)


def test_a_life_goes_on_after_a_clean_end(home: Home):
    first = lives.begin(home, "1.0")
    hold_something(home)
    lives.end(home, first, "1.0", [])

    second = lives.begin(home, "1.0")

    assert (second.id, second.restored, held(home)) == (first.id, True, True)


@pytest.mark.parametrize(
    ("ended_with", "begun_with", "problems", "why"),
    [
        (None, "1.0", [], "its last run did not end by `lakeward down`"),
        ("1.0", "1.0", ["failed to save glue: disk full"], "its last run did not end by `lakeward down`"),
        ("1.0", "2.0", [], "its state was written by MiniStack 1.0, and 2.0 is installed"),
    ],
)
def test_a_life_does_not_go_on_and_everything_of_it_is_gone(
    home: Home, ended_with: str | None, begun_with: str, problems: list[str], why: str
):
    first = lives.begin(home, "1.0")
    hold_something(home)
    if ended_with:
        lives.end(home, first, ended_with, problems)

    second = lives.begin(home, begun_with)

    assert (second.restored, second.id == first.id, held(home)) == (False, False, False)
    assert (second.why_empty or "").startswith(why)


def test_a_clean_end_counts_once(home: Home):
    first = lives.begin(home, "1.0")
    hold_something(home)
    lives.end(home, first, "1.0", [])
    lives.begin(home, "1.0")

    assert not lives.begin(home, "1.0").restored


def test_a_marker_that_cannot_be_read_is_no_clean_end(home: Home):
    lives.begin(home, "1.0")
    hold_something(home)
    home.clean_shutdown.write_text("{")

    assert lives.begin(home, "1.0").why_empty == f"{home.clean_shutdown} cannot be read"
