"""The JSON Schema of the contract's format, for editors and for whoever checks contracts without Python.

It is made from the models, so it cannot say anything else than they do. What JSON Schema cannot express (names that
must exist, limits in the right order) only ``parse_contract`` refuses.
"""

import json
from typing import Any

from lakeward.contract.mart import Mart
from lakeward.contract.model import Contract
from lakeward.contract.part import Part


def contract_schema() -> dict[str, Any]:
    """The schema as a JSON value, draft 2020-12."""
    return _schema(Contract, "contract")


def contract_schema_text() -> str:
    """The schema as the text of ``schemas/contract.schema.json``."""
    return json.dumps(contract_schema(), indent=2, ensure_ascii=False) + "\n"


def mart_schema_text() -> str:
    """The schema of marts as the text of ``schemas/mart.schema.json``."""
    return json.dumps(_schema(Mart, "mart"), indent=2, ensure_ascii=False) + "\n"


def _schema(model: type[Part], name: str) -> dict[str, Any]:
    made = model.model_json_schema()
    parts = {part: _plain(shown) for part, shown in made.pop("$defs").items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:lakeward:schema:{name}:1",
        "title": f"Lakeward {name}",
        **_plain(made),
        "$defs": parts,
    }


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    """A piece as people write one: what it is, what it holds, then its conditions; without pydantic's titles."""
    order = ("description", "type", "additionalProperties", "required")
    first: dict[str, Any] = {key: part[key] for key in order if key in part}
    properties = {name: _plain_property(shown) for name, shown in part["properties"].items()}
    conditions = {key: value for key, value in part.items() if key not in (*first, "title", "properties")}
    return {**first, "properties": properties, **conditions}


def _plain_property(shown: dict[str, Any]) -> dict[str, Any]:
    """A key without pydantic's title and null: a key that may be left out is never null in a contract."""
    kept = {key: value for key, value in shown.items() if key != "title"}
    if "anyOf" in kept:
        (value,) = (option for option in kept.pop("anyOf") if option != {"type": "null"})
        if kept["default"] is None:
            del kept["default"]
        kept = {**value, **kept}
    kept.pop("discriminator", None)  # OpenAPI's; each option says by a constant which one it is
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    return kept
