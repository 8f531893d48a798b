"""Personal columns: digests as HMAC has them, and not one clear value in anything that is written or said."""

import hmac
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from engines import Chosen, chosen
from transform_world import Result, contract, record, transform

from lakeward import tables
from lakeward.contract import Contract
from lakeward.errors import ConfigurationMissing, ContractInvalid, IncompleteRun
from lakeward.ports.personal import PersonalKey

KEY = PersonalKey(b"a key of thirty-two bytes or more, made up")
CANARY = "canary@people.test"
COLUMNS = (
    "name: email, type: string, at: $.contact.email, personal: hash, pattern: '[^ ]+'",
    "name: phone, type: bigint, at: '$.contact.phones[0]', personal: tokenise, minimum: 1",
    "name: full_name, type: string, at: $.name, personal: redact",
    "name: born_on, type: date, at: $.born, personal: drop",
    "name: town, type: string, at: $.town",
)
PERSON = {
    "contact": {"email": CANARY, "phones": [4930123456]},
    "name": "Canary Bird",
    "born": "1984-02-29",
    "town": "X",
}
SECRETS = (CANARY, "4930123456", "Canary Bird", "1984-02-29", "canary")


def people(*columns: str, key: bool = True) -> Contract:
    secret = "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/people"
    return contract(*(columns or COLUMNS), more=f'personal_key: "{secret}"\n' if key else "")


def run(of: Contract, records: list[Any], folder: Path, key: PersonalKey | None = KEY) -> Result:
    return transform(of, [{"items": records}], folder, Chosen(key))


def digest(text: str) -> str:
    return hmac.new(KEY.value, text.encode(), "sha256").hexdigest()


@pytest.mark.parametrize("text", ["", "a", CANARY, "naïve 😀", "x" * 200, "\u0000"])
@pytest.mark.parametrize("value", [b"k" * 32, b"k" * 64, b"k" * 65])
def test_a_digest_is_hmac_sha256(value: bytes, text: str, tmp_path: Path):
    of = people("name: x, type: string, at: $.x, personal: hash")

    result = run(of, [record(x=text)], tmp_path, PersonalKey(value))

    assert [row["x"] for row in result.accepted] == [hmac.new(value, text.encode(), "sha256").hexdigest()]


def test_a_row_has_digests_and_marks_in_the_place_of_personal_values(tmp_path: Path):
    result = run(people(), [record(1, **PERSON), record(2)], tmp_path)

    shown = [{k: v for k, v in row.items() if k not in ("version", "day", "_slot", "_page")} for row in result.accepted]
    assert shown == [
        {
            "id": "p1",
            "email": digest(CANARY),
            "phone": f"tok_{digest('phone' + chr(0) + '4930123456')[:32]}",
            "full_name": "REDACTED",
            "town": "X",
            "_position": 1,
        },
        {"id": "p2", "email": None, "phone": None, "full_name": None, "town": None, "_position": 2},
    ]


def test_the_table_has_texts_for_digests_and_nothing_for_what_is_dropped():
    types = {c.name: c.type for c in tables.curated(people()).columns}

    assert {name: types.get(name) for name in ("email", "phone", "full_name", "born_on", "town")} == {
        "email": "string",
        "phone": "string",
        "full_name": "string",
        "born_on": None,
        "town": "string",
    }


BROKEN: list[dict[str, Any]] = [
    {"contact": {"email": f"a {CANARY}", "phones": [0]}},
    {"contact": {"email": {"address": CANARY}, "phones": ["4930123456"]}},
    {"contact": CANARY, "name": ["Canary Bird"], "version": "bad"},
    {"contact": [CANARY], "born": "1984-02-29 ", "town": 5},
    {"Contact": {"Email": CANARY}, "version": None},
    {"contact": {"email": CANARY, "mail": CANARY}, "town": {"of": CANARY}},
    {"contact": {"phones": {"0": 4930123456}}, "born": 19840229, "town": [CANARY]},
]


@pytest.mark.parametrize("bad", BROKEN)
def test_no_personal_value_stands_in_quarantine(bad: dict[str, Any], tmp_path: Path):
    result = run(people(), [record(**{**PERSON, **bad})], tmp_path)

    (row,) = result.quarantined
    assert not [secret for secret in SECRETS if secret in json.dumps(row, default=str)]
    assert json.loads(row["record"])["$.id"] == "p1"


def test_a_quarantined_record_shows_what_the_other_columns_read(tmp_path: Path):
    result = run(people(), [record(**{**PERSON, "town": 5, "more": CANARY})], tmp_path)

    assert [json.loads(q["record"]) for q in result.quarantined] == [
        {
            "$.id": "p1",
            "$.version": 1,
            "$.day": "2024-03-01",
            "$.contact.email": "REDACTED",
            "$.contact.phones[0]": "REDACTED",
            "$.name": "REDACTED",
            "$.born": "REDACTED",
            "$.town": 5,
        }
    ]


def test_no_file_of_a_transform_has_a_personal_value(tmp_path: Path):
    run(people(), [record(1, **PERSON), record(2, **{**PERSON, "town": 5})], tmp_path)

    files = [str(path) for path in tmp_path.rglob("*.parquet")]
    with duckdb.connect() as db:
        texts = [
            text
            for file in files
            for (text,) in db.execute("SELECT CAST(to_json(f) AS VARCHAR) FROM read_parquet(?) f", [file]).fetchall()
        ]
    assert len(texts) == 2
    assert not [text for text in texts if any(secret in text for secret in SECRETS)]


def test_without_the_key_nothing_is_made(tmp_path: Path):
    with pytest.raises(ConfigurationMissing, match="expected the key arn:aws:secretsmanager"):
        run(people(), [record(**PERSON)], tmp_path, None)


def test_what_duckdb_says_of_a_page_is_kept_back(tmp_path: Path):
    broken = f'{{"items": [{json.dumps(PERSON)}, {CANARY}]}}'

    with pytest.raises(IncompleteRun) as refused:
        transform(people(), [broken], tmp_path, Chosen(KEY))

    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is None or chosen.get() == "spark"


def test_a_key_is_in_no_representation():
    assert KEY.value.decode() not in repr(KEY)


REFUSED = [
    (("name: x, type: double, at: $.x, personal: hash",), "expected string, int, bigint, date to hash; found double"),
    (("name: x, type: string, compute: id, personal: hash",), "expected this on a column with `at`"),
    (
        ("name: x, type: string, at: $.x, personal: redact", "name: y, type: string, compute: lower(x)"),
        "expected columns that are not personal to be made from, found x",
    ),
    (
        ("name: x, type: string, at: $.a.b, personal: drop", "name: y, type: 'map<string,string>', at: $.a"),
        "expected a place that no other column reads, found that y reads $.a",
    ),
]


@pytest.mark.parametrize(("columns", "words"), REFUSED)
def test_what_would_tell_a_personal_value_is_refused_with_the_contract(columns: tuple[str, ...], words: str):
    with pytest.raises(ContractInvalid) as refused:
        people(*columns, key="personal: hash" in columns[0])

    assert words in str(refused.value)


def test_digests_need_a_key_and_keys_need_digests():
    with pytest.raises(ContractInvalid, match="expected `personal_key`, the secret that digests are made with"):
        contract("name: x, type: string, at: $.x, personal: hash")
    with pytest.raises(ContractInvalid, match="expected this with columns that are hashed or tokenised only"):
        people("name: x, type: string, at: $.x, personal: drop")


def test_new_fields_are_not_kept_beside_personal_columns():
    with pytest.raises(ContractInvalid, match="expected new fields not to be kept"):
        contract("name: x, type: string, at: $.x, personal: drop", more="drift: {new: keep}\n")
