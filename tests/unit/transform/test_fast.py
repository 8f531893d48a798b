"""The quick way and the compiled contract make the same of every record: rows, refusals and their reasons."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transform_world import SLOT, contract, record
from two_ways import COLUMNS, FLAT, INSTANTS, NUMBERS, PARCELS, TEXTS, ids_of, outcome

from lakeward.adapters import duckdb_quick
from lakeward.adapters.duckdb_engine import strictly
from lakeward.adapters.duckdb_files import connect
from lakeward.adapters.duckdb_quick import QuickWay
from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords, NdjsonRecords

ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, INSTANTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["at", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)
FIELDS = {
    "flag": st.booleans(),
    "n": st.fixed_dictionaries({}, optional={"small": NUMBERS, "big": NUMBERS, "at": st.lists(NUMBERS, max_size=3)}),
    "price": st.one_of(NUMBERS, st.sampled_from(["12.34", "12.345", "-1", "1e2", "12.300", "123456789.01"])),
    "word": TEXTS,
    "kind": TEXTS,
    "seen": INSTANTS,
    "made_ms": NUMBERS,
    "made_s": NUMBERS,
    "due": INSTANTS,
}
RECORDS = st.one_of(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["p1", "p2", "p3", "é"]), "version": st.integers(0, 3), "day": st.just("2024-03-01")},
        optional={name: st.one_of(st.none(), plausible, plausible, ANYTHING) for name, plausible in FIELDS.items()},
    ),
    ANYTHING,
)


@pytest.fixture(autouse=True)
def engine() -> None:
    """In the place of the engines that the other tests here hold to the same: these compare two ways of one."""


def both_ways(of: Contract, pages: list[str], folder: Path) -> None:
    """Run both over the same pages, and compare."""
    paths = []
    for number, page in enumerate(pages, start=1):
        paths.append(folder / f"page-{number:05d}.json")
        paths[-1].write_text(page, encoding="utf-8", errors="surrogatepass")
    ids = ids_of(of)
    (folder / "quick").mkdir()
    (folder / "strict").mkdir()
    with connect(folder / "quick") as db:
        way = QuickWay(db, of, SLOT, ids, folder / "quick")
        assert way.is_known
        quick = outcome(way.transform(paths))
    with connect(folder / "strict") as db:
        strict = outcome(strictly(db, of, SLOT, paths, ids, folder / "strict"))
    assert repr(quick) == repr(strict)  # repr: NaN equals itself


@pytest.mark.parametrize("small_rows", [0, 50_000])
def test_both_ways_make_the_same_of_whatever_comes(
    small_rows: int, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_quick, "SMALL_ROWS", small_rows)

    @settings(
        max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
    )
    @given(st.lists(st.lists(RECORDS, max_size=6), min_size=1, max_size=3))
    def holds(pages: list[list[Any]]) -> None:
        both_ways(PARCELS, [json.dumps({"items": page}) for page in pages], tmp_path_factory.mktemp("page"))

    holds()


TEXT_RECORDS = st.fixed_dictionaries(
    {"id": st.sampled_from(["p1", "p2", ""]), "version": st.sampled_from(["0", "1", "2", "01"]), "day": INSTANTS},
    optional={
        name: st.none()
        | TEXTS
        | NUMBERS.map(str)
        | st.sampled_from(["true", "false", "007.5", "+5", "1_000", ".5", "1e3"])
        for name in ("flag", "small", "big", "ratio", "price", "word", "kind", "made_ms")
    }
    | {"seen": INSTANTS, "due": INSTANTS},
)


def lines_of(format_name: str) -> Contract:
    """The flat contract with records one a line."""
    records = CsvRecords(format="csv") if format_name == "csv" else NdjsonRecords(format="ndjson")
    return FLAT.model_copy(update={"source": FLAT.source.model_copy(update={"records": records})})


def lines(rows: list[dict[str, Any]]) -> str:
    """A page of them, as staging writes it."""
    return "".join(json.dumps({"position": n, "record": row}) + "\n" for n, row in enumerate(rows, 1))


def test_both_ways_make_the_same_of_separated_values(tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(
        max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
    )
    @given(st.lists(TEXT_RECORDS, min_size=1, max_size=10))
    def holds(rows: list[dict[str, Any]]) -> None:
        both_ways(lines_of("csv"), [lines(rows)], tmp_path_factory.mktemp("page"))

    holds()


@pytest.mark.parametrize(
    "page",
    [
        '{"items":[{"id":"p1","version":1,"day":"2024-03-01"},{"id":"p2","id":"p3","version":1,"day":"2024-03-01"}]}',
        '{"items":[{"id":"p1","version":1,"day":"2024-03-01","n":"none"},{"id":"p2","version":1,"day":"2024-03-01"}]}',
        '{"items":[{"id":"p1","version":1,"day":"2024-03-01","n":{"at":{"0":1}}},null,3,[1]]}',
        '{"items":[{"id":"p1","version":1e0,"day":"2024-03-01"},{"id":"p2","version":"1","day":"2024-03-01"}]}',
        '{"items":[{"ID":"p1","version":1,"day":"2024-03-01"},{"id":"p\\u00e9\\n","version":01,"day":"2024-03-01"}]}',
    ],
    ids=[
        "a name twice",
        "a text for an object",
        "an object for an array",
        "numbers that look otherwise",
        "names and escapes",
    ],
)
def test_both_ways_make_the_same_of_pages_of_another_shape(page: str, tmp_path: Path) -> None:
    plain = json.dumps({"items": [record(7), record(8, word="x" * 50), record(7, word="twice")]})
    if '"version":01' in page:
        page = page.replace("01", "1")

    both_ways(PARCELS, [plain, page, plain], tmp_path)


@pytest.mark.parametrize("mode", ["replace_slot", "append_only"])
def test_both_ways_keep_the_same_of_two_rows_with_one_key(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_quick, "SMALL_ROWS", 0)
    of = PARCELS.model_copy(update={"load": PARCELS.load.model_copy(update={"mode": mode})})
    pages = [
        json.dumps({"items": [record(n % 5, version=n % 3, word=f"{p}-{n}") for n in range(20)]}) for p in range(3)
    ]

    both_ways(of, pages, tmp_path)


def test_a_record_in_a_list_at_the_top_is_read_the_same(tmp_path: Path) -> None:
    of = contract(*COLUMNS, records_at="$")

    both_ways(of, [json.dumps([record(1), record(2, kind="z"), None])], tmp_path)


def test_files_without_a_loser_stay_as_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_quick, "SMALL_ROWS", 0)
    monkeypatch.setattr(duckdb_quick, "BATCH_BYTES", 1)
    path = tmp_path / "page-00001.json"
    path.write_text(json.dumps({"items": [record(1), record(2)]}))
    other = tmp_path / "page-00002.json"
    other.write_text(json.dumps({"items": [record(2, version=2), record(3)]}))
    ids = ids_of(PARCELS)

    with connect(tmp_path) as db:
        made = QuickWay(db, PARCELS, SLOT, ids, tmp_path).transform([path, other])

    assert [(f.path.name.startswith("kept-"), f.rows) for f in made.accepted] == [(True, 1), (False, 2)]
    with duckdb.connect() as db:
        field_ids = db.execute(
            "SELECT field_id FROM parquet_schema(?) WHERE field_id IS NOT NULL", [str(made.accepted[0].path)]
        ).fetchall()
    assert [number for (number,) in field_ids] == list(ids[0].values())


NESTED = {"n": {"small": 5, "big": 2**60, "at": [0, 1.5]}, "ratio": 1.5, "small": 5.0, "big": -1}
USUAL = {
    "flag": True,
    "price": "12.30",
    "word": 'é "quoted"\n',
    "kind": "a",
    "seen": "2024-03-01T12:00:00Z",
    "made_ms": 1_709_251_200_914,
    "made_s": 1_709_251_200,
    "due": "2024-03-01",
}
TEXTUAL = {**USUAL, "flag": "true", "small": "5", "big": "-1", "ratio": "1.5e0", "made_ms": "0", "made_s": "1709251200"}


@pytest.mark.parametrize(
    ("of", "page"),
    [
        pytest.param(PARCELS, json.dumps({"items": [record(**USUAL, **NESTED)]}), id="json"),
        pytest.param(lines_of("ndjson"), lines([record(**USUAL, **NESTED)]), id="ndjson"),
        pytest.param(lines_of("csv"), lines([record(**TEXTUAL) | {"version": "1"}]), id="csv"),
    ],
)
def test_a_usual_record_is_not_looked_at_again(of: Contract, page: str, tmp_path: Path) -> None:
    path = tmp_path / "page-00001.json"
    path.write_text(page)
    ids = ids_of(of)

    with connect(tmp_path) as db:
        made = QuickWay(db, of, SLOT, ids, tmp_path).transform([path])
        unsure = db.execute("SELECT count(*) FROM unsure").fetchone()

    assert (made.valid, unsure) == (1, (0,))
