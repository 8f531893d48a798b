"""Options of a column that are none, or that do not suit its type: refused with what was meant."""

import pytest
from contract_world import edited
from transform_world import contract

from lakeward.contract import parse_contract
from lakeward.errors import ContractInvalid

UNKNOWN = [
    ("type: date, fromats: ['%Y-%m-%d']", "columns[3] (x).fromats: unknown key; did you mean 'formats'?"),
    ("type: int, null_word: [NA]", "columns[3] (x).null_word: unknown key; did you mean 'null_words'?"),
    ("type: bigit", "found 'bigit'"),
    ("type: bigit", "did you mean 'bigint'?"),
    ("type: date, formats: ['%Y-%m-%D']", "unknown directive '%D'; did you mean '%d'?"),
    ("type: int, decimal_mark: ','", "expected this with `parse: text` only, found it without"),
    ("type: int, formats: ['%Y-%m-%d']", "expected this for date, timestamp, timestamptz only, found it on type int"),
    ("type: timestamp, formats: ['%Y-%m-%d %H:%M']", "expected the `zone` of texts without an offset"),
    (
        "type: timestamp, zone: Europe/Berlni",
        "expected the name of a time zone, found 'Europe/Berlni'; did you mean 'Europe/Berlin'?",
    ),
    ("type: timestamp, parse: iso861", "found 'iso861'; did you mean 'iso8601'?"),
    ("type: string, personal: hsh", "found 'hsh'; did you mean 'hash'?"),
    ("type: string, on_violation: quarantin", "found 'quarantin'; did you mean 'quarantine'?"),
    ("type: varchar", "did you mean 'string'?"),
    ("type: INTEGER", "did you mean 'int'?"),
    ("type: array<int>", "did you mean 'list<T>'?"),
    ("type: numeric(10,2)", "did you mean 'decimal(p,s)'?"),
    (
        "type: int, default: 5, required: true",
        "(x).default: expected none, because a record without a value is refused",
    ),
    ("type: int, default: 500, maximum: 10", "(x).default: expected at most the maximum, 10; found 500"),
    ("type: 'decimal(5,2)', default: 0.5, minimum: 1", "(x).default: expected at least the minimum, 1; found 0.5"),
    (
        "type: date, default: '2000-01-01', minimum: '2001-01-01'",
        "(x).default: expected at least the minimum, 2001-01-01; found '2000-01-01'",
    ),
    (
        "type: timestamptz, default: '2002-01-01T00:00:00Z', maximum: '2001-01-01T00:00:00Z'",
        "(x).default: expected at most the maximum, 2001-01-01T00:00:00Z",
    ),
    ("type: string, default: zzz, allowed: [b]", "(x).default: expected one of b; found 'zzz'"),
    ("type: string, default: zzz, max_length: 2", "(x).default: expected at most 2 character(s), found 3"),
    ("type: boolean, true_words: [Y]", "expected true_words and false_words, or neither; found one of them"),
    ("type: int, default: x", "expected a whole number of 32 bits, because the type is int; found 'x'"),
    ("type: list<int>, default: 1", "expected this for single values only, found it on type list<int>"),
    ("type: 'map<int,int>'", "expected map<string,T> without spaces"),
    ("type: list<list<list<list<list<int>>>>>", "expected at most 4 lists, maps and structs inside one another"),
]


@pytest.mark.parametrize(("column", "words"), UNKNOWN)
def test_an_option_that_is_none_is_refused_with_what_was_meant(column: str, words: str):
    with pytest.raises(ContractInvalid) as refused:
        contract(f"name: x, {column}, at: $.x")

    assert words in refused.value.message


OTHERS = [
    (("mode: upsert", "mode: upsrt"), "load.mode: expected 'replace_slot', 'upsert' or 'append_only'; found 'upsrt'"),
    (("mode: upsert", "mode: upsrt"), "did you mean 'upsert'?"),
    (("kind: offset_limit", "kind: offset_limt"), "did you mean 'offset_limit'?"),
    (("partition_by: day", "partition_by: day\ndrift: {new: evolve}"), "did you mean 'keep'?"),
    (("partition_by: day", "partition_by: day\ncost: {max_run_dollars: 0}"), "expected more than 0.0; found 0"),
    (("{slot.start}", "{slot.start|%Q}"), "expected text whose braces are {slot.start}"),
    (("{slot.start}", "{slot.start|%s}"), "expected text whose braces are {slot.start}"),
    *(
        (("  records:\n", f"  allowed_hosts: ['{host}']\n  records:\n"), "expected a host of the open internet")
        for host in ("localhost", "api.localhost:8080", "10.0.0.1", "127.0.0.1:443", "169.254.169.254", "192.168.1.1")
    ),
]


@pytest.mark.parametrize(("edit", "words"), OTHERS)
def test_a_word_that_is_none_is_refused_with_what_was_meant(edit: tuple[str, str], words: str):
    with pytest.raises(ContractInvalid) as refused:
        parse_contract(edited(edit), "test")

    assert words in refused.value.message


@pytest.mark.parametrize("form", ["%d.%m.%Y", "week %V of %G", "100%%", "%H:%M:%S.%f"])
def test_directives_that_mean_the_same_everywhere_are_taken(form: str):
    of = parse_contract(edited(("{slot.start}", f"{{slot.start|{form}}}")), "test")

    assert of.source.params["since"] == f"{{slot.start|{form}}}"
