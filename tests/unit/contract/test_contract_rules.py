"""Rules of columns as contracts write them: what is in force, and what is refused."""

import pytest
from contract_world import CONTRACT, edited, yaml_value
from jsonschema import Draft202012Validator

from lakeward.contract import parse_contract
from lakeward.contract.column_rules import pattern_problem
from lakeward.contract.schema import contract_schema
from lakeward.errors import ContractInvalid

SCHEMA = Draft202012Validator(contract_schema())
ALLOWED = "allowed: [sent, lost, no]"
WEIGHT = "    minimum: 0\n    maximum: 1000\n"
SLOT = "slot: day"
AN_INSTANT = "parse: epoch_seconds\n    required: true\n"

REFUSED_BY_BOTH = [
    ((ALLOWED, "patern: a"), "columns[4] (state).patern: unknown key; did you mean 'pattern'?"),
    (
        (ALLOWED, "on_violation: quarantined"),
        "on_violation: expected 'quarantine', 'set_null', 'warn' or 'fail'; found 'quarantined'",
    ),
    ((ALLOWED, "on_violation: null"), "on_violation: expected a value, found none"),
    ((ALLOWED, "policies: {lenght: warn}"), "policies.lenght: unknown key; did you mean 'length'?"),
    ((WEIGHT, "    pattern: a\n"), "pattern: expected this for strings only, found it on type decimal(10,3)"),
    ((WEIGHT, "    min_length: 1\n"), "min_length: expected this for strings only"),
    ((WEIGHT, "    max_length: 1\n"), "max_length: expected this for strings only"),
    ((ALLOWED, "min_length: 0"), "min_length: expected at least 1; found 0"),
    ((ALLOWED, "minimum: 'a'"), "minimum: expected this for numbers, dates and timestamps only"),
    (
        (SLOT, f"rules: [{{name: light, holds: 'true', on_violation: set_null}}]\n{SLOT}"),
        "on_violation: expected 'quarantine', 'warn' or 'fail'; found 'set_null'",
    ),
    (
        (SLOT, f"quality: {{uniq: []}}\n{SLOT}"),
        "quality.uniq: unknown key; did you mean 'unique'?",
    ),
    (
        (SLOT, f"quality: {{fresh: [{{column: state, hour: 3}}]}}\n{SLOT}"),
        "quality.fresh[0].hour: unknown key; did you mean 'hours'?",
    ),
    (
        (SLOT, f"quality: {{unique: [{{columns: [state], on_violation: quarantine}}]}}\n{SLOT}"),
        "quality.unique[0].on_violation: expected 'fail' or 'warn'; found 'quarantine'",
    ),
    (
        ("utc_day_of: changed_at", "utc_day_of: changed_at\n    on_violation: warn"),
        "columns[2] (day).on_violation: expected this on changed_at, whose day is taken",
    ),
]
REFUSED_BY_THE_PARSER = [
    ((WEIGHT, "    minimum: 'a'\n"), "minimum: expected a number, because the type is decimal(10,3); found 'a'"),
    (
        (AN_INSTANT, f"{AN_INSTANT}    minimum: 7\n"),
        "minimum: expected an instant such as '2018-01-31T12:00Z', because the type is timestamp; found 7.0",
    ),
    ((AN_INSTANT, f"{AN_INSTANT}    minimum: '2018-01-31T12:00'\n"), "minimum: expected an instant such as"),
    ((AN_INSTANT, f"{AN_INSTANT}    minimum: 2018-01-31\n"), "minimum: expected a number, or for dates and timestamps"),
    (
        (AN_INSTANT, f"{AN_INSTANT}    minimum: '2018-02-01T00:00Z'\n    maximum: '2018-02-01T00:00+01:00'\n"),
        "minimum: expected at most the maximum, 2018-02-01T00:00+01:00; found 2018-02-01T00:00Z",
    ),
    ((ALLOWED, "{min_length: 3, max_length: 2}"[1:-1].replace(", ", "\n    ")), "expected at most max_length, 2"),
    ((ALLOWED, "pattern: '('"), "pattern: expected a regular expression"),
    (
        (ALLOWED, "policies: {range: warn}"),
        "policies.range: expected a rule of the column, which has type; found range",
    ),
    ((ALLOWED, "policies: {type: warn}"), "policies.type: expected quarantine, set_null or fail, because a value"),
    (
        (ALLOWED, f"{ALLOWED}\n    required: true\n    on_violation: set_null"),
        "on_violation: expected another policy, because a required column cannot be without a value; found set_null",
    ),
    (
        (ALLOWED, f"{ALLOWED}\n    required: true\n    policies: {{allowed: set_null}}"),
        "policies.allowed: expected another policy",
    ),
    (
        (SLOT, f"rules: [{{name: light, holds: weight_g < 7}}]\n{SLOT}"),
        "rules[0] (light).holds: expected the name of a column, found 'weight_g'",
    ),
    (
        (SLOT, f"rules: [{{name: light, holds: weight_kg + 1}}]\n{SLOT}"),
        "rules[0] (light).holds: expected an expression of type boolean",
    ),
    (
        (SLOT, f"rules: [{{name: a, holds: 'true'}}, {{name: a, holds: 'false'}}]\n{SLOT}"),
        "rules[1] (a).name: expected a name of its own, found 'a' again",
    ),
    ((SLOT, f"quality: {{volume: {{slots: 7}}}}\n{SLOT}"), "quality.volume: expected `at_least`, `at_most` or both"),
    ((SLOT, f"quality: {{max_records: 1, min_records: 2}}\n{SLOT}"), "max_records: expected at least min_records, 2"),
    (
        (SLOT, f"quality: {{unique: [{{columns: [stat]}}]}}\n{SLOT}"),
        "quality.unique[0].columns[0]: expected the name of a column, found 'stat'; did you mean 'state'?",
    ),
    (
        (SLOT, f"quality: {{references: [{{column: sate, dataset: places, to: id}}]}}\n{SLOT}"),
        "quality.references[0].column: expected the name of a column, found 'sate'; did you mean 'state'?",
    ),
    (
        (SLOT, f"quality: {{fresh: [{{column: state, hours: 3}}]}}\n{SLOT}"),
        "quality.fresh[0].column: expected a timestamp or date column, found state, which is string",
    ),
    (
        (SLOT, f"quality: {{distribution: [{{column: state}}]}}\n{SLOT}"),
        "quality.distribution[0]: expected `max_psi`, `max_null_change` or both; found neither",
    ),
    (
        (AN_INSTANT, f"{AN_INSTANT}    on_violation: warn\n"),
        "columns[1] (changed_at): expected a policy for `required` that leaves no record without key or version",
    ),
]


@pytest.mark.parametrize(("edit", "said"), REFUSED_BY_BOTH)
def test_the_parser_and_the_schema_refuse_it(edit: tuple[str, str], said: str) -> None:
    assert said in refusal(edited(edit))
    assert not SCHEMA.is_valid(yaml_value(edited(edit)))


@pytest.mark.parametrize(("edit", "said"), REFUSED_BY_THE_PARSER)
def test_the_parser_refuses_what_a_schema_cannot(edit: tuple[str, str], said: str) -> None:
    assert said in refusal(edited(edit))


def test_the_rules_of_a_column_are_told_in_their_order_with_their_policies() -> None:
    text = edited(
        (ALLOWED, f"{ALLOWED}\n    max_length: 4\n    on_violation: warn\n    policies: {{length: set_null}}")
    )

    assert SCHEMA.is_valid(yaml_value(text))
    assert parse_contract(text, "test").column("state").rules == {
        "type": "quarantine",
        "allowed": "warn",
        "length": "set_null",
    }


def test_only_a_contract_that_keeps_what_broke_a_rule_has_notes() -> None:
    noting = edited((ALLOWED, f"{ALLOWED}\n    on_violation: warn"))
    failing = edited((ALLOWED, f"{ALLOWED}\n    on_violation: fail"))

    kept = [parse_contract(text, "test").keeps_notes for text in (CONTRACT, noting, failing)]

    assert kept == [False, True, False]


@pytest.mark.parametrize(
    "pattern", ["[A-Z]{2}", r"\d+(?:\.\d+)?", "(?i)yes|no", r"\[x\]", "[^a-z_-]*", r"a\\b", r"\$[0-9]{1,3}", "é+"]
)
def test_a_pattern_that_all_engines_read_alike_is_taken(pattern: str) -> None:
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    ["(", "a(?=b)", "(?<!a)b", r"(a)\1", "(?P<n>a)", "(?P<n>a)(?P=n)", "a*+", r"a\Z", r"\u00e9", "[[a]", "a{1001}"],
)
def test_a_pattern_that_an_engine_would_read_otherwise_is_refused(pattern: str) -> None:
    assert pattern_problem(pattern) is not None


def refusal(text: str) -> str:
    with pytest.raises(ContractInvalid) as refused:
        parse_contract(text, "contract.yaml")
    return refused.value.message
