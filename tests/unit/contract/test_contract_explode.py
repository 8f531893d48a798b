"""What a contract may say of an array that is exploded, and what a change of that comes to."""

import pytest
from contract_world import CONTRACT, edited, yaml_value
from jsonschema import Draft202012Validator

from lakeward.contract import parse_contract
from lakeward.contract.changes import changes, version_problem
from lakeward.contract.schema import contract_schema
from lakeward.errors import ContractInvalid

SCHEMA = Draft202012Validator(contract_schema())
AT = ("    at: $.items\n", "    at: $.items\n    explode: {at: $.legs}\n")
LEG = "  - {name: leg, type: string, at: '$.legs[*].to', description: Where the leg ends.}\n"
EXPLODED = edited(AT) + LEG


def with_leg(column: str) -> str:
    return EXPLODED + f"  - {{name: x, {column}, description: Under test.}}\n"


def refusal(text: str) -> str:
    with pytest.raises(ContractInvalid) as refused:
        parse_contract(text, "contract.yaml")
    return refused.value.message


def test_a_contract_may_explode_an_array():
    of = parse_contract(EXPLODED, "contract.yaml")

    assert list(SCHEMA.iter_errors(yaml_value(EXPLODED))) == []
    assert of.explode is not None
    assert (of.explode.at, of.explode.empty, of.explode.missing) == ("$.legs", "quarantine", "quarantine")
    assert of.policies["*"] == {"explode": "quarantine"}


REFUSED = [
    (edited(AT), "source.records.explode.at: expected a column that is read from an element, such as $.legs[*].id"),
    (CONTRACT + LEG, "columns[5] (leg).at: expected a path without [*], because records are not exploded"),
    (
        with_leg("type: string, at: '$.leg[*].from'"),
        "expected a path into each element of the exploded array, $.legs[*]; did you mean $.legs[*].from?",
    ),
    (with_leg("type: string, at: $.legs.from"), "than its element; did you mean $.legs[*].from?; found $.legs.from"),
    (with_leg("type: string, at: '$.legs[0].from'"), "its element; did you mean $.legs[*].from?; found $.legs[0].from"),
    (with_leg("type: list<string>, at: $.legs"), "its element; did you mean $.legs[*]?; found $.legs"),
    (with_leg("type: string, at: '$.legs[*].a[*].b'"), "columns[6] (x).at: expected a path into the record such as"),
    (with_leg("type: string, at: '$'"), "expected a place that does not hold the exploded array, $.legs, or one in it"),
    (with_leg("type: string, constant: element"), "(x).type: expected bigint, because the value is the run's element"),
    (
        CONTRACT + "  - {name: x, type: bigint, constant: element, description: Under test.}\n",
        "columns[5] (x).constant: expected this with `source.records.explode`, which makes rows of elements",
    ),
    (
        EXPLODED + "rules: [{name: explode, holds: 'true'}]\n",
        "rules[0] (explode).name: expected another name than that of exploding's own rule",
    ),
    (EXPLODED.replace("{at: $.legs}", "{att: $.legs}"), "source.records.explode.att: unknown key; did you mean 'at'?"),
    (
        EXPLODED.replace("{at: $.legs}", "{at: $.legs, empty: drop}"),
        "source.records.explode.empty: expected 'quarantine', 'keep' or 'skip'; found 'drop'",
    ),
    (
        EXPLODED.replace("{at: $.legs}", "{at: '$.legs[*]'}"),
        "source.records.explode.at: expected a path of names to an array in a record, such as $.legs; found",
    ),
    (
        edited(("format: json\n    at: $.items\n", "format: csv\n    explode: {at: $.legs}\n")),
        "source.records.explode: unknown key; known here are text_encoding",
    ),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said[:60] for _, said in REFUSED])
def test_what_does_not_go_together_is_refused(text: str, said: str):
    assert said in refusal(text)


def test_to_explode_another_array_or_none_is_a_breaking_change():
    before, after = (parse_contract(text, "contract.yaml") for text in (CONTRACT, EXPLODED))

    breaking = [change.what for change in changes(before, after) if change.kind == "breaking"]

    assert breaking == ["source.records.explode: expected nothing, found $.legs"]
    assert "expected version 2.0.0" in (version_problem(before, after) or "")


def test_what_becomes_of_records_without_elements_changes_rows_alone():
    before = parse_contract(EXPLODED, "contract.yaml")
    after = parse_contract(EXPLODED.replace("{at: $.legs}", "{at: $.legs, empty: skip}"), "contract.yaml")

    assert [(change.kind, change.what) for change in changes(before, after)] == [
        ("rows", "source.records.explode: records without elements"),
        ("other", "source is another one"),
    ]


def test_nobody_else_reads_a_personal_value_of_an_element():
    text = EXPLODED.replace("description: Where the leg ends.", "description: Where the leg ends., personal: redact")
    text = text.replace("description: Where the leg ends.,", "description: Where the leg ends,")

    assert "expected a place that no other column reads, found that x reads $.legs[*].to.b" in refusal(
        text + "  - {name: x, type: string, at: '$.legs[*].to.b', description: Under test.}\n"
    )
