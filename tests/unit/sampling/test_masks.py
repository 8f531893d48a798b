"""Masks: never the value, the same for the same, of their column's type, and judged as the value would be."""

import re
from typing import Any

import pytest
from sample_world import CSV, KEY, contract

from lakeward.contract import Column, Contract
from lakeward.errors import ContractInvalid
from lakeward.sampling.lossless import Members, Number
from lakeward.sampling.mask import Masks
from lakeward.sampling.verdicts import Reader

TOKEN = re.compile(r"masked-[0-9a-f]{24}")


def masks_of(of: Contract, *values: Any, key: bytes = KEY) -> list[Any]:
    """The masks of values of the column x, learnt before the first is made."""
    masks, column = Masks(of, key), of.column("x")
    for value in values:
        masks.learn(column, value)
    return [masks.mask(column, value) for value in values]


def x(of: str, *options: str, records: str | None = None, personal: str = "redact") -> Contract:
    """A contract with a personal column of a type."""
    column = ", ".join([f"name: x, type: '{of}', at: $.x, personal: {personal}", *options])
    return contract(column) if records is None else contract(column, records=records)


def test_a_text_without_rules_becomes_one_that_tells_not_even_its_length():
    (mask,) = masks_of(x("string"), "Ann Lee")

    assert TOKEN.fullmatch(mask)


def test_the_same_value_has_the_same_mask_and_another_value_another():
    one, again, other = masks_of(x("string"), "Ann", "Ann", "Bob")

    assert one == again != other


def test_another_key_makes_other_masks():
    of = x("string")

    assert masks_of(of, "Ann") != masks_of(of, "Ann", key=b"another key of thirty-two bytes!")


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Masks(x("string"), b"short")


def test_a_text_with_rules_about_its_form_keeps_its_form():
    (mask,) = masks_of(x("string", "pattern: '[A-Z][a-z]+ [0-9]{3}-[0-9]{4}'"), "Ann 555-0199")

    assert re.fullmatch(r"[A-Z][a-z]{2} \d{3}-\d{4}", mask)
    assert mask != "Ann 555-0199"


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("DE[0-9]{2} [0-9]{4}", "DE44 5001"),
        ("https://people[.]test/[a-z]+", "https://people.test/ann"),
        ("[a-z.]+@example[.]org", "ann.lee@example.org"),
        ("[0-4]{12}", "012340123401"),
        ("(?:Mrs|Mr) [A-Z][a-z]+", "Mrs Lee"),
    ],
)
def test_letters_that_a_pattern_asks_for_stay_and_every_other_goes(pattern: str, value: str):
    found = masks_of(x("string", f"pattern: '{pattern}'"), value, value)

    assert found[0] == found[1] != value
    assert re.fullmatch(pattern, found[0])
    assert [c for c, o in zip(found[0], value, strict=True) if not (c.isalnum() or c == o)] == []


def test_a_pattern_that_knows_only_what_is_there_leaves_no_room():
    with pytest.raises(ContractInvalid, match="leave room for masks"):
        masks_of(x("string", "pattern: 'Ann Lee|Bob Ray'"), "Ann Lee")


def test_characters_beyond_ascii_become_letters():
    (mask,) = masks_of(x("string", "max_length: 6"), "Zoë😀")

    assert re.fullmatch("[A-Z][a-z]{3}", mask)


def test_a_value_has_one_mask_in_all_columns_whose_rules_allow_it():
    of = contract(
        "name: x, type: string, at: $.x, personal: hash",
        "name: y, type: string, at: $.y, personal: hash, pattern: '[a-z]+@[a-z.]+'",
    )
    masks = Masks(of, KEY)
    for name in ("x", "y"):
        masks.learn(of.column(name), "ann@mail.test")

    found = {masks.mask(of.column(name), "ann@mail.test") for name in ("x", "y")}

    assert len(found) == 1
    assert re.fullmatch(r"[a-z]{3}@[a-z]{4}\.[a-z]{4}", found.pop())


@pytest.mark.parametrize(
    ("of", "value", "shape"),
    [
        (x("int"), Number("4711"), r"[1-9]\d{3}"),
        (x("bigint"), Number("-4930123456"), r"-[1-9]\d{9}"),
        (x("int", "minimum: 4000", "maximum: 4999"), Number("4711"), r"4\d{3}"),
        (x("bigint", records=CSV), "4711", r"[1-9]\d{3}"),
        (x("int", "parse: text"), "4711", r"[1-9]\d{3}"),
        (x("date"), "1984-02-29", r"(19|20)\d\d-\d\d-\d\d"),
        (x("date", "formats: ['%d.%m.%y', '%Y%m%d']"), "19840229", r"(19|20)\d{6}"),
        (x("date", "parse: epoch_days"), Number("5172"), r"-?\d+"),
        (x("date", "minimum: '2024-01-01'", "maximum: '2024-12-31'"), "2024-05-05", r"2024-\d\d-\d\d"),
    ],
)
def test_numbers_and_days_become_others_within_the_limits(of: Contract, value: Any, shape: str):
    (mask,) = masks_of(of, value)

    assert type(mask) is type(value)
    assert mask != value
    assert re.fullmatch(shape, mask.text if isinstance(mask, Number) else mask)


@pytest.mark.parametrize(
    ("of", "values", "mask"),
    [
        (x("boolean"), [True, False], False),
        (x("boolean", 'true_words: ["1"]', 'false_words: ["0"]'), [Number("1"), Number("0")], Number("0")),
        (x("boolean", records=CSV), ["true", "false"], "false"),
        (x("double"), [Number("1.5e3"), Number("7")], Number("0")),
        (x("decimal(4,1)", "minimum: 10.5"), [Number("12.5"), Number("99")], Number("11")),
        (x("timestamp"), ["1984-02-29T07:00:00+01:00"], "2000-01-01T12:00:00Z"),
        (x("timestamp", "parse: epoch_seconds"), [Number("1")], Number("946728000")),
        (
            x("timestamp", "formats: ['%d.%m.%Y %H:%M']", "zone: Europe/Berlin"),
            ["29.02.1984 07:00"],
            "01.01.2000 13:00",
        ),
        (x("binary"), ["aGVsbG8="], "AAAA"),
        (x("binary", "parse: hex"), ["c0ffee"], "AAAA"),
        (x("string", "allowed: [f, m]"), ["f", "m"], "f"),
        (x("string", "map_values: {female: f, male: m}"), ["male", "female"], "female"),
        (x("string", "pattern: '[fm]'"), ["f", "m"], None),
    ],
)
def test_where_there_is_too_little_room_all_have_the_same_mask(of: Contract, values: list[Any], mask: Any):
    found = masks_of(of, *values)

    assert found == [found[0]] * len(values)
    assert mask is None or found[0] == mask


@pytest.mark.parametrize("value", [None, "", "NA", Number("-1")])
def test_what_means_no_value_stays(value: Any):
    assert masks_of(x("string", "null_words: [NA, '-1']"), value) == [value]


BROKEN: list[tuple[Contract, Any]] = [
    (x("string", "allowed: [f, m]"), "divers"),
    (x("string", "pattern: '[a-z]+'"), "Ann Lee"),
    (x("string", "max_length: 3"), "Ann Lee"),
    (x("string", "min_length: 30", "pattern: '[A-Z][a-z]+ [A-Z][a-z]+'"), "Ann Lee"),
    (x("string"), Number("4711")),
    (x("string"), True),
    (x("string", "map_values: {a: b}"), "Ann"),
    (x("int"), "4711"),
    (x("int"), Number("47.11")),
    (x("int", "maximum: 100"), Number("4711")),
    (x("int", "minimum: 5000"), Number("4711")),
    (x("bigint", records=CSV), "04711"),
    (x("date"), "29.02.1984"),
    (x("date"), "1983-02-29"),
    (x("date", "maximum: '2000-01-01'"), "2024-02-29"),
    (x("date", "minimum: '2000-01-01'"), "1984-02-29"),
    (x("timestamp"), "1984-02-29T07:00:00"),
    (x("timestamp", "minimum: '2000-01-01T00:00Z'"), "1984-02-29T07:00:00Z"),
    (x("timestamp", "maximum: '2000-01-01T00:00Z'"), "2024-02-29T07:00:00Z"),
    (x("timestamp", "zone: Europe/Berlin"), "2024-03-31T02:30:00"),
    (x("decimal(4,1)"), Number("4711.5")),
    (x("decimal(4,1)", "maximum: 100"), Number("471.1")),
    (x("double", "minimum: 0.5"), Number("0.25")),
    (x("boolean"), "yes"),
    (x("binary"), "Ann Lee"),
]


@pytest.mark.parametrize(("of", "value"), BROKEN)
def test_a_value_that_breaks_a_rule_has_a_mask_that_breaks_the_same(of: Contract, value: Any):
    column = of.column("x")
    reader = Reader(of.source.records.format == "csv")

    (mask,) = masks_of(of, value)

    assert mask != value
    assert reader.verdict(column, column.parsed_type, value)
    assert reader.verdict(column, column.parsed_type, mask) == reader.verdict(column, column.parsed_type, value)


def test_nested_values_are_masked_all_through_and_keep_their_shape():
    of = x("map<string,list<struct<name:string,age:int>>>")
    person = Members((("name", "Ann"), ("age", Number("42")), ("mail", "ann@mail.test")))

    (mask,) = masks_of(of, Members((("Family Lee", [person, None]),)))

    ((family, (masked, nothing)),) = mask.pairs
    assert TOKEN.fullmatch(family)
    assert nothing is None
    assert [name for name, _ in masked.pairs] == ["name", "age"]
    assert TOKEN.fullmatch(masked.of("name")[0])
    assert masked.of("age") != [Number("42")]


@pytest.mark.parametrize(
    ("of", "value", "mask"),
    [
        (x("string"), Members((("Ann", "Lee"),)), Members(())),
        (x("string"), ["Ann"], []),
        (x("list<string>"), "Ann", ""),
        (x("list<string>"), Members((("Ann", "Lee"),)), Members(())),
        (x("map<string,int>"), ["Ann"], []),
    ],
)
def test_where_another_kind_stands_its_kind_alone_stays(of: Contract, value: Any, mask: Any):
    assert masks_of(of, value) == [mask]


def test_no_mask_is_a_value_that_somebody_has():
    values = [Number(f"{n}") for n in range(1_000, 9_000)]

    found = masks_of(x("int"), *values[:500], *values[500:])

    assert not {mask.text for mask in found} & {value.text for value in values}


@pytest.mark.parametrize("option", ["allowed: [f, m]", "pattern: '[fm]'", "map_values: {f: female, m: male}"])
def test_a_key_whose_values_would_share_a_mask_is_refused_by_its_rule_and_never_shown(option: str):
    column = f"name: x, type: string, at: $.x, personal: hash, required: true, {option}"
    of = contract(column, edit={"primary_key: [id]": "primary_key: [id, x]"})

    with pytest.raises(ContractInvalid, match=r"expected rules of x .* that leave room for masks") as refused:
        masks_of(of, "f", "m")

    assert "part of a key" in refused.value.message


def column_of(of: Contract) -> Column:
    return of.column("x")


def test_neither_key_nor_values_stand_in_the_representation_of_masks():
    of = x("string")
    masks = Masks(of, KEY)
    masks.learn(column_of(of), "Ann Lee")
    masks.mask(column_of(of), "Ann Lee")

    assert "Ann" not in repr(masks)
    assert "thirty-two" not in repr(masks)
