"""What a contract may not say: refused with the line, the path and what to do, by the schema too where it can."""

import pytest
from contract_world import CONTRACT, edited, yaml_value
from jsonschema import Draft202012Validator

from lakeward.contract import parse_contract
from lakeward.contract.schema import contract_schema
from lakeward.errors import ContractInvalid

SCHEMA = Draft202012Validator(contract_schema())
NAME = "expected a name of lower-case letters, digits and underscores that begins with a letter, at most 63 characters"
TEMPLATES = "expected text whose braces are {slot.start}, {slot.end} or {slot.last_millisecond}"
URL = "expected an https URL with its host in lower case and without user, query and fragment; its path may have"
CRON = "expected cron(<minutes> <hours> * * ? *), which fires every day so that no slot is left out"

REFUSED_BY_BOTH = [
    # unknown and missing keys
    (("owner: log", "onwer: log"), "line 4, onwer: unknown key; did you mean 'owner'?"),
    (("    at: $.items", "    path: $.items"), "line 27, source.records.path: unknown key; did you mean 'at'?"),
    (("slot: day", "limits: {pages: 3}\nslot: day"), "line 28, limits: unknown key; known here are contract, dataset"),
    (("slot: day", "limits: {pages: 3}\nslot: day"), "'limits' belongs in source"),
    (("owner: logistics\n", ""), "line 1, owner: expected this key, found none"),
    (("    page_records: 100\n", ""), "line 14, source.paging.page_records: expected this key, found none"),
    (
        ("    type: string\n    at: $.id", "    at: $.id"),
        "line 39, columns[0] (id).type: expected this key, found none",
    ),
    # null
    (("owner: logistics", "owner:"), "line 4, owner: expected a value, found none; give one or leave the key out"),
    (("minimum: 0", "minimum: ~"), "line 57, columns[3] (weight_kg).minimum: expected a value, found none"),
    # YAML that means something else than it looks like
    (
        ("version: 1.2.0", "version: 1.2"),
        "line 3, version: expected text (in quotes, if YAML takes it for something else); found 1.2",
    ),
    (("version: 1.2.0", "version: 2018-01-31"), "line 3, version: expected text (in quotes,"),
    (("required: true", "required: yes"), "line 42, columns[0] (id).required: expected true or false; found 'yes'"),
    (("hours: 30", 'hours: "30"'), "line 32, freshness.hours: expected a whole number; found '30'"),
    (("hours: 30", "hours: 30.5"), "line 32, freshness.hours: expected a whole number; found 30.5"),
    (("primary_key: [id]", "primary_key: id"), "line 35, load.primary_key: expected a list; found 'id'"),
    (("allowed: [sent, lost, no]", "allowed: [sent, 7]"), "columns[4] (state).allowed[1]: expected text"),
    (("minimum: 0", "minimum: true"), "columns[3] (weight_kg).minimum: expected a number, or for dates and"),
    (("  - name: id", "  - null\n  - name: id"), "line 39, columns[0]: expected keys with values; found nothing"),
    (("freshness:\n  hours: 30", "freshness: 30"), "line 31, freshness: expected keys with values; found 30"),
    ((CONTRACT, ""), "line 1, the contract: expected keys with values; found nothing"),
    ((CONTRACT, "- contract: 1"), "line 1, the contract: expected keys with values; found [{'contract': 1}]"),
    # names
    (("dataset: parcels", "dataset: Parcels"), "line 2, dataset: expected a name of lower-case letters"),
    (("dataset: parcels", f"dataset: {'p' * 41}"), "line 2, dataset: expected a name of lower-case letters"),
    (("dataset: parcels", "dataset: parcels_quarantine"), "line 2, dataset: expected no name in _quarantine"),
    (("name: weight_kg", "name: _weight"), f"line 54, columns[3] (_weight).name: {NAME}"),
    (("name: weight_kg", "name: weight-kg"), f"columns[3] (weight-kg).name: {NAME}"),
    (("name: weight_kg", "name: 2kg"), f"columns[3] (2kg).name: {NAME}"),
    (("version: 1.2.0", "version: v1"), "line 3, version: expected a version such as 1.0.0; found 'v1'"),
    (("version: 1.2.0", "version: 1.02.0"), "line 3, version: expected a version such as 1.0.0"),
    (("contract: 1", "contract: 2"), "line 1, contract: expected 1; found 2"),
    (("owner: logistics", "owner: x"), "line 4, owner: expected text of at least 2 character(s); found 'x'"),
    (("columns:\n", "columns: []\nold:\n"), "columns: expected at least 1 of them; found []"),
    # the source
    (("https://service.test/parcels", "http://service.test/parcels"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://service.test/parcels?limit=3"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://me@service.test/parcels"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://Service.test/parcels"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://service.test/{slot.strat}"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://{slot.start}.test/parcels"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://service.test:{slot.start|%H}/parcels"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://service.test{slot.start}"), f"line 8, source.url: {URL}"),
    (("https://service.test/parcels", "https://service.test/a?day={slot.start}"), f"line 8, source.url: {URL}"),
    (("kind: http", "kind: ftp"), "line 7, source.kind: expected 'http'; found 'ftp'"),
    (("{slot.start}", "{slot.strat}"), f"line 10, source.params.since: {TEMPLATES}"),
    (("{slot.start}", "{slot.start"), f"line 10, source.params.since: {TEMPLATES}"),
    (("{slot.start}", "{{slot.start}}"), f"line 10, source.params.since: {TEMPLATES}"),
    (("{slot.end}", "{ slot.end }"), f"line 11, source.params.until: {TEMPLATES}"),
    (
        ("Accept: application/json", "Accept: '{slot.start}\n'"),
        "line 13, source.headers.Accept: expected printable ASCII",
    ),
    (("Accept: application/json", '"A b": c'), "line 13, source.headers.A b: expected a header's name such as Accept"),
    (("first_offset: 0", "first_offset: 2"), "line 18, source.paging.first_offset: expected 0 or 1; found 2"),
    (("page_records: 100", "page_records: 0"), "line 19, source.paging.page_records: expected at least 1; found 0"),
    (("at: $.count", "at: count"), "line 24, source.total.at: expected a path into the record such as"),
    (("at: $.items", "at: $.items[0]"), "line 27, source.records.at: expected a path of names such as $.features"),
    (
        ("  records:", "  limits: {pages: 100000}\n  records:"),
        "source.limits.pages: expected at most 99999; found 100000",
    ),
    # timing
    (("slot: day", "slot: week"), "line 28, slot: expected 'hour' or 'day'; found 'week'"),
    (("cron(0 3 * * ? *)", "0 3 * * *"), f"line 30, schedule.cron: {CRON}"),
    (("cron(0 3 * * ? *)", "cron(0 3 * * * *)"), f"line 30, schedule.cron: {CRON}"),
    (("cron(0 3 * * ? *)", "cron(0 3 ? * MON-FRI *)"), f"line 30, schedule.cron: {CRON}"),
    (("cron(0 3 * * ? *)", "cron(60 3 * * ? *)"), f"line 30, schedule.cron: {CRON}"),
    (("cron(0 3 * * ? *)", "rate(1 day)"), f"line 30, schedule.cron: {CRON}"),
    (("hours: 30", "hours: 169"), "line 32, freshness.hours: expected at most 168; found 169"),
    # columns
    (
        ("type: decimal(10,3)", "type: flaot"),
        "columns[3] (weight_kg).type: expected one of boolean, int, bigint, float, double",
    ),
    (("type: decimal(10,3)", "type: decimal(10, 3)"), "expected decimal(p,s) without spaces; found 'decimal(10, 3)'"),
    (("type: decimal(10,3)", "type: decimal(39,3)"), "expected decimal(p,s) with 1 <= p <= 38 and 0 <= s <= p"),
    (("at: $.weight", "at: weight"), "columns[3] (weight_kg).at: expected a path into the record such as"),
    (
        ("    at: $.weight\n", ""),
        "line 54, columns[3] (weight_kg): expected exactly one of at, utc_day_of, constant, compute; found none",
    ),
    (
        ("    utc_day_of: changed_at", "    utc_day_of: changed_at\n    at: $.day"),
        "columns[2] (day): expected exactly one of",
    ),
    (("    type: date", "    type: timestamp"), "line 51, columns[2] (day).type: expected date, because"),
    (
        ("utc_day_of: changed_at", "utc_day_of: changed_at\n    required: true"),
        "columns[2] (day).required: expected this on changed_at",
    ),
    (
        ("utc_day_of: changed_at", "utc_day_of: changed_at\n    parse: iso8601"),
        "columns[2] (day).parse: expected this on changed_at",
    ),
    (
        ("parse: epoch_seconds", "parse: plain"),
        "line 47, columns[1] (changed_at).parse: expected iso8601, epoch_milliseconds, epoch_seconds",
    ),
    (
        ("parse: epoch_seconds", "parse: epoch"),
        "columns[1] (changed_at).parse: expected 'plain', 'text', ",
    ),
    (
        ("allowed: [sent, lost, no]", "minimum: 1"),
        "columns[4] (state).minimum: expected this for numbers, dates and timestamps only",
    ),
    (("    minimum: 0\n", "    allowed: ['1']\n"), "columns[3] (weight_kg).allowed: expected this for strings only"),
    (
        ("allowed: [sent, lost, no]", "allowed: [sent, sent]"),
        "columns[4] (state).allowed: expected every string once, found 'sent' again",
    ),
    (("allowed: [sent, lost, no]", "allowed: []"), "columns[4] (state).allowed: expected at least 1 of them; found []"),
    (
        ("primary_key: [id]", "primary_key: [id, id]"),
        "line 35, load.primary_key: expected every column once, found 'id' again",
    ),
    # load modes
    (
        ("mode: upsert", "mode: upsrt"),
        "line 34, load.mode: expected 'replace_slot', 'upsert' or 'append_only'; found 'upsrt'",
    ),
    (("  mode: upsert\n", ""), "load.mode: expected this key, found none"),
    (("  newest_by: changed_at\n", ""), "load.newest_by: expected this key, found none"),
    (("mode: upsert", "mode: append_only"), "line 36, load.newest_by: unknown key; known here are mode, primary_key"),
    (
        ("mode: upsert", "mode: replace_slot\n  deleted_when: {column: state, equals: lost}"),
        "line 35, load.deleted_when: unknown key; known here are mode, primary_key, newest_by; 'deleted_when' belongs",
    ),
    (
        ("mode: upsert", "mode: upsert\n  deleted_when: {column: state, equals: [lost]}"),
        "line 35, load.deleted_when.equals: expected text, a whole number, true or false; found ",
    ),
    (
        ("mode: upsert", "mode: upsert\n  deleted_when: {column: state, is: lost}"),
        "line 35, load.deleted_when.is: unknown key; known here are column, equals",
    ),
]

REFUSED_BY_THE_PARSER = [
    (
        ("dataset: parcels", "dataset: parcels\ndataset: parcels"),
        "line 3: expected every key once, found 'dataset' again",
    ),
    (("since: ", "until: "), "line 11: expected every key once, found 'until' again"),
    (("primary_key: [id]", "primary_key: [id"), "line 36: expected YAML, found: "),
    (
        ("owner: logistics", "owner: !!python/name:os.system x"),
        "line 4: expected YAML, found: could not determine a constructor",
    ),
    (("slot: day", "---\nslot: day"), "line 28: expected YAML, found: but found another document"),
    (
        ("https://service.test/count", "https://other.test/count"),
        "line 21, source.total.url: expected the host of source.url, service.test",
    ),
    (
        ("limit_param: limit", "limit_param: offset"),
        "line 17, source.paging.limit_param: expected another parameter than offset_param",
    ),
    (
        ("    since: ", "    limit: "),
        "line 10, source.params.limit: expected no such parameter, because paging sets it",
    ),
    (
        ('      since: "{slot.start}"', "      state: all"),
        "line 22, source.total.params: expected templates of the slot",
    ),
    (
        ("Accept: application/json", "authorization: Bearer x"),
        "line 13, source.headers.authorization: expected no secret",
    ),
    (
        ("Accept: application/json", "Host: other.test"),
        "line 13, source.headers.Host: expected a header of the request's meaning",
    ),
    (
        ("cron(0 3 * * ? *)", "cron(0 24 * * ? *)"),
        "line 30, schedule.cron: expected hours from 0 to 23, ranges upwards; found '24'",
    ),
    (("cron(0 3 * * ? *)", "cron(30-10 3 * * ? *)"), "schedule.cron: expected minutes from 0 to 59, ranges upwards"),
    (
        ("slot: day", "slot: hour"),
        "line 30, schedule.cron: expected hours *, so that every hourly slot is run; found '3'",
    ),
    (("hours: 30", "hours: 24"), "line 32, freshness.hours: expected more than the 24 of a slot"),
    (
        ("partition_by: day", "partition_by: dya"),
        "line 37, partition_by: expected the name of a column, found 'dya'; did you mean 'day'?",
    ),
    (
        ("newest_by: changed_at", "newest_by: revision"),
        "line 36, load.newest_by: expected the name of a column, found 'revision'; columns are id, changed_at, day",
    ),
    (
        ("primary_key: [id]", "primary_key: [id, sku]"),
        "line 35, load.primary_key[1]: expected the name of a column, found 'sku'",
    ),
    (
        ("utc_day_of: changed_at", "utc_day_of: changed"),
        "columns[2] (day).utc_day_of: expected the name of a column, found 'changed'",
    ),
    (
        ("utc_day_of: changed_at", "utc_day_of: state"),
        "columns[2] (day).utc_day_of: expected a timestamp column, found one of type string",
    ),
    (
        ("partition_by: day", "partition_by: id"),
        "line 37, partition_by: expected a date column, found id, which is string",
    ),
    (
        ("  mode: upsert\n  primary_key: [id]", "  mode: replace_slot"),
        "line 35, load.newest_by: expected this with `primary_key` only",
    ),
    (
        ("mode: upsert", "mode: upsert\n  deleted_when: {column: sttae, equals: lost}"),
        "line 35, load.deleted_when.column: expected the name of a column, found 'sttae'; did you mean 'state'?",
    ),
    (
        ("mode: upsert", "mode: upsert\n  deleted_when: {column: weight_kg, equals: 1}"),
        "line 35, load.deleted_when.column: expected one of string, boolean, int, bigint; found decimal(10,3)",
    ),
    (
        ("mode: upsert", "mode: upsert\n  deleted_when: {column: state, equals: true}"),
        "line 35, load.deleted_when.equals: expected a value of state, which is string; found True",
    ),
    (("primary_key: [id]", "primary_key: [state]"), "line 60, columns[4] (state): expected `required: true`"),
    (
        ("    required: true\n    description: Last", "    description: Last"),
        "line 44, columns[1] (changed_at): expected `required: true`",
    ),
    (("name: state", "name: id"), "line 60, columns[4] (id).name: expected a name of its own, found 'id' again"),
    (("at: $.state", "at: $.id"), "columns[4] (state).at: expected a value of its own, found $.id, which id has"),
    (
        ("minimum: 0", "minimum: 1001"),
        "line 57, columns[3] (weight_kg).minimum: expected at most the maximum, 1000; found 1001",
    ),
    (("minimum: 0", "minimum: .nan"), "line 57, columns[3] (weight_kg).minimum: expected a finite number; found .nan"),
    (("type: decimal(10,3)", "type: decimal(2,3)"), "columns[3] (weight_kg).type: expected decimal(p,s) with"),
]


def test_the_contract_that_they_are_edits_of_holds():
    contract = parse_contract(CONTRACT, "contract.yaml")

    assert list(SCHEMA.iter_errors(yaml_value(CONTRACT))) == []
    assert (contract.table, contract.column("state").allowed) == ("parcels_v1", ["sent", "lost", "no"])


@pytest.mark.parametrize(("edit", "said"), REFUSED_BY_BOTH)
def test_the_parser_and_the_schema_refuse_it(edit: tuple[str, str], said: str):
    text = edited(edit)

    assert said in refusal(text)
    assert not SCHEMA.is_valid(yaml_value(text))


@pytest.mark.parametrize(("edit", "said"), REFUSED_BY_THE_PARSER)
def test_the_parser_refuses_what_a_schema_cannot(edit: tuple[str, str], said: str):
    assert said in refusal(edited(edit))


def test_all_problems_are_listed_in_the_order_of_the_file():
    text = edited(
        ("version: 1.2.0", "version: v1"),
        ("first_offset: 0", "first_offset: 5"),
        ("slot: day", "slot: week"),
        ("type: decimal(10,3)", "type: decimal"),
    )

    assert refusal(text).splitlines() == [
        "contract.yaml: 4 problem(s)",
        "  line 3, version: expected a version such as 1.0.0; found 'v1'",
        "  line 18, source.paging.first_offset: expected 0 or 1; found 5",
        "  line 28, slot: expected 'hour' or 'day'; found 'week'",
        ("  line 55, columns[3] (weight_kg).type: expected decimal(p,s) without spaces; found 'decimal'"),
    ]


def test_disagreements_of_several_columns_are_all_listed():
    text = edited(("minimum: 0", "minimum: 2000"), ("allowed: [sent, lost, no]", "maximum: 3"))

    assert refusal(text).splitlines()[0] == "contract.yaml: 2 problem(s)"


def test_a_long_value_is_shortened_in_the_message():
    found = refusal(edited(("version: 1.2.0", f"version: {'9' * 500}x")))

    assert found.endswith(f"found '{'9' * 76}...")


def refusal(text: str) -> str:
    with pytest.raises(ContractInvalid) as refused:
        parse_contract(text, "contract.yaml")
    return refused.value.message


def test_a_column_that_tells_of_deletions_is_not_emptied():
    marked = ("mode: upsert", "mode: upsert\n  deleted_when: {column: state, equals: lost}")
    emptied = ("allowed: [sent, lost, no]", "allowed: [sent, lost, no]\n    on_violation: set_null")

    with pytest.raises(ContractInvalid) as problem:
        parse_contract(edited(marked, emptied), "contract.yaml")

    assert "load.deleted_when.column: expected a column that no rule empties" in problem.value.message
