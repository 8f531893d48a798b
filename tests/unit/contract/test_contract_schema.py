"""The published JSON Schema: up to date, closed, and described key by key."""

import json
from pathlib import Path
from typing import Any

import pytest
from contract_world import CONTRACT, yaml_value
from jsonschema import Draft202012Validator

from lakeward.contract.schema import contract_schema, contract_schema_text

ROOT = Path(__file__).parents[3]
SCHEMA = contract_schema()
PIECES: list[tuple[str, dict[str, Any]]] = [("Contract", SCHEMA), *SCHEMA["$defs"].items()]
FILE = ROOT / "schemas" / "contract.schema.json"


def test_the_committed_file_is_what_the_models_say():
    assert FILE.read_text() == contract_schema_text(), "run: lakeward dataset schema > schemas/contract.schema.json"


def test_it_is_a_schema_of_draft_2020_12_under_a_name_that_needs_no_host():
    Draft202012Validator.check_schema(SCHEMA)

    assert (SCHEMA["$schema"], SCHEMA["$id"]) == (
        "https://json-schema.org/draft/2020-12/schema",
        "urn:lakeward:schema:contract:1",
    )


@pytest.mark.parametrize("contract", sorted((ROOT / "datasets").glob("*/contract.yaml")), ids=lambda p: p.parent.name)
def test_every_dataset_keeps_it_and_names_it_for_editors(contract: Path):
    text = contract.read_text()
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")

    assert list(Draft202012Validator(SCHEMA).iter_errors(yaml_value(text))) == []
    assert (contract.parent / named).resolve() == FILE


@pytest.mark.parametrize(("name", "piece"), PIECES)
def test_every_piece_is_closed_and_every_key_is_described(name: str, piece: dict[str, Any]):
    silent = [key for key, shown in piece["properties"].items() if len(shown.get("description", "")) < 10]

    assert (piece["additionalProperties"], silent, len(piece["description"]) > 10) == (False, [], True)


def test_no_key_may_be_null():
    assert '"null"' not in json.dumps(SCHEMA)


def test_words_of_yaml_1_1_stay_words():
    state = yaml_value(CONTRACT.replace("[sent, lost, no]", "[no, on, yes, off, y, N]"))["columns"][4]

    assert state["allowed"] == ["no", "on", "yes", "off", "y", "N"]
