"""``report.yaml``: what a dataset folder wants shown of it, as SQL and words.

    report: 1
    slots: {from: 2018-01-31, to: 2018-02-07}      what `lakeward demo` runs unless told otherwise
    charts:
      - kind: stacked_bars                         first column: the axis; every further column: a layer of the bars
        title: Events by day and magnitude
        about: Strong events are rare.
        unit: events
        layers: ordered                            or distinct: how the layers are coloured
        sql: SELECT event_date, count_if(magnitude < 3) AS "below 3", … FROM {dataset} …
    answers:
      - question: Which events were the strongest?
        sql: SELECT … FROM {dataset} …
    try_next:
      - do: Refuse strong events
        how: Set `maximum: 4` on `magnitude`, and run `lakeward demo` again.

``{dataset}``, ``{first_day}`` and ``{last_day}`` are filled in. Every query reads its own dataset through
``{dataset}``, so that a copied folder asks about itself. A folder without a ``report.yaml`` has the report that every
dataset has.
"""

import difflib
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lakeward.contract.explain import explain_yaml
from lakeward.contract.positions import Positions
from lakeward_local.errors import DeclarationInvalid

FILE_NAME = "report.yaml"
TEMPLATES = ("dataset", "first_day", "last_day")


class _Part(BaseModel):
    """A piece of the declaration: frozen, and strict about its keys and types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _known_templates_only(text: str) -> str:
    for template in re.findall(r"\{([A-Za-z_.]+)\}", text):
        if template not in TEMPLATES:
            raise ValueError(f"unknown template {{{template}}}; known are {', '.join(f'{{{t}}}' for t in TEMPLATES)}")
    return text.strip()


Template = Annotated[str, Field(min_length=3), AfterValidator(_known_templates_only)]


def filled(text: str, dataset: str, first: date, last: date) -> str:
    """A text with its templates filled in; ``first`` and ``last`` are the days of the first and the last slot."""
    values = dict(zip(TEMPLATES, (dataset, first.isoformat(), last.isoformat()), strict=True))
    return re.sub(rf"\{{({'|'.join(TEMPLATES)})\}}", lambda found: values[found[1]], text)


class Query(_Part):
    """A piece that asks Athena."""

    sql: Template

    @field_validator("sql")
    @classmethod
    def _reads_its_own_dataset(cls, value: str) -> str:
        if "{dataset}" not in value:
            raise ValueError("expected the query to read {dataset}, so that a copied folder asks about itself")
        return value


class Chart(Query):
    """Bars along the query's first column; each further column, a number, is a layer of every bar."""

    kind: Literal["stacked_bars"]
    title: str = Field(min_length=3)
    about: str = Field(min_length=3)
    unit: str = Field(min_length=1)
    layers: Literal["ordered", "distinct"] = "distinct"


class Question(Query):
    """A question in words, and the SQL that answers it."""

    question: str = Field(min_length=3)


class Suggestion(_Part):
    """Something to try with this dataset; what stands between backticks is shown as code."""

    do: Template
    how: Template


class Slots(_Part):
    """The first and the last slot of the demo, both included."""

    model_config = ConfigDict(populate_by_name=True)

    first: str = Field(alias="from")
    last: str = Field(alias="to")

    @field_validator("first", "last", mode="before")
    @classmethod
    def _day_as_text(cls, value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value


class Declaration(_Part):
    """A whole ``report.yaml``."""

    report: Literal[1] = 1
    slots: Slots | None = None
    charts: tuple[Chart, ...] = ()
    answers: tuple[Question, ...] = ()
    try_next: tuple[Suggestion, ...] = ()

    @field_validator("charts", "answers", "try_next", mode="before")
    @classmethod
    def _list_as_tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


def load_declaration(folder: Path) -> Declaration:
    """Read the declaration of a dataset folder; an empty one when the folder has none.

    Raises:
        DeclarationInvalid: not YAML, or anything that the format refuses; every problem is listed with its line.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Declaration()
    text = path.read_text(encoding="utf-8")
    try:
        return Declaration.model_validate(YAML(typ="safe", pure=True).load(io.StringIO(text)))
    except YAMLError as problem:
        raise DeclarationInvalid(f"{path}: {explain_yaml(problem)}") from None
    except ValidationError as problem:
        lines = sorted(_told(error, Positions(text)) for error in problem.errors())
        told = "\n".join(f"  line {line}, {words}" for line, words in lines)
        raise DeclarationInvalid(f"{path}: {len(lines)} problem(s)\n{told}") from None


def _told(error: ErrorDetails, positions: Positions) -> tuple[int, str]:
    """One problem: its line, and the path, what was expected and what was found."""
    at = tuple(error["loc"])
    path = re.sub(r"\.(\d+)", r"[\1]", ".".join(map(str, at))) or "the file"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(at[-1]), set(_keys()), n=1)
        words = "unknown key" + (f"; did you mean {near[0]!r}?" if near else "")
    elif error["type"] == "missing":
        words = "expected this key, found none"
    else:
        words = f"{error['msg'].removeprefix('Value error, ')}; found {_short(error['input'])}"
    return positions.line(at), f"{path}: {words}"


def _keys() -> Iterator[str]:
    """All keys of the format, at every level."""
    for part in (Declaration, Slots, Chart, Question, Suggestion):
        yield from (field.alias or name for name, field in part.model_fields.items())


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
