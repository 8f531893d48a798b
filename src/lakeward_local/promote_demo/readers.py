"""Readers: analysts who ask the same questions all the time, and an account of every single answer.

What each version of the data answers is known beforehand, from the environment in which it was proved. An answer that
is no version's is mixed; one that is of a version that readers could not see at that time is stale.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from lakeward.errors import QueryFailed
from lakeward.ports.query import Queries, ResultColumn, Row

Reply = tuple[tuple[ResultColumn, ...], tuple[Row, ...]]
"""A whole answer: columns with their types, and every row."""

QUESTIONS: Final[Mapping[str, str]] = {
    "how many": (
        "SELECT count(*) AS events, count(DISTINCT id) AS ids, sum(significance) AS significance, "
        "typeof(max(significance)) AS of_type FROM earthquakes"
    ),
    "by day": (
        "SELECT event_date, count(*) AS events, max(magnitude) AS strongest, max(significance) AS most_significant "
        "FROM earthquakes GROUP BY event_date ORDER BY event_date"
    ),
    "whole rows": (
        "SELECT * FROM earthquakes WHERE event_date = DATE '2018-02-06' "
        "AND occurred_at < TIMESTAMP '2018-02-06 03:00:00' ORDER BY occurred_at, id"
    ),
}
"""Each answers otherwise in types or names when the version is another one."""


@dataclass(frozen=True)
class Read:
    """One read: when it began and ended (seconds of a monotonic clock), and which version answered.

    ``answered`` is a version, ``error``, ``empty`` or ``mixed``.
    """

    began: float
    ended: float
    question: str
    answered: str


@dataclass(frozen=True)
class Move:
    """A change of what readers see: they may see either version between its beginning and its end."""

    began: float
    ended: float
    version: str
    """That readers see from its end on."""


WRONG: Final = ("error", "empty", "mixed", "stale")


@dataclass
class Tally:
    """Every read, and the moves of the view meanwhile."""

    started_with: str
    reads: list[Read] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def possible(self, read: Read) -> set[str]:
        """The versions that readers could see while a read lasted."""
        seen, version = set(), self.started_with
        for move in self.moves:
            if read.began < move.ended:
                seen.add(version)
            if read.ended < move.began:
                break
            version = move.version
        else:
            seen.add(version)
        return seen

    def wrong(self) -> Counter[str]:
        """How many reads were wrong, by what was wrong with them: error, empty, mixed or stale."""
        found: Counter[str] = Counter(dict.fromkeys(WRONG, 0))
        for read in self.reads:
            if read.answered in WRONG:
                found[read.answered] += 1
            elif read.answered not in self.possible(read):
                found["stale"] += 1
        return found

    def right(self) -> Counter[str]:
        """How many reads each version answered."""
        answered = (read for read in self.reads if read.answered not in WRONG)
        return Counter(read.answered for read in answered if read.answered in self.possible(read))


class Readers:
    """Threads that read until they are told to stop."""

    def __init__(
        self, engines: Sequence[Queries], database: str, known: Mapping[str, Mapping[str, Reply]], started_with: str
    ) -> None:
        """Prepare.

        Args:
            engines: one for each thread.
            database: that of the views.
            known: by version, what each question answers. More may be learnt while the threads read.
            started_with: the version that readers see now.
        """
        self.tally = Tally(started_with)
        self.known: Mapping[str, Mapping[str, Reply]] = dict(known)
        self._unknown: list[tuple[float, float, str, Reply]] = []
        self._database = database
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(engine,), daemon=True) for engine in engines]

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def learn(self, version: str, answers: Mapping[str, Reply]) -> None:
        """Know a version more. Threads read what is known meanwhile, so it is put in the place of what was."""
        self.known = {**self.known, version: answers}

    def stop(self) -> Tally:
        """Stop, and judge what could not be judged before."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for began, ended, question, reply in self._unknown:
            self.tally.reads.append(Read(began, ended, question, self._version(question, reply) or "mixed"))
        self._unknown.clear()
        self.tally.reads.sort(key=lambda read: read.began)
        return self.tally

    @property
    def count(self) -> int:
        """How many reads there have been."""
        return len(self.tally.reads) + len(self._unknown)

    @contextmanager
    def moving(self, version: str) -> Iterator[None]:
        """Around whatever moves the view to a version."""
        began = time.monotonic()
        yield
        self.tally.moves.append(Move(began, time.monotonic(), version))

    def wait_for(self, reads: int) -> None:
        """Return when so many reads have been made."""
        while self.count < reads and any(thread.is_alive() for thread in self._threads):
            time.sleep(0.5)

    def _read(self, engine: Queries) -> None:
        while not self._stop.is_set():
            for question, sql in QUESTIONS.items():
                self._ask(engine, question, sql)

    def _ask(self, engine: Queries, question: str, sql: str) -> None:
        began = time.monotonic()
        try:
            reply = ask(engine, sql, self._database)
        except Exception as problem:  # noqa: BLE001 -- whatever a reader meets is an error of what it reads
            self.tally.errors.append(f"{question}: {problem}")
            self.tally.reads.append(Read(began, time.monotonic(), question, "error"))
            return
        ended = time.monotonic()
        if not reply[1]:
            self.tally.reads.append(Read(began, ended, question, "empty"))
        elif version := self._version(question, reply):
            self.tally.reads.append(Read(began, ended, question, version))
        else:
            self._unknown.append((began, ended, question, reply))

    def _version(self, question: str, reply: Reply) -> str | None:
        return next((version for version, replies in self.known.items() if replies[question] == reply), None)


def ask(engine: Queries, sql: str, database: str) -> Reply:
    """A whole answer.

    Raises:
        QueryFailed: it was refused or failed.
    """
    answer = engine.run(sql, database)
    rows = tuple(answer.rows)
    if rows and all(value in (None, "0") for value in rows[0]):
        return answer.columns, ()  # a count of nothing is an empty answer
    return answer.columns, rows


def replies(engine: Queries, database: str) -> dict[str, Reply]:
    """What each question answers now.

    Raises:
        QueryFailed: a question was refused or failed, or is answered by nothing.
    """
    found = {question: ask(engine, sql, database) for question, sql in QUESTIONS.items()}
    empty = [question for question, (_, rows) in found.items() if not rows]
    if empty:
        raise QueryFailed(f"expected rows for {', '.join(empty)} in {database}, found none; run the slots first")
    return found
