"""A key that is misspelt is refused with the one that was meant, wherever in a contract it stands."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lakeward.contract import parse_contract
from lakeward.contract.explain import TAGS
from lakeward.contract.schema import contract_schema
from lakeward.errors import ContractInvalid

SCHEMA = contract_schema()
At = tuple[str | int, ...]


def keys(at: At, name: str, around: dict[Any, Any]) -> Iterator[tuple[At, str, dict[Any, Any], str]]:
    """Every key of a piece and of those below it: where it stands, its name, what tells which of several pieces is
    meant on the way, and the piece's name."""
    for key, shown in SCHEMA["$defs"].get(name, SCHEMA)["properties"].items():
        yield at, key, around, name
        for place, reference in (((*at, key), shown), ((*at, key, 0), shown.get("items", {}))):
            if "$ref" in reference:
                yield from keys(place, named(reference), around)
        for option in shown.get("oneOf", []):
            inner = SCHEMA["$defs"][named(option)]["properties"]
            tag = {tag: inner[tag]["const"] for tag in TAGS if tag in inner}
            yield from keys((*at, key), named(option), {**around, (*at, key): tag})


def named(reference: dict[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


KEYS = list(keys((), "Contract", {}))
ALL = [(at, key, around) for at, key, around, _ in KEYS if not (key in TAGS and at in around)]


def document(at: At, key: str, around: dict[Any, dict[str, str]]) -> Any:
    """A contract with nothing but the way to a key, misspelt."""
    value: dict[str, Any] = {f"{key}{key[-1]}": 1}
    for depth in range(len(at), 0, -1):
        inner = {**around.get(at[:depth], {}), **value} if isinstance(value, dict) else value
        step = at[depth - 1]
        value = [inner] if isinstance(step, int) else {step: inner}  # type: ignore[assignment]
    return value


def shown(at: At) -> str:
    """``columns[0].policies.``"""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).removeprefix(".")
    return f"{words}." if words else ""


@pytest.mark.parametrize(
    ("at", "key", "around"), ALL, ids=[f"{shown(at)}{key} {list(around.values())[-1:]}" for at, key, around in ALL]
)
def test_a_misspelt_key_is_refused_with_the_nearest_one(at: At, key: str, around: dict[Any, dict[str, str]]):
    with pytest.raises(ContractInvalid) as refused:
        parse_contract(json.dumps(document(at, key, around)), "contract.yaml")

    said = f"{shown(at)}{key}{key[-1]}: unknown key; did you mean {key!r}?"
    assert said in refused.value.message


def test_every_piece_of_the_format_is_reached():
    assert {piece for *_, piece in KEYS} == {"Contract", *SCHEMA["$defs"]}


@pytest.mark.parametrize("tag", [(at, key, around) for at, key, around, _ in KEYS if key in TAGS and at in around])
def test_where_what_tells_the_kind_is_misspelt_that_is_said(tag: tuple[At, str, dict[Any, dict[str, str]]]):
    at, key, around = tag

    with pytest.raises(ContractInvalid) as refused:
        parse_contract(json.dumps(document(at, key, {**around, at: {}})), "contract.yaml")

    said = f"{shown(at)}{key}: expected this key, found none"
    assert f"{said}; is {key}{key[-1]!s} meant to be it?" in refused.value.message
