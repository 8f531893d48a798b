"""``docs/sources.md``: every example holds, and every option has one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract_world import CONTRACT, yaml_value
from jsonschema import Draft202012Validator

from lakeward.contract import parse_contract
from lakeward.contract.schema import contract_schema
from lakeward.contract.source_paging import STOPS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "sources.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(kind: http\n.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
ELEMENT = "  - {name: to, type: string, at: '$.legs[*].to', description: Where the leg ends.}\n"
SCHEMA = contract_schema()


def contract_with(example: str) -> str:
    """The small contract with this source in the place of its own, and a column of elements where records have such."""
    head, _, tail = CONTRACT.partition("source:\n")
    rest = tail[tail.index("slot: day") :]
    indented = "".join(f"  {line}\n" for line in example.splitlines())
    each = ELEMENT if "explode:" in example else ""
    return f"{head}source:\n{indented}{rest}{each}"


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_source(example: str):
    text = contract_with(example)

    assert list(Draft202012Validator(SCHEMA).iter_errors(yaml_value(text))) == []
    assert parse_contract(text, "docs/sources.md").source.kind == "http"


def test_every_option_has_an_example():
    shown = {path for example in EXAMPLES for path in options_in(yaml_value(example), "HttpSource")}

    assert sorted(set(options_of("HttpSource")) - shown) == []


def test_its_table_of_stop_conditions_is_the_parsers():
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.*?) \|$", DOCUMENT, re.MULTILINE)

    assert {kind: tuple(re.findall(r"`(\w+)`", stops)) for kind, stops in rows} == {
        kind: tuple(stops) for kind, stops in STOPS.items()
    }


def pieces_of(shown: dict[str, Any]) -> list[str]:
    """Names of the pieces that may stand under a key."""
    references = [shown.get("$ref"), *(option.get("$ref") for option in shown.get("oneOf", []))]
    return [reference.rpartition("/")[2] for reference in references if reference]


def options_of(name: str) -> Iterator[tuple[str, str]]:
    """Every key of a piece and of the pieces below it."""
    for key, shown in SCHEMA["$defs"][name]["properties"].items():
        yield name, key
        for piece in pieces_of(shown):
            yield from options_of(piece)


def options_in(value: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """The keys that an example uses, each with the piece it belongs to."""
    for key, inner in value.items():
        yield name, key
        pieces = pieces_of(SCHEMA["$defs"][name]["properties"][key])
        for piece in pieces:
            tags = [shown["const"] for shown in SCHEMA["$defs"][piece]["properties"].values() if "const" in shown]
            if len(pieces) == 1 or {inner.get("kind"), inner.get("format")} & set(tags):
                yield from options_in(inner, piece)
