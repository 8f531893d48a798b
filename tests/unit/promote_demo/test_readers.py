"""Readers judge every answer: of a version, mixed, empty, stale or an error."""

import threading

import pytest

from lakeward.errors import QueryFailed
from lakeward.ports.query import Answer, ResultColumn
from lakeward_local.promote_demo.readers import QUESTIONS, Move, Read, Readers, Reply, Tally, replies

COLUMNS = (ResultColumn("n", "bigint"),)
OLD: dict[str, Reply] = dict.fromkeys(QUESTIONS, (COLUMNS, (("1",),)))
NEW: dict[str, Reply] = dict.fromkeys(QUESTIONS, (COLUMNS, (("2",),)))


class Engine:
    """Answers every question alike, until told to answer otherwise."""

    def __init__(self, value: str | None) -> None:
        self.value = value
        self.asked: list[tuple[str, str]] = []
        self.enough = threading.Event()

    def run(self, sql: str, database: str) -> Answer:
        self.asked.append((sql, database))
        if len(self.asked) >= 6:
            self.enough.set()
        if self.value == "fails":
            raise QueryFailed("query 1 failed: no such table")
        rows = iter([] if self.value is None else [(self.value,)])
        return Answer(COLUMNS, rows, "query", 0, 1, 0)


def read_with(value: str | None, known: dict[str, dict[str, Reply]]) -> Tally:
    engine = Engine(value)
    readers = Readers([engine], "serving", known, "old")
    readers.start()
    assert engine.enough.wait(5)
    return readers.stop()


@pytest.mark.parametrize(
    ("value", "wrong"),
    [("1", None), ("2", "stale"), ("3", "mixed"), (None, "empty"), ("0", "empty"), ("fails", "error")],
)
def test_an_answer_is_the_versions_or_it_is_wrong(value: str | None, wrong: str | None):
    tally = read_with(value, {"old": OLD, "new": NEW})

    assert {kind for kind, count in tally.wrong().items() if count} == ({wrong} if wrong else set())
    assert tally.right().total() == (len(tally.reads) if wrong is None else 0)


def test_a_version_that_becomes_known_later_judges_what_was_read_before():
    engine = Engine("2")
    readers = Readers([engine], "serving", {"old": OLD}, "new")
    readers.start()
    assert engine.enough.wait(5)
    readers.learn("new", NEW)

    assert readers.stop().wrong().total() == 0


def test_types_and_names_count_as_much_as_values():
    other = {question: ((ResultColumn("n", "integer"),), (("1",),)) for question in QUESTIONS}

    assert read_with("1", {"old": other}).wrong()["mixed"] > 0


MOVED = [Move(10.0, 12.0, "new"), Move(20.0, 21.0, "old")]


@pytest.mark.parametrize(
    ("began", "ended", "possible"),
    [
        (1.0, 2.0, {"old"}),
        (9.0, 11.0, {"old", "new"}),
        (11.0, 11.5, {"old", "new"}),
        (12.5, 13.0, {"new"}),
        (19.0, 20.5, {"new", "old"}),
        (22.0, 23.0, {"old"}),
        (9.0, 22.0, {"old", "new"}),
    ],
)
def test_what_readers_could_see_is_known_to_the_moment(began: float, ended: float, possible: set[str]):
    assert Tally("old", moves=MOVED).possible(Read(began, ended, "how many", "old")) == possible


def test_an_answer_of_a_version_that_readers_were_moved_off_is_stale():
    tally = Tally("old", reads=[Read(13.0, 14.0, "how many", "old")], moves=MOVED)

    assert (tally.wrong()["stale"], tally.right().total()) == (1, 0)


def test_a_move_is_remembered_with_its_beginning_and_end():
    readers = Readers([], "serving", {"old": OLD}, "old")
    with readers.moving("new"):
        pass

    (move,) = readers.tally.moves
    assert (move.version, move.began <= move.ended) == ("new", True)


def test_what_a_version_answers_is_learned_whole_and_never_from_nothing():
    assert replies(Engine("1"), "serving") == OLD
    with pytest.raises(QueryFailed, match="expected rows for how many, by day, whole rows in serving, found none"):
        replies(Engine(None), "serving")


def test_nobody_waits_for_readers_that_are_gone():
    readers = Readers([], "serving", {"old": OLD}, "old")

    readers.wait_for(10)

    assert readers.count == 0
