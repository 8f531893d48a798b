"""Faults on demand: what a test can ask the replay server to do wrong.

A rule says which requests it is for, how often it strikes, and what goes wrong. Rules are put as JSON:

    PUT /_replay/faults
    [{"match": {"path": "*/query", "query": {"starttime": "2018-02-01*", "offset": "101"}},
      "times": 1,
      "fault": {"kind": "truncate_json", "keep_bytes": 1000}}]

Each kind of fault is a class below; it changes one of the four things that a request becomes on its way: the
question, the selection of records, the answer, the answer as it goes over the wire.
"""

import fnmatch
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lakeward_local.replay.model import Answer, Question, Record, Selection


class _Fault(BaseModel):
    """A fault changes one of these, and leaves the others as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def on_question(self, question: Question) -> Question:
        """Change what is asked."""
        return question

    def on_selection(self, selection: Selection) -> Selection:
        """Change which records answer, or how many are declared."""
        return selection

    def on_answer(self, answer: Answer) -> Answer:
        """Change the body before it is compressed."""
        return answer

    def on_wire(self, answer: Answer) -> Answer:
        """Change what is sent, and how."""
        return answer


class AnswerAs(_Fault):
    """Answer as if these parameters had been given: a page that is repeated, a filter that is not honoured."""

    kind: Literal["answer_as"]
    query: dict[str, str]

    def on_question(self, question: Question) -> Question:
        return question.with_parameters(self.query)


class Declare(_Fault):
    """Declare a number of records that is off ``by`` so many."""

    kind: Literal["declare"]
    by: int

    def on_selection(self, selection: Selection) -> Selection:
        return replace(selection, declared=selection.declared + self.by)


class Withhold(_Fault):
    """Leave out the last records of a page, and declare them all the same."""

    kind: Literal["withhold"]
    records: Annotated[int, Field(ge=1)]

    def on_selection(self, selection: Selection) -> Selection:
        return replace(selection, records=selection.records and selection.records[: -self.records])


class DuplicateRecord(_Fault):
    """Send a record a second time, right after the first; the declared number is that of distinct records."""

    kind: Literal["duplicate_record"]
    id: str

    def on_selection(self, selection: Selection) -> Selection:
        records = selection.records or ()
        doubled = (copy for r in records for copy in ((r, r) if r.value.get("id") == self.id else (r,)))
        return replace(selection, records=selection.records and tuple(doubled))


class ChangeRecord(_Fault):
    """Send a record with members set or dropped; a member is named by its path, such as ``properties.mag``."""

    kind: Literal["change_record"]
    id: str
    set: dict[str, Any] = {}
    drop: tuple[str, ...] = ()

    def on_selection(self, selection: Selection) -> Selection:
        changed = (self._changed(r) if r.value.get("id") == self.id else r for r in selection.records or ())
        return replace(selection, records=selection.records and tuple(changed))

    def _changed(self, record: Record) -> Record:
        value = json.loads(record.raw)
        for path, new in self.set.items():
            parent, name = _member(value, path)
            parent[name] = new
        for path in self.drop:
            parent, name = _member(value, path)
            del parent[name]
        # What the record says for the page's frame stays what was recorded.
        return Record(raw=json.dumps(value, separators=(",", ":")).encode(), value=record.value)


class TruncateJson(_Fault):
    """Send only the first bytes of the body, as if they were all: the length that is declared fits."""

    kind: Literal["truncate_json"]
    keep_bytes: Annotated[int, Field(ge=0)]

    def on_answer(self, answer: Answer) -> Answer:
        return replace(answer, body=answer.body[: self.keep_bytes])


class WrongGzip(_Fault):
    """Say that the body is gzip, and send it uncompressed or without its end."""

    kind: Literal["wrong_gzip"]
    how: Literal["plain", "cut"]

    def on_wire(self, answer: Answer) -> Answer:
        headers = {**answer.headers, "Content-Encoding": "gzip"}
        if self.how == "plain":
            return replace(answer, headers=headers)
        return replace(answer, headers=headers, body=answer.body[:-8])


class ShortBody(_Fault):
    """Declare the whole length, send less, and close the connection."""

    kind: Literal["short_body"]
    missing_bytes: Annotated[int, Field(ge=1)]

    def on_wire(self, answer: Answer) -> Answer:
        return replace(answer, sent_bytes=max(0, len(answer.body) - self.missing_bytes))


class DropConnection(_Fault):
    """Close the connection without an answer."""

    kind: Literal["drop_connection"]

    def on_wire(self, answer: Answer) -> Answer:
        return replace(answer, dropped=True)


class Status(_Fault):
    """Answer with another status: 429 or 503 with ``Retry-After``, 404, a redirect with ``Location``."""

    kind: Literal["status"]
    status: Annotated[int, Field(ge=200, le=599)]
    headers: dict[str, str] = {}
    body: str = ""

    def on_wire(self, answer: Answer) -> Answer:
        headers = {"Content-Type": "text/plain; charset=utf-8", **self.headers}
        return replace(answer, status=self.status, headers=headers, body=self.body.encode())


class Delay(_Fault):
    """Wait before the first byte."""

    kind: Literal["delay"]
    seconds: Annotated[float, Field(ge=0)]

    def on_wire(self, answer: Answer) -> Answer:
        return replace(answer, delay_seconds=answer.delay_seconds + self.seconds)


Fault = Annotated[
    AnswerAs
    | Declare
    | Withhold
    | DuplicateRecord
    | ChangeRecord
    | TruncateJson
    | WrongGzip
    | ShortBody
    | DropConnection
    | Status
    | Delay,
    Field(discriminator="kind"),
]


class Match(BaseModel):
    """Which requests a rule is for; ``*`` in a pattern stands for any text. All of them when nothing is said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = "*"
    query: dict[str, str] = {}
    """A pattern for each parameter that must be there."""

    def covers(self, question: Question) -> bool:
        """Whether the rule is for this request."""
        return fnmatch.fnmatchcase(question.path, self.path) and all(
            (value := question.get(name)) is not None and fnmatch.fnmatchcase(value, pattern)
            for name, pattern in self.query.items()
        )


class Rule(BaseModel):
    """When something goes wrong, how often, and what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: Match = Match()
    skip: Annotated[int, Field(ge=0)] = 0
    """How many requests that match are let through first."""
    times: Annotated[int, Field(ge=1)] | None = None
    """How often it strikes; always when it is None."""
    fault: Fault


RULES = TypeAdapter(tuple[Rule, ...])


@dataclass
class _Armed:
    rule: Rule
    seen: int = 0

    def strikes(self, question: Question) -> bool:
        if not self.rule.match.covers(question):
            return False
        self.seen += 1
        return self.seen > self.rule.skip and (self.rule.times is None or self.seen <= self.rule.skip + self.rule.times)


class Armoury:
    """The rules in force. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: tuple[_Armed, ...] = ()

    def arm(self, rules: Sequence[Rule]) -> None:
        """Put these rules in the place of all others."""
        with self._lock:
            self._armed = tuple(_Armed(rule) for rule in rules)

    def strike(self, question: Question) -> tuple[Fault, ...]:
        """The faults of every rule that strikes this request, in the order of the rules."""
        with self._lock:
            return tuple(armed.rule.fault for armed in self._armed if armed.strikes(question))

    def report(self) -> list[Mapping[str, Any]]:
        """Each rule in force, and how many requests it has matched."""
        with self._lock:
            return [{"rule": a.rule.model_dump(mode="json"), "matched": a.seen} for a in self._armed]


def _member(value: Any, path: str) -> tuple[Any, str]:
    *parents, name = path.split(".")
    for parent in parents:
        value = value[parent]
    return value, name
