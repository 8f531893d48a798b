"""The account and the page say what was done and what came of every read, and when it did not hold."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from rich.console import Console

from lakeward_local.promote_demo.account import print_account, verdict
from lakeward_local.promote_demo.page import render
from lakeward_local.promote_demo.readers import Move, Read, Tally
from lakeward_local.promote_demo.steps import Step
from lakeward_local.promote_demo.story import NEW, OLD, Story

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)


def story(*, rollback_seconds: float = 30.0, wrong: str | None = None) -> Story:
    reads = [Read(float(i), i + 0.5, "how many", OLD if i < 20 or i > 53 else NEW) for i in range(60)]
    if wrong is not None:
        reads[5] = Read(5.0, 5.5, "how many", wrong)
    steps = [
        Step("A release is built, once", ("release", "build"), 0.0, 4.0, "", 0),
        Step("prod", ("promote", "--from", "staging", "--to", "prod"), 4.0, 6.0, "PromotionRefused", 1),
        Step("The way back", ("rollback", "-e", "prod"), 50.0, 50.0 + rollback_seconds, "", 0),
    ]
    tally = Tally(OLD, reads=reads, moves=[Move(19.6, 19.9, NEW), Move(50.0, 80.0, OLD)])
    return Story({OLD: "a" * 64, NEW: "b" * 64}, steps, tally, steps[-1], wanted_reads=60)


def test_it_holds_when_every_read_was_right_and_the_way_back_was_short():
    assert story().holds
    assert verdict(story()) == (
        "60 reads while readers were moved 2 times: 0 error, 0 empty, 0 mixed, 0 stale. "
        "The rollback took 30.0 s, of 60 that it may take. Readers were back 4.5 s after it was asked for."
    )


@pytest.mark.parametrize("wrong", ["error", "empty", "mixed", NEW])
def test_one_wrong_read_is_enough_not_to_hold(wrong: str):
    assert not story(wrong=wrong).holds


def test_a_slow_way_back_or_too_few_reads_do_not_hold():
    few = story()
    few.wanted_reads = 61

    assert (story(rollback_seconds=60.0).holds, few.holds) == (False, False)


def test_the_terminal_shows_every_command_and_every_way_in_which_a_read_came_out():
    console = Console(width=100, record=True, force_terminal=False)
    print_account(story(wrong="mixed"), console)
    shown = console.export_text()

    for line in ("lakeward promote --from staging --to prod  (refused, as it should be)", "30.0  lakeward rollback"):
        assert line in shown
    rows = {" ".join(line.split()) for line in shown.splitlines()}
    assert {"25 version 1, release aaaaaaaaaaaa", "34 version 2, release bbbbbbbbbbbb", "1 mixed", "0 stale"} <= rows


class Page(HTMLParser):
    """Collects what a page loads, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing is open."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("of", [story(), story(wrong="mixed"), Story()], ids=["holds", "does not", "nothing"])
def test_the_page_is_whole_and_loads_nothing(of: Story):
    if not of.steps:
        of.steps = story().steps
    page = Page()
    page.feed(render(of, NOW))

    assert (page.open, page.loads) == ([], [])


def test_the_page_says_when_it_did_not_hold_and_escapes_what_readers_met():
    failed = story(wrong="error")
    failed.tally.errors.append("how many: <script>alert(1)</script>")
    text = render(failed, NOW)

    assert "It did not all hold" in text
    assert "&lt;script&gt;" in text
    assert "It did not all hold" not in render(story(), NOW)
