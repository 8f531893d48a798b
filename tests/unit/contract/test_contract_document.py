"""``docs/contract.md`` says what the schema says, key by key, and its example holds."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract_world import yaml_value
from jsonschema import Draft202012Validator

from lakeward.contract import parse_contract
from lakeward.contract.column_parse import OPTIONS
from lakeward.contract.schema import contract_schema

DOCUMENT = (Path(__file__).parents[3] / "docs" / "contract.md").read_text()
SCHEMA = contract_schema()
BACKSLASHED = chr(92) + chr(34)
HEADINGS = ["| key | type | default | meaning |", "|---|---|---|---|"]


def test_its_tables_are_the_schemas():
    wanted = dict(sections("the top level", SCHEMA))

    assert {heading: "\n".join(table) for heading, table in tables_of(DOCUMENT).items()} == {
        heading: "\n".join(table) for heading, table in wanted.items()
    }
    assert list(tables_of(DOCUMENT)) == list(wanted)


def test_its_example_is_a_contract():
    (example,) = re.findall(r"^```yaml\n(contract: 1\n.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)

    assert list(Draft202012Validator(SCHEMA).iter_errors(yaml_value(example))) == []
    assert parse_contract(example, "docs/contract.md").dataset == "parcels"


def test_its_message_is_what_a_person_would_see():
    (shown,) = re.findall(r"^```console\n.*?dataset check.*?\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    (example,) = re.findall(r"^```yaml\n(contract: 1\n.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    broken = example.replace("owner:", "onwer:").replace("slot: day", "slot: week")

    assert refusal(broken, "datasets/parcels/contract.yaml") == shown.rstrip()


def refusal(text: str, where: str) -> str:
    try:
        parse_contract(text, where)
    except Exception as refused:  # noqa: BLE001 - the message is what is compared
        return str(refused)
    return "it holds"


def sections(path: str, piece: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Each piece of the format with its table, in the order in which a contract is written."""
    required = piece.get("required", [])
    yield path, [*HEADINGS, *(line(key, shown, key in required) for key, shown in piece["properties"].items())]
    below = "" if path == "the top level" else f"{path}."
    for key, shown in piece["properties"].items():
        reference = shown.get("$ref") or shown.get("items", {}).get("$ref")
        if reference:
            yield from sections(f"{below}{key}", definition(reference))
        for option in shown.get("oneOf", []):
            piece_of_it = definition(option["$ref"])
            yield from sections(f"{below}{key}: {tag_of(piece_of_it)}", piece_of_it)


def definition(reference: str) -> dict[str, Any]:
    """The piece that a reference means."""
    return SCHEMA["$defs"][reference.rpartition("/")[2]]


def tag_of(piece: dict[str, Any]) -> str:
    """The constant by which one of several kinds is told."""
    return next(shown["const"] for shown in piece["properties"].values() if "const" in shown)


def line(key: str, shown: dict[str, Any], required: bool) -> str:
    default = "required" if required else f"`{json.dumps(shown['default'])}`" if "default" in shown else "none"
    return f"| `{key}` | {type_of(shown)} | {default} | {shown['description']} |"


def type_of(shown: dict[str, Any]) -> str:
    if "$ref" in shown or "oneOf" in shown:
        return "keys, below"
    if "const" in shown or "enum" in shown:
        values = shown.get("enum", [shown.get("const")])
        texts = [json.dumps(value) for value in values]
        return " or ".join(f"`{t[1:-1].replace(BACKSLASHED, chr(34)) if t[0] == chr(34) else t}`" for t in texts)
    kinds = shown["type"] if isinstance(shown["type"], list) else [shown["type"]]
    return " or ".join(of_one_kind(kind, shown) for kind in kinds)


def of_one_kind(of: str, shown: dict[str, Any]) -> str:
    match of:
        case "array":
            return f"list of {type_of(shown['items'])}"
        case "object":
            return "names with text"
        case "integer" | "number" as kind:
            word = "whole number" if kind == "integer" else "number"
            low, high = shown.get("minimum"), shown.get("maximum")
            reach = f" from {low}" if low is not None else ""
            return f"{word}{reach}" + (f" to {high}" if high is not None else "")
        case list() as kinds:
            return " or ".join(type_of({"type": kind}) for kind in kinds)
        case kind:
            return {"string": "text", "boolean": "`true` or `false`"}[kind]


def tables_of(document: str) -> dict[str, list[str]]:
    """The tables of keys by the heading above them."""
    found: dict[str, list[str]] = {}
    heading = ""
    for text in document.splitlines():
        if text.startswith("#"):
            heading = text.lstrip("# ").replace("`", "")
        elif text == HEADINGS[0] or (heading in found and text.startswith("|")):
            found.setdefault(heading, []).append(text)
    return found


def test_every_column_that_it_shows_is_one():
    """Examples of single columns hold in the example's place, and use every key of a column but those of rules."""
    (example,) = re.findall(r"^```yaml\n(contract: 1\n.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    shown = "".join(re.findall(r"^```yaml\n(- \{.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL))
    whole = example.replace("\nquality:", "\n" + "".join(f"  {line}\n" for line in shown.splitlines()) + "quality:")

    assert list(Draft202012Validator(SCHEMA).iter_errors(yaml_value(whole))) == []
    used = {key for column in parse_contract(whole, "docs/contract.md").columns for key in column.model_fields_set}
    assert set(OPTIONS) <= used


def test_its_example_of_an_exploded_array_holds():
    (shown,) = re.findall(r"^```yaml\n(source:\n.*?explode:.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    (example,) = re.findall(r"^```yaml\n(contract: 1\n.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    whole, part = yaml_value(example), yaml_value(shown)
    records, load, columns = part["source"]["records"], part["load"], part["columns"]
    whole["source"]["records"], whole["load"] = records, load
    whole["columns"] = [column for column in whole["columns"] if column["name"] != "id"] + columns

    assert list(Draft202012Validator(SCHEMA).iter_errors(whole)) == []
    of = parse_contract(json.dumps(whole), "docs/contract.md")
    assert of.explode is not None
    assert [column.name for column in of.columns][-3:] == ["trip", "leg", "carrier"]
