"""A sample makes the rows that its records made: as many, refused alike, the same in what is not personal."""

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from engines import Chosen
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sample_world import CSV, JSON, KEY, NDJSON, SampleWorld, contract, recorded
from transform_world import SLOT, Result, read_back

from lakeward import tables
from lakeward.adapters.iceberg_schema import schema_of
from lakeward.adapters.iceberg_types import field_ids
from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords
from lakeward.formats.lines import write_lines
from lakeward.ports.personal import PersonalKey

SHORT = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Each example runs an engine twice: what fails is shown as it was found."""
DIGESTS = PersonalKey(b"a key of thirty-two bytes or more, made up")
MAIL = "name: email, type: string, at: $.contact.email, personal: hash, pattern: '[^@ ]+@[^@ ]+', max_length: 20"
COLUMNS = (
    MAIL,
    "name: phone, type: bigint, at: '$.contact.phones[0]', personal: tokenise, minimum: 100, maximum: 99999",
    "name: full_name, type: string, at: $.name, personal: redact, trim: true, null_words: [NA]",
    "name: born_on, type: date, at: $.born, personal: hash, minimum: '1900-01-01', maximum: '2020-12-31'",
    "name: nick, type: string, at: $.nick, personal: hash",
    "name: sex, type: string, at: $.sex, personal: drop, allowed: [f, m, x]",
    "name: paid, type: 'decimal(6,2)', at: $.paid, personal: drop, minimum: 0.5, maximum: 5000",
    "name: ratio, type: double, at: $.ratio, personal: redact, minimum: 0",
    "name: seen, type: timestamp, at: $.seen, personal: drop, maximum: '2024-01-01T00:00Z'",
    "name: local, type: timestamp, at: $.local, personal: drop, formats: ['%d.%m.%Y %H:%M'], zone: Europe/Berlin",
    "name: adult, type: boolean, at: $.adult, personal: redact",
    "name: tags, type: 'map<string,struct<a:string,b:int>>', at: $.tags, personal: drop",
    "name: town, type: string, at: $.town",
    "name: height, type: double, at: $.height, maximum: 3",
    "name: notes, type: 'list<struct<of:string>>', at: $.notes",
)
SHOWN = ("id", "version", "day", "town", "height", "notes", "_page", "_position")
WHOLE = st.integers(-100, 200_000)
WORDS = st.sampled_from(
    ["", "NA", " NA ", "f", "m", "Ann Lee", " Ann Lee", "ann@mail.test", "é", "-", "0", "12", "1.50"]
)
TIMES = st.sampled_from(
    [
        "1984-02-29",
        "1983-02-29",
        "1884-01-01",
        "2024-01-01",
        "1984-02-29T07:00:00Z",
        "1984-02-29T07:00:00",
        "2034-02-28T07:00:00+01:00",
        "29.02.1984 07:00",
        "31.03.2024 02:30",
        "27.10.2024 02:30",
    ]
)
SINGLE = st.one_of(st.none(), st.booleans(), WHOLE, st.floats(-10, 10_000, width=32), WORDS, TIMES)
ANY = st.one_of(
    SINGLE,
    st.lists(SINGLE, max_size=2),
    st.dictionaries(st.sampled_from(["a", "b", "c", "Ann"]), SINGLE, max_size=2),
    st.dictionaries(WORDS, st.dictionaries(st.sampled_from(["a", "b", "c"]), SINGLE, max_size=2), max_size=2),
)
CONTACT = st.one_of(ANY, st.fixed_dictionaries({}, optional={"email": SINGLE, "phones": ANY, "fax": SINGLE}))
FIELDS = {
    "contact": CONTACT,
    "height": st.floats(1, 4),
    "notes": ANY,
    "more": ANY,
    "seen": st.one_of(TIMES, ANY),
    "local": st.one_of(TIMES, ANY),
    "born": st.one_of(TIMES, ANY),
    **dict.fromkeys(("name", "nick", "sex", "paid", "ratio", "adult", "tags", "town"), ANY),
}
RECORDS = st.lists(st.fixed_dictionaries({}, optional=FIELDS), min_size=5, max_size=15)


def run(of: Contract, page: str, folder: Path) -> Result:
    """What the engine makes of a page of the contract's format."""
    spec, name = of.source.records, "page-00001.json"
    if spec.format == "json":
        (folder / name).write_text(page)
    elif isinstance(spec, CsvRecords):
        name = "page-00001.csv"
        (folder / name).write_text(page)
    else:
        with (folder / name).open("wb") as out:
            write_lines(of, spec, io.BytesIO(page.encode()), out)
    work = folder / "work"
    work.mkdir()
    ids = tuple(field_ids(schema_of(design)) for design in (tables.curated(of), tables.quarantine(of)))
    return read_back(Chosen(DIGESTS).transform(of, SLOT, [folder / name], ids, work))  # type: ignore[arg-type]


def both(of: Contract, page: str, records: int) -> tuple[Result, Result, str]:
    """What is made of a page and of its sample, and the sample."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(temporary, name) for name in ("raw", "sample", "people")]
        for folder in folders:
            folder.mkdir()
        world = SampleWorld(of, folders[2])
        world.certify((page.encode(), records))
        text = recorded(world.take())
        again = (
            json.dumps({"items": [json.loads(t) for t in text.splitlines()]}) if of.source.records.at != "$" else text
        )
        return run(of, page, folders[0]), run(of, again, folders[1]), text


def compare(of: Contract, page: str, records: int) -> None:
    """Hold the sample's rows to those of the page."""
    made, again, _ = both(of, page, records)
    assert again.valid == made.valid
    assert again.broken == made.broken
    assert [[row[name] for name in SHOWN if name in row] for row in again.accepted] == [
        [row[name] for name in SHOWN if name in row] for row in made.accepted
    ]
    assert [(q["column_name"], q["rule"], q["position"]) for q in again.quarantined] == [
        (q["column_name"], q["rule"], q["position"]) for q in made.quarantined
    ]
    for name in ("email", "phone", "nick", "full_name"):
        kept = [[row[name] is None for row in rows.accepted] for rows in (made, again)]
        assert kept[0] == kept[1]
        assert same(made.accepted, name) == same(again.accepted, name)


def same(rows: list[dict[str, Any]], name: str) -> list[int]:
    """For every row, the first one that has the same value."""
    values = [row.get(name) for row in rows]
    return [values.index(value) for value in values]


def people(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"p{n}", "version": n, "day": "2024-03-01", **record} for n, record in enumerate(records)]


@settings(SHORT, max_examples=12)
@given(RECORDS)
def test_rows_of_json_stay_the_same(records: list[dict[str, Any]]):
    compare(contract(*COLUMNS, records=JSON), json.dumps({"items": people(records)}), len(records))


@settings(SHORT, max_examples=5)
@given(RECORDS)
def test_rows_of_lines_of_json_stay_the_same(records: list[dict[str, Any]]):
    lines = "".join(f"{json.dumps(record)}\n" for record in people(records))

    compare(contract(*COLUMNS, records=NDJSON), lines, len(records))


FLAT = (
    "name: email, type: string, at: $.email, personal: hash, pattern: '[^@ ]+@[^@ ]+', max_length: 20",
    "name: phone, type: bigint, at: $.phone, personal: tokenise, minimum: 100, maximum: 99999",
    "name: full_name, type: string, at: $.name, personal: redact, trim: true, null_words: [NA]",
    "name: born_on, type: date, at: $.born, personal: hash, minimum: '1900-01-01', maximum: '2020-12-31'",
    "name: nick, type: string, at: $.nick, personal: hash",
    "name: paid, type: 'decimal(6,2)', at: $.paid, personal: drop, minimum: 0.5, maximum: 5000",
    "name: seen, type: timestamp, at: $.seen, personal: drop, maximum: '2024-01-01T00:00Z'",
    "name: ms, type: timestamp, at: $.ms, personal: drop, parse: epoch_milliseconds",
    "name: amount, type: double, at: $.amount, personal: drop, parse: text, signs: ['€'], decimal_mark: ','",
    "name: adult, type: boolean, at: $.adult, personal: redact",
    "name: town, type: string, at: $.town",
)
LEGS: list[Any] = [
    [{"by": "Ann", "km": 5}, {"by": "Bob", "km": 7, "of": "Ann"}],
    [{"by": "Ann Lee"}, {"by": 7}, "Ann", None, ["Ann"], {"by": {"of": "Ann"}}],
    [],
    None,
    "Ann",
    {"by": "Ann"},
    7,
]


@pytest.mark.parametrize("without", ["quarantine", "keep", "skip"])
def test_rows_of_exploded_arrays_stay_the_same(without: str):
    explode = f"{{at: $.legs, empty: {without}, missing: {without}}}"
    of = contract(
        "name: driver, type: string, at: '$.legs[*].by', personal: hash, max_length: 3",
        "name: km, type: int, at: '$.legs[*].km'",
        "name: element, type: bigint, constant: element",
        records=f"{{format: json, at: $.items, explode: {explode}}}",
        edit={"primary_key: [id]": "primary_key: [id, element]"},
    )
    records = people([{"legs": legs} for legs in LEGS] + [{}])

    made, again, text = both(of, json.dumps({"items": records}), len(records))

    assert (again.valid, again.broken, again.exploded) == (made.valid, made.broken, made.exploded)
    names = ("id", "km", "element", "_page", "_position")
    assert [[row[name] for name in names] for row in again.accepted] == [
        [row[name] for name in names] for row in made.accepted
    ]
    assert same(again.accepted, "driver") == same(made.accepted, "driver")
    assert "Ann" not in text


NUMBERS = st.sampled_from(["0", "-1", "07", "4711", "99999999", "1e3", "1.5", "€ 1,50", "1,5 €", "1.50", "5001", "x"])
TEXT = st.one_of(WORDS, TIMES, NUMBERS, st.sampled_from(["true", "no"]))
NAMES = ["email", "phone", "name", "born", "nick", "paid", "seen", "ms", "amount", "adult", "town", "more"]


@settings(SHORT, max_examples=8)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, TEXT)), min_size=5, max_size=15))
def test_rows_of_separated_values_stay_the_same(records: list[dict[str, Any]]):
    out = io.StringIO()
    write = csv.DictWriter(out, ["id", "version", "day", *NAMES], lineterminator="\n")
    write.writeheader()
    write.writerows(people(records))

    compare(contract(*FLAT, records=CSV), out.getvalue(), len(records))


SECRETS = st.from_regex(r"[A-Z][a-z]{5,9}[0-9]{2}@?[a-z]{4,8}", fullmatch=True)


@settings(SHORT, max_examples=25)
@given(st.lists(st.tuples(SECRETS, SECRETS, SECRETS, SECRETS), min_size=1, max_size=8), st.booleans())
def test_no_personal_value_survives_and_every_other_does(values: list[tuple[str, ...]], gzipped: bool):
    of = contract(*COLUMNS, records=JSON)
    records = people(
        [
            {"contact": {"email": mail, "phones": [mail]}, "name": [name], "nick": nick, "tags": {name: {"a": nick}}}
            | {"born": name, "more": {"of": mail}, "town": f"#{n}", "height": n, "notes": [{"of": town, "by": name}]}
            for n, (mail, name, nick, town) in enumerate(values)
        ]
    )
    towns = "\n".join(town for *_, town in values)
    secrets = {text for *personal, _ in values for text in personal if text not in towns}
    with tempfile.TemporaryDirectory() as temporary:
        world = SampleWorld(of, Path(temporary))
        world.certify((json.dumps({"items": records}).encode(), len(records)), gzipped=gzipped)

        sample = world.take()

        written = b"".join([*sample.files.values(), *map(str.encode, sample.files), recorded(sample).encode()])
    assert [secret for secret in secrets if secret.encode() in written] == []
    kept = [json.loads(line) for line in recorded(sample).splitlines()]
    others = ("id", "version", "day", "town", "height")
    assert [{name: record[name] for name in others} for record in kept] == [
        {name: record[name] for name in others} for record in records
    ]
    assert [record["notes"] for record in kept] == [[{"of": town}] for *_, town in values]


def test_the_same_key_makes_the_same_bytes_and_a_new_one_others(tmp_path: Path):
    world = SampleWorld(contract(MAIL), tmp_path)
    page = {"items": people([{"contact": {"email": "ann@mail.test"}}])}
    world.certify((json.dumps(page).encode(), 1))

    assert world.take().files == world.take().files
    assert world.take(key=KEY[::-1]).files != world.take().files


@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_a_file_that_is_compressed_is_read_and_the_sample_is_as_the_transform_reads_it(form: str, tmp_path: Path):
    of = contract(MAIL, records=f"{{format: ndjson, compression: {form.replace('plain', 'none')}}}")
    line = json.dumps(people([{"contact": {"email": "ann@mail.test"}}])[0]).encode() + b"\n"
    world = SampleWorld(of, tmp_path)
    world.certify((gzip.compress(line) if form == "gzip" else line, 1))

    (record,) = map(json.loads, recorded(world.take()).splitlines())

    assert {**record, "contact": {}} == {"id": "p0", "version": 0, "day": "2024-03-01", "contact": {}}
