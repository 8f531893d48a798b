"""What is wrong with a contract, in words: the line, the path, what was expected, what was found, what to do."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lakeward.contract.model import Contract
from lakeward.contract.part import At, Disagreement
from lakeward.contract.positions import Positions

EXPECTED = {
    "string_type": "text (in quotes, if YAML takes it for something else)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "literal_error": "{expected}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_short": "text of at least {min_length} character(s)",
    "too_short": "at least {min_length} of them",
    "finite_number": "a finite number",
    "greater_than": "more than {gt}",
    "less_than": "less than {lt}",
    "string_too_long": "text of at most {max_length} character(s)",
    "too_long": "at most {max_length} of them",
    "string_pattern_mismatch": "text that matches {pattern}",
}
"""pydantic's kinds of error -> what was expected, with pydantic's facts filled in."""


ELSEWHERE = {
    ("new", "evolve"): "keep",  # as ADR 15 says, no run adds columns
    ("mode", "append"): "append_only",
    ("mode", "overwrite"): "replace_slot",
    ("mode", "replace"): "replace_slot",
    ("mode", "merge"): "upsert",
    ("use", "spark"): "glue",
    ("use", "duckdb"): "lambda",
    ("personal", "mask"): "redact",
    ("personal", "encrypt"): "tokenise",
    ("on_violation", "drop"): "quarantine",
    ("on_violation", "null"): "set_null",
}
"""What other tools call it, by the key: the nearest of our words where letters do not tell."""
TAGS = ("kind", "format", "mode")
"""The keys that say which member of a union a mapping is."""


def explain(problem: ValidationError | None, nulls: list[At], text: str, of: type[BaseModel] = Contract) -> list[str]:
    """One line for each problem, in the order of the file.

    Args:
        problem: what pydantic found in the document without its nulls, if anything.
        nulls: where keys without a value stand.
        text: the file.
        of: the model of the whole file.
    """
    positions = Positions(text)
    found = [(at, "expected a value, found none; give one or leave the key out") for at in nulls]
    for error in problem.errors() if problem else []:
        at, around = _place(error["loc"], of)
        if not (error["type"] == "missing" and at in nulls):
            found += _told(error, at, around, positions, of)
    lines = sorted({(positions.line(at), f"{_path(at, positions)}: {words}") for at, words in found})
    return [f"line {line}, {words}" for line, words in lines]


def explain_yaml(problem: YAMLError) -> str:
    """Why a text is not the YAML that we read."""
    if not isinstance(problem, MarkedYAMLError) or problem.problem_mark is None:
        return f"expected YAML, found: {problem}"
    line = problem.problem_mark.line + 1
    if isinstance(problem, DuplicateKeyError):
        key = re.search(r'found duplicate key "([^"]*)"', problem.problem or "")
        return f"line {line}: expected every key once, found {key[1] if key else 'one'!r} again"
    return f"line {line}: expected YAML, found: {problem.problem or problem.context}"


def _told(
    error: ErrorDetails, at: At, around: type[BaseModel], positions: Positions, of: type[BaseModel]
) -> Iterator[tuple[At, str]]:
    """One error of pydantic as places and words; an error about several keys becomes several."""
    kind, facts = error["type"], error.get("ctx", {})
    cause = facts.get("error")
    if isinstance(cause, Disagreement):
        yield from (((*at, *inner), words) for inner, words in cause.problems)
    elif kind == "extra_forbidden":
        yield at, _unknown_key(str(at[-1]), around, of)
    elif kind == "union_tag_not_found":
        yield (*at, _tag_name(facts)), f"expected this key, found none{_meant(_tag_name(facts), error['input'])}"
    elif kind == "union_tag_invalid":
        key = (*at, _tag_name(facts))
        near = _nearest(facts["tag"], facts["expected_tags"], _tag_name(facts))
        yield key, f"expected {_either(facts['expected_tags'])}; found {_found(facts['tag'], key, positions)}{near}"
    elif kind == "missing":
        yield at, "expected this key, found none"
    else:
        shape = EXPECTED.get(kind)
        words = f"expected {shape.format(**facts)}" if shape else error["msg"].removeprefix("Value error, ")
        near = _nearest(error["input"], facts["expected"], str(at[-1])) if kind == "literal_error" else ""
        yield at, f"{words}; found {_found(error['input'], at, positions)}{near}"


def _unknown_key(key: str, around: type[BaseModel], of: type[BaseModel]) -> str:
    near = difflib.get_close_matches(key, around.model_fields, n=1)
    if near:
        return f"unknown key; did you mean {near[0]!r}?"
    homes = sorted(_homes(key, of, ""))
    known = f"known here are {', '.join(around.model_fields)}"
    return f"unknown key; {known}" + (f"; {key!r} belongs in {' or '.join(homes)}" if homes else "")


def _homes(key: str, model: type[BaseModel], path: str) -> Iterator[str]:
    """The paths of all pieces that know a key."""
    if key in model.model_fields:
        yield path or "the top level"
    for name, field in model.model_fields.items():
        for inner in filter(_is_model, (field.annotation, *get_args(field.annotation))):
            yield from _homes(key, inner, f"{path}.{name}" if path else name)


def _place(loc: tuple[int | str, ...], of: type[BaseModel]) -> tuple[At, type[BaseModel]]:
    """Where in the file an error of pydantic is, and the model of the mapping around it.

    Among the steps of ``loc`` are some that the file does not have: the tag of the union's member that was meant, and
    a mark for a key that is itself wrong.
    """
    at: list[str | int] = []
    around: type[BaseModel] = of
    options: list[type[BaseModel]] = []
    for step in loc:
        tagged = [model for model in options if len(options) > 1 and step in _tags(model)]
        if tagged:
            around, options = tagged[0], []
        elif step != "[key]":
            around = options[0] if options and isinstance(step, str) else around
            at.append(step)
            options = _options(around, step) if isinstance(step, str) else options
    return tuple(at), around


def _options(around: type[BaseModel], key: str) -> list[type[BaseModel]]:
    """The models that may stand under a key: none, one, or the members of a union."""
    field = around.model_fields.get(key)
    return [] if field is None else [t for t in (field.annotation, *get_args(field.annotation)) if _is_model(t)]


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    """What a member of a union says it is."""
    return next((get_args(model.model_fields[key].annotation) for key in TAGS if key in model.model_fields), ())


def _tag_name(facts: dict[str, Any]) -> str:
    return str(facts["discriminator"]).strip("'")


def _nearest(found: Any, expected: str, key: str) -> str:
    """Which of the words that may stand there is probably meant: ``expected`` has them in quotes."""
    if not isinstance(found, str):
        return ""
    words = re.findall(r"'([^']*)'", expected)
    known_elsewhere = ELSEWHERE.get((key, found.lower()))
    near = [known_elsewhere] if known_elsewhere in words else difflib.get_close_matches(found.lower(), words, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _meant(tag: str, found: Any) -> str:
    """Which of the keys that are there is probably the one that is not."""
    near = difflib.get_close_matches(tag, map(str, found), n=1) if isinstance(found, dict) else []
    return f"; is {near[0]} meant to be it?" if near else ""


def _either(listed: str) -> str:
    """``'a', 'b', 'c'`` -> ``'a', 'b' or 'c'``."""
    return " or ".join(listed.rsplit(", ", 1))


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _path(at: At, positions: Positions) -> str:
    """``columns[3] (magnitude).type``; an item of the columns is named when it has a name."""
    parts = ""
    for depth, step in enumerate(at, start=1):
        parts += f"[{step}]" if isinstance(step, int) else f"{'.' if parts else ''}{step}"
        name = positions.plain((*at[:depth], "name")) if isinstance(step, int) else None
        parts += f" ({name})" if name else ""
    return parts or "the contract"


def _found(value: Any, at: At, positions: Positions) -> str:
    """A value as it is written, shortened; text in quotes, so that 1.0 and '1.0' look different."""
    if value is None:
        return "nothing"
    plain = positions.plain(at)
    text = repr(value) if isinstance(value, str) or plain is None else plain
    return text if len(text) <= 80 else text[:77] + "..."
