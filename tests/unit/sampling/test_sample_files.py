"""A sample's files, byte for byte: in each form, with what the contract names alone, chosen by keys."""

import csv
import gzip
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from sample_world import CSV, FIRST, JSON, NDJSON, SampleWorld, contract, day_after, recorded

from lakeward.contract import Contract
from lakeward.errors import ContractInvalid, IncompleteRun, RawConflict
from lakeward.ports.raw import RawObject
from lakeward.sampling import Choice, is_masked
from lakeward_local.replay.geojson import read_feature_collection
from lakeward_local.replay.samples import read_array, read_lines, read_separated

NAME = "name: full_name, type: string, at: $.who.name, personal: redact, pattern: '[A-Z][a-z]+ [A-Z][a-z]+'"
TOWN = "name: town, type: string, at: $.town"
PEOPLE = """\
{"id":"p1","version":1,"day":"2024-03-01","who":{"name":"Ann Lee","phone":"0199"},"town":"Ulm","more":1.10}
{"id":"p2","version":1e0,"day":"2024-03-01","who":{"name":"Bob Ray"},"town":"Köln \\ud83d\\ude00","town":null}
{"id":"p3","version":12345678901234567890123,"day":"2024-03-01","who":{"name":"Ann Lee"},"town":["Ulm"]}
"""
MASKED = """\
{"id":"p1","version":1,"day":"2024-03-01","who":{"name":"Hyg Hax"},"town":"Ulm"}
{"id":"p2","version":1e0,"day":"2024-03-01","who":{"name":"Zyl Cyc"},"town":"Köln 😀","town":null}
{"id":"p3","version":12345678901234567890123,"day":"2024-03-01","who":{"name":"Hyg Hax"},"town":[]}
"""
"""With the key of the tests."""
ARRAY = "[" + MASKED.strip().replace("\n", ",\n") + "]"
ABOUT = '{"generated":1709348400000,"api":"1.0.0","count":3}'
FEATURES = f'{{"type":"FeatureCollection","metadata":{ABOUT},"features":{ARRAY}}}\n'


def world(tmp_path: Path, of: Contract, text: str, records: int, form: str | None = None) -> SampleWorld:
    """One certified slot; the dataset's recorded file has a form."""
    made = SampleWorld(of, tmp_path)
    made.certify((text.encode(), records))
    if form is not None:
        (tmp_path / "replay.yaml").write_text(f"imitation: any\nrecorded: sample/recorded.{form}.gz\n")
    return made


def page(lines: str = PEOPLE) -> str:
    return f'{{"items":[{",".join(lines.splitlines())}],"meta":{{"of":"Ann Lee"}}}}'


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (None, MASKED),
        ("ndjson", MASKED),
        ("json", f"{ARRAY}\n"),
        ("geojson", FEATURES),
    ],
)
def test_records_of_json_are_written_as_they_came_but_for_what_is_personal(tmp_path: Path, form: str, text: str):
    sample = world(tmp_path, contract(NAME, TOWN), page(), 3, form).take()

    assert recorded(sample) == text
    assert next(iter(sample.files)) == ("people.ndjson.gz" if form is None else f"recorded.{form}.gz")


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_lines_of_json_become_either_form(tmp_path: Path, form: str):
    sample = world(tmp_path, contract(NAME, TOWN, records=NDJSON), PEOPLE, 3, form).take()

    assert recorded(sample).replace("[{", "{").replace("}]", "}").replace("},\n", "}\n") == MASKED


COMMAS = '''\
more,id,version,day,name,town
x,p1,1,2024-03-01,Ann Lee,"Ulm, Donau"
"say ""x""",p2,1,2024-03-01,Bob Ray,
,p3,1,2024-03-01,Ann Lee,Ulm
'''
FLAT = NAME.replace("who.", "")


def test_separated_values_keep_their_dialect_and_lose_fields_that_are_not_named(tmp_path: Path):
    of = contract(FLAT, TOWN, records=CSV)

    sample = world(tmp_path, of, COMMAS, 3, "csv").take()

    assert recorded(sample) == (
        "id,version,day,name,town\n"
        'p1,1,2024-03-01,Hyg Hax,"Ulm, Donau"\n'
        "p2,1,2024-03-01,Zyl Cyc,\n"
        "p3,1,2024-03-01,Hyg Hax,Ulm\n"
    )


def test_fields_that_the_contract_counts_keep_their_place_without_a_value(tmp_path: Path):
    dialect = (
        '{format: csv, delimiter: ";", header: false, skip_lines: 1, null_text: "NULL", text_encoding: windows-1252'
    )
    of = contract(FLAT, TOWN, records=dialect + ", fields: [more, id, version, day, name, town]}")
    text = "Ann Lee\nx;p1;1;2024-03-01;Ann Lee;Köln\n".encode("windows-1252")
    made = SampleWorld(of, tmp_path)
    made.certify((text, 1))

    assert recorded(made.take()) == "\nNULL;p1;1;2024-03-01;Hyg Hax;Köln\n"


def test_the_replay_server_reads_every_form(tmp_path: Path):
    found = {}
    for form, read in (("json", read_array), ("ndjson", read_lines), ("geojson", read_feature_collection)):
        world(tmp_path, contract(NAME, TOWN), page(), 3, form).take().write(tmp_path / "sample")
        found[form] = read(tmp_path / "sample" / f"recorded.{form}.gz")
    world(tmp_path, contract(FLAT, TOWN, records=CSV), COMMAS, 3, "csv").take().write(tmp_path / "sample")
    header, rows = read_separated(tmp_path / "sample" / "recorded.csv.gz")

    expected = [json.loads(line) for line in MASKED.splitlines()]
    assert [record.value for record in found["json"]] == expected
    assert [record.value for record in found["ndjson"]] == expected
    assert [record.value for record in found["geojson"].features] == expected
    assert header == b"id,version,day,name,town\n"
    assert [row.value["town"] for row in rows] == ["Ulm, Donau", "", "Ulm"]


def test_unnamed_fields_stay_when_they_are_asked_for_but_not_where_something_personal_should_be(tmp_path: Path):
    line = '{"id":"p1","version":1,"day":"2024-03-01","who":"Ann Lee","town":{"of":"Ulm"},"more":{"x":[1.10]}}\n'
    made = world(tmp_path, contract(NAME, TOWN), page(line), 1)

    assert recorded(made.take(keep_unnamed=True)) == line.replace('"Ann Lee"', '""')


def test_elements_keep_their_index_and_exploded_ones_are_masked_one_by_one(tmp_path: Path):
    of = contract(
        "name: leg, type: string, at: '$.legs[*].by', personal: redact, max_length: 9",
        "name: lon, type: double, at: '$.at[1]'",
        records="{format: json, at: $.items, explode: {at: $.legs}}",
    )
    line = '{"id":"p1","version":1,"day":"2024-03-01","at":[9.5,48.4,3],"legs":[{"by":"Ann"},{"by":"Bob","of":1},7]}\n'

    text = recorded(world(tmp_path, of, page(line), 1).take())

    record = json.loads(text)
    assert record["at"] == [None, 48.4]
    assert [type(leg) for leg in record["legs"]] == [dict, dict, int]
    assert [sorted(leg) for leg in record["legs"][:2]] == [["by"], ["by"]]
    assert "Ann" not in text
    assert record["legs"][2] == 0


def test_the_mark_names_the_file_by_its_digest_and_the_places(tmp_path: Path):
    made = world(tmp_path, contract(NAME, TOWN), page(), 3)
    sample = made.take()

    paths = sample.write(tmp_path / "sample")

    assert [path.name for path in paths] == ["people.ndjson.gz", "README.md", "masked.json"]
    assert sorted(path.name for path in (tmp_path / "sample").iterdir()) == sorted(path.name for path in paths)
    assert json.loads(paths[2].read_bytes()) == {
        "masked": 1,
        "file": "people.ndjson.gz",
        "sha256": hashlib.sha256(paths[0].read_bytes()).hexdigest(),
        "places": ["$.who.name"],
    }
    assert is_masked(made.contract, paths[0])
    assert not is_masked(contract(NAME, "name: town, type: string, at: $.town, personal: drop"), paths[0])
    paths[0].write_bytes(gzip.compress(PEOPLE.encode(), mtime=0))
    assert not is_masked(made.contract, paths[0])
    paths[2].write_text("{")
    assert not is_masked(made.contract, paths[0])


def test_the_readme_says_how_the_sample_came_about(tmp_path: Path):
    made = world(tmp_path, contract(NAME, TOWN), page(), 3)

    readme = made.take(choice=Choice(0.9, 2)).files["README.md"].decode()

    assert "`people.ndjson.gz` is made of certified raw pages of 2024-03-01T00:00Z." in readme
    assert "of 3 records, chosen by their keys alone; one that several slots have is here once." in readme
    assert "Masked were `full_name`, with a key" in readme
    assert "lakeward dataset sample people --slot 2024-03-01T00:00Z --fraction 0.9 --records 2\n" in readme


def many(count: int, first: int = 0, version: int = 1) -> list[dict[str, Any]]:
    return [{"id": f"p{n}", "version": version, "day": "2024-03-01"} for n in range(first, first + count)]


def certify(made: SampleWorld, records: list[dict[str, Any]], days: int = 0) -> Any:
    return made.certify((json.dumps({"items": records}).encode(), len(records)), slot=day_after(FIRST, days))


def ids(made: SampleWorld, *slots: Any, choice: Choice) -> list[tuple[str, int]]:
    found = [json.loads(line) for line in recorded(made.take(*slots, choice=choice)).splitlines()]
    return [(record["id"], record["version"]) for record in found]


def test_keys_alone_choose_records_of_any_slot_in_any_company(tmp_path: Path):
    made = SampleWorld(contract(), tmp_path)
    one, two = certify(made, many(400)), certify(made, many(600, version=2), days=1)

    first, both = (ids(made, *slots, choice=Choice(0.1)) for slots in ((one,), (two, one)))

    assert 20 <= len(first) <= 60
    assert [name for name, version in both if version == 1] == [name for name, _ in first]
    assert {name for name, _ in first} == {name for name, v in both if v == 2 and int(name[1:]) < 400}


def test_no_more_records_are_chosen_than_asked_for_and_those_of_a_key_stay_together(tmp_path: Path):
    made = SampleWorld(contract(), tmp_path)
    slots = [certify(made, many(50)), certify(made, many(50, version=2), days=1)]

    few, more = (ids(made, *slots, choice=Choice(most_records=most)) for most in (7, 20))

    assert (len(few), len(more)) == (6, 20)
    assert set(few) <= set(more)
    assert all(((name, 1) in more) == ((name, 2) in more) for name, _ in more)


@pytest.mark.parametrize("most", [1, 10, 300, 3_999])
def test_what_is_let_go_of_meanwhile_would_not_have_been_chosen(tmp_path: Path, most: int):
    made = SampleWorld(contract(), tmp_path)
    slots = [certify(made, [*many(1_000), *many(1_000, version=2)][:: 1 - 2 * day], days=day) for day in range(2)]
    slots.append(certify(made, many(2_000, first=1_000), days=2))
    whole = ids(made, *slots, choice=Choice())

    found = ids(made, *slots, choice=Choice(most_records=most))

    order = [name for name, _ in ids(made, *slots, choice=Choice(most_records=most * 2))]
    assert len(found) <= most
    assert found == [one for one in whole if one[0] in {name for name, _ in found}]
    assert {name for name, _ in found} <= set(order)


def test_a_record_that_several_slots_have_is_written_once_and_a_repeated_one_in_a_slot_as_often_as_it_came(
    tmp_path: Path,
):
    made = SampleWorld(contract(), tmp_path)
    slots = [certify(made, [*many(2), *many(1)]), certify(made, many(3), days=1)]

    assert [name for name, _ in ids(made, *slots, choice=Choice())] == ["p0", "p1", "p0", "p2"]


def test_a_personal_value_at_another_place_is_told_by_its_path(tmp_path: Path):
    line = '{"id":"p1","version":1,"day":"2024-03-01","who":{"name":"Ann Lee"},"town":"Ann Lee","more":"Ann Lee"}\n'

    sample = world(tmp_path, contract(NAME, TOWN), page(line), 1).take()

    assert dict(sample.elsewhere) == {"$.town": 1}
    assert "Ann" not in repr(sample)


def test_slots_without_certificate_and_raw_that_changed_are_refused(tmp_path: Path):
    made = world(tmp_path, contract(NAME, TOWN), page(), 3)

    with pytest.raises(IncompleteRun, match=r"expected a certificate at people/slot=20240302T0000Z"):
        made.take(day_after(FIRST))
    with pytest.raises(IncompleteRun, match=r"found none chosen of 3"):
        made.take(choice=Choice(0.0))
    key = next(key for key in made.raw.objects if "page-" in key)
    made.raw.objects[key] = RawObject(b"Ann Lee", {})
    with pytest.raises(RawConflict, match="expected sha256") as refused:
        made.take()
    assert "Ann" not in refused.value.message


def test_a_contract_that_reads_other_records_than_were_certified_is_refused(tmp_path: Path):
    made = world(tmp_path, contract(NAME, TOWN), page(), 3)
    made.contract = contract(NAME, TOWN, records=JSON.replace("items", "meta"))

    with pytest.raises(RawConflict, match=r"expected an array at \$.meta, found none") as refused:
        made.take()
    assert "Ann" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recorded: sample/people.csv.gz", "which are json, found people.csv.gz"),
        ("recorded: ../people.json.gz", "expected `recorded: sample/NAME`"),
        ("recorded: [", "expected `recorded: sample/NAME`"),
        ("imitation: any", "expected `recorded: sample/NAME`"),
    ],
)
def test_a_recorded_file_that_no_sample_can_be_is_refused(tmp_path: Path, text: str, said: str):
    made = world(tmp_path, contract(NAME, TOWN), page(), 3)
    (tmp_path / "replay.yaml").write_text(f"{text}\n")

    with pytest.raises(ContractInvalid, match=said):
        made.take()


def test_personal_columns_inside_one_another_are_refused(tmp_path: Path):
    inner = "name: whole, type: 'struct<name:string>', at: $.who, personal: redact"

    with pytest.raises(ContractInvalid, match=r"one is read from inside of \$.who"):
        world(tmp_path, contract(NAME, inner), page(), 3).take()


SECRET = "Ann Canary"
SECRETS = {
    "json": page(f'{{"id":"p1","version":1,"day":"2024-03-01","who":{{"name":"{SECRET}"}},"more":"{SECRET}"}}\n'),
    "escaped": page(
        '{"id":"p1","version":1,"day":"2024-03-01","wh\\u006f":{"name":"\\u0041nn Canary","name":"Ann C\\u0061nary"}}\n'
    ),
    "ndjson": f'{{"id":"p1","version":1,"day":"2024-03-01","who":{{"name":"{SECRET}"}},"{SECRET}":1}}\n',
    "csv": f'id,version,day,name,{SECRET}\np1,1,2024-03-01,"{SECRET}",{SECRET}\n',
}


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_in_no_byte_that_is_written(tmp_path: Path, kind: str, gzipped: bool):
    records = {"ndjson": NDJSON, "csv": CSV}.get(kind, JSON)
    made = SampleWorld(contract(FLAT if kind == "csv" else NAME, records=records), tmp_path)
    made.certify((SECRETS[kind].encode(), 1), gzipped=gzipped)

    paths = made.take().write(tmp_path / "sample")

    written = [path.read_bytes() for path in paths]
    written += [gzip.decompress(body) for body in written if body.startswith(b"\x1f\x8b")]
    assert len(written) == 4
    assert [body for body in written if b"Canary" in body or b"Ann" in body] == []
    text = written[3].decode()
    kept = list(csv.DictReader(io.StringIO(text))) if kind == "csv" else [json.loads(text)]
    assert [(record["id"], record["day"]) for record in kept] == [("p1", "2024-03-01")]
