"""Separated values: what the quick way makes of their text is what comes of reading them a record at a time."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transform_world import SLOT
from two_ways import FLAT, INSTANTS, NUMBERS, TEXTS, ids_of, outcome

from lakeward.adapters import duckdb_quick
from lakeward.adapters.duckdb_engine import strictly
from lakeward.adapters.duckdb_files import connect
from lakeward.adapters.duckdb_quick import QuickWay
from lakeward.adapters.separated_pages import SeparatedPages
from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords
from lakeward.errors import IncompleteRun, RawConflict
from lakeward.formats.lines import as_text
from lakeward.formats.separated import rows

FIELDS = ["id", "version", "day", "flag", "small", "big", "ratio", "price", "word", "kind", "seen", "made_ms", "made_s"]
NAMES = [*FIELDS, "due"]
MARK = b"\xef\xbb\xbf"
TYPICAL = {
    "id": "p1",
    "version": "1",
    "day": "2024-03-01",
    "flag": "true",
    "small": "5",
    "big": "-1",
    "ratio": "1.5",
    "price": "12.30",
    "word": "door 7",
    "kind": "a",
    "seen": "2024-03-01T12:00:00Z",
    "made_ms": "1709251200914",
    "made_s": "1709251200",
    "due": "2024-03-01",
}


@pytest.fixture(autouse=True)
def engine() -> None:
    """In the place of the engines that the other tests here hold to the same: these compare two ways of one."""


def separated(**options: Any) -> Contract:
    """The flat contract over separated values of a dialect."""
    records = CsvRecords(format="csv", **options)
    return FLAT.model_copy(update={"source": FLAT.source.model_copy(update={"records": records})})


def outcomes(of: Contract, pages: list[bytes], folder: Path) -> tuple[Any, Any]:
    """What either way makes of the pages: all that a transform says, or the words of its refusal."""
    paths = []
    for number, page in enumerate(pages, start=1):
        paths.append(folder / f"page-{number:05d}.csv")
        paths[-1].write_bytes(page)
    ids = ids_of(of)
    found = []
    for name in ("quick", "strict"):
        (folder / name).mkdir()
        with connect(folder / name) as db:
            try:
                if name == "quick":
                    made = QuickWay(db, of, SLOT, ids, folder / name).transform(paths)
                else:
                    made = strictly(db, of, SLOT, paths, ids, folder / name)
            except RawConflict as problem:
                found.append(problem.message)
            else:
                found.append(repr(outcome(made)))  # repr: NaN equals itself
    return found[0], found[1]


def left_out(of: Contract, page: bytes, folder: Path) -> tuple[bool, list[list[str | None]]]:
    """Whether the quick reader leaves a page out, and the records that it gives of it."""
    path = folder / "page-00001.csv"
    path.write_bytes(page)
    source = SeparatedPages(of, ["id", "word"], [path])
    found = [list(row.values()) for row in source.reader().read_all().to_pylist()]
    return source.left_out == [path], found


def exactly(of: Contract, page: bytes) -> list[list[str | None]]:
    """The records as the exact reader gives them, with their places."""
    spec = of.source.records
    assert isinstance(spec, CsvRecords)
    read = rows(as_text(spec), io.BytesIO(page), ["id", "word"])
    return [["page-00001", n, row["id"], row["word"]] for n, row in enumerate(read, 1)]


MARKS = st.sampled_from([",", ";", "\t", "|", '"', '""', "'", "\n", "\r\n", "\r", " ", "\x00", "é", "\ufeff", "\u2028"])
SOUP = st.lists(st.one_of(MARKS, MARKS, st.sampled_from(["a", "b", "id", "word", "x y", "-1"])), max_size=24)


def test_a_page_is_read_as_the_exact_reader_reads_it_or_left_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        soup=SOUP,
        delimiter=st.sampled_from([",", ";", "\t", "|"]),
        quote=st.sampled_from(['"', "'", None]),
        header=st.booleans(),
        open_end=st.booleans(),
        mark=st.sampled_from([b"", MARK, MARK + MARK]),
        skip=st.sampled_from([0, 0, 1, 2]),
    )
    def holds(soup: list[str], delimiter: Any, quote: Any, mark: bytes, skip: int, **options: bool) -> None:
        named = {} if options["header"] else {"fields": ["id", "word"]}
        of = separated(delimiter=delimiter, quote=quote, skip_lines=skip, **options, **named)
        head = f"id{delimiter}word\n" if options["header"] else ""
        page = mark + ("first\n" * skip + head + "".join(soup) + "\n").encode()

        is_left_out, found = left_out(of, page, tmp_path_factory.mktemp("page"))

        if not is_left_out:
            assert found == exactly(of, page)

    holds()


@pytest.mark.parametrize(
    "page",
    [
        b"id,word\np1,a\np2,\n",
        b"word,more,id\r\na,b,p1\r\n\r\nc,d,p2\r\n",
        MARK + b'"id","word"\n"p1","a ""b"", c\r\nd"\n"","\n\n"\n',
        'id,word\np1,é\u2028\x85\n"p2","👍🏽"\n'.encode(),
        b'id,word\np1,""\n"""",""""""\n',
    ],
    ids=["plain", "fields in another order, empty lines", "quoted", "unicode", "quotes alone"],
)
def test_a_usual_page_is_not_left_out(page: bytes, tmp_path: Path) -> None:
    of = separated()

    assert left_out(of, page, tmp_path) == (False, exactly(of, page))


@pytest.mark.parametrize(
    "page",
    [
        b'id,word\np1,"a"b\n',
        b'id,word\np1,a"b\n',
        b'id,word\np1,"a\n',
        b'id,word\np1,"a,"b\n',
        b'id,word\np1,""a\n',
        b"id,word\np1\n",
        b"id,word\np1,a,b\n",
        b"id,word\np1,a",
        b"id,word\rp1,a\r",
        b"id,word\np1,a\x00b\n",
        b"id,word\np1,\xff\n",
        b"id,other\np1,a\n",
        b"\nid,word\np1,a\n",
        b"id,word,id\np1,a,b\n",
        b"",
    ],
)
def test_a_page_of_which_there_is_a_doubt_is_left_out(page: bytes, tmp_path: Path) -> None:
    assert left_out(separated(), page, tmp_path) == (True, [])


def test_quotes_are_followed_across_the_blocks_of_a_page(tmp_path: Path) -> None:
    lines = [f'p{n},"{"a" * (n % 50)} ""{n}"",\n{n}"\n' for n in range(60_000)]
    clean, torn = ("id,word\n" + "".join([*lines, last]) for last in ("", 'p,"a"b\n'))

    assert left_out(separated(), clean.encode(), tmp_path) == (False, exactly(separated(), clean.encode()))
    assert left_out(separated(), torn.encode(), tmp_path) == (True, [])


VALUES = st.one_of(
    TEXTS,
    NUMBERS.map(str),
    INSTANTS,
    st.sampled_from(["true", "false", "True", "007.5", "007", "+5", "-0", "5.0", " 5", "1_000", ".5", "5.", "1e3"]),
    st.sampled_from(
        ["", "NA", "inf", "nan", "0x10", "१", "12.30", "1709251200", "a,b", "a;b", 'say "x"', "it's", "a\nb"]
    ),
)
RECORDS = st.fixed_dictionaries({}, optional={name: st.just(TYPICAL[name]) | VALUES for name in NAMES}).map(
    lambda given: [{**TYPICAL, **given}[name].replace("\x00", "").replace("\ud7ff", "") for name in NAMES]
)


@pytest.mark.parametrize("small_rows", [0, 50_000])
def test_both_ways_make_the_same_of_dirty_files(
    small_rows: int, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_quick, "SMALL_ROWS", small_rows)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        pages=st.lists(st.lists(RECORDS, max_size=6), min_size=1, max_size=3),
        delimiter=st.sampled_from([",", ";", "\t", "|"]),
        quote=st.sampled_from(['"', "'"]),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        end=st.sampled_from(["\n", "\r\n", "\r"]),
        null_text=st.sampled_from(["", "NA", "it's"]),
        ragged=st.sampled_from([None, None, None, "one\n"]),
        mark=st.sampled_from([b"", MARK]),
    )
    def holds(
        pages: list[list[list[str]]],
        delimiter: Any,
        quote: Any,
        quoting: Any,
        end: str,
        null_text: str,
        ragged: str | None,
        mark: bytes,
    ) -> None:
        of = separated(delimiter=delimiter, quote=quote, null_text=null_text)
        texts = []
        for records in pages:
            out = io.StringIO()
            csv.writer(out, delimiter=delimiter, quotechar=quote, quoting=quoting, lineterminator=end).writerows(
                [NAMES, *records]
            )
            texts.append(mark + out.getvalue().encode())
        texts[-1] += (ragged or "").encode()

        quick, strict = outcomes(of, texts, tmp_path_factory.mktemp("pages"))

        assert quick == strict

    holds()


def test_a_usual_record_is_not_looked_at_again(tmp_path: Path) -> None:
    of, path = separated(), tmp_path / "page-00001.csv"
    path.write_text(",".join(NAMES) + "\n" + ",".join(TYPICAL.values()) + "\n")
    ids = ids_of(of)

    with connect(tmp_path) as db:
        made = QuickWay(db, of, SLOT, ids, tmp_path).transform([path])
        unsure = db.execute("SELECT count(*) FROM unsure").fetchone()

    assert (made.valid, unsure) == (1, (0,))
    assert not (tmp_path / "lines").exists()


def test_a_page_that_cannot_be_read_stops_the_load_whichever_way_it_goes(tmp_path: Path) -> None:
    good, bad = (",".join(line) for line in (TYPICAL.values(), list(TYPICAL.values())[1:]))

    quick, strict = outcomes(separated(), [f"{','.join(NAMES)}\n{good}\n{bad}\n".encode()], tmp_path)

    assert quick == strict
    told = "expected a page that can be read as when it was certified: expected 14 fields in record 2, found 13"
    assert quick == f"page-00001: {told}"
    with pytest.raises(IncompleteRun):
        exactly(separated(), b"id,word\np1\n")
