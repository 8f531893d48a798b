"""Options of a column that are none, or that do not suit its type: refused with what was meant."""

import pytest
from transform_world import contract

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
    ("type: timestamp, zone: Europe/Berlni", "expected the name of a time zone, found 'Europe/Berlni'"),
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
