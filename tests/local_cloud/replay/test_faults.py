import gzip
import hashlib
import time

import pytest
import requests

DAY = {"starttime": "2018-02-01T00:00:00", "endtime": "2018-02-01T23:59:59.999", "orderby": "time-asc", "limit": "100"}


def test_a_declared_total_is_off(replay):
    true = replay.ask("count").json()["count"]
    replay.arm({"match": {"path": "*/count"}, "fault": {"kind": "declare", "by": 1}})

    assert replay.ask("count").json()["count"] == true + 1
    assert replay.ask("query", **DAY).json()["metadata"]["count"] == 100


def test_a_page_declares_more_than_it_holds(replay):
    replay.arm({"match": {"query": {"offset": "101"}}, "fault": {"kind": "withhold", "records": 1}})

    whole, short = (replay.ask("query", offset=offset, **DAY).json() for offset in ("1", "101"))

    assert [(page["metadata"]["count"], len(page["features"])) for page in (whole, short)] == [(100, 100), (100, 99)]


def test_a_page_is_repeated(replay):
    replay.arm({"match": {"query": {"offset": "101"}}, "fault": {"kind": "answer_as", "query": {"offset": "1"}}})

    assert replay.ask("query", offset="101", **DAY).content == replay.ask("query", offset="1", **DAY).content


def test_a_body_is_cut_and_its_length_fits(replay):
    whole = replay.ask("query", **DAY).content
    replay.arm({"fault": {"kind": "truncate_json", "keep_bytes": 1000}})

    for encoding in ("identity", "gzip"):
        answer = replay.ask("query", {"Accept-Encoding": encoding}, **DAY)
        assert answer.content == whole[:1000]


def test_a_body_is_shorter_than_its_length_says(replay):
    replay.arm({"fault": {"kind": "short_body", "missing_bytes": 10}})

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="10 more expected"):
        replay.ask("query", **DAY)


def test_a_connection_is_dropped(replay):
    replay.arm({"fault": {"kind": "drop_connection"}, "times": 1})

    with pytest.raises(requests.exceptions.ConnectionError):
        replay.ask("query", **DAY)
    assert replay.ask("query", **DAY).status_code == 200


@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {"Retry-After": "2"}), (503, {}), (500, {}), (404, {}), (302, {"Location": "http://169.254.169.254/"})],
)
def test_a_status_is_answered(replay, status, headers):
    replay.arm({"fault": {"kind": "status", "status": status, "headers": headers, "body": "no"}})

    answer = replay.ask("query", **DAY)

    assert (answer.status_code, answer.text) == (status, "no")
    assert headers.items() <= answer.headers.items()


def test_an_answer_is_late(replay):
    replay.arm({"fault": {"kind": "delay", "seconds": 0.3}})

    started = time.monotonic()
    replay.ask("count")

    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("how", ["plain", "cut"])
def test_what_is_said_to_be_gzip_is_not(replay, how):
    replay.arm({"fault": {"kind": "wrong_gzip", "how": how}})

    with requests.get(
        f"{replay.endpoint}/fdsnws/event/1/query", params={"format": "geojson", **DAY}, stream=True, timeout=10,
        headers={"Accept-Encoding": "identity" if how == "plain" else "gzip"},
    ) as answer:  # fmt: skip
        raw = answer.raw.read(decode_content=False)

    assert answer.headers["Content-Encoding"] == "gzip"
    with pytest.raises((gzip.BadGzipFile, EOFError)):
        gzip.decompress(raw)


def test_records_are_changed_and_all_others_are_as_they_were(replay):
    before = replay.ask("query", **DAY).json()
    first, second, third = (event["id"] for event in before["features"][:3])
    replay.arm(
        {"fault": {"kind": "change_record", "id": first, "set": {"properties.mag": "strong"}}},
        {"fault": {"kind": "change_record", "id": second, "drop": ["id"]}},
        {"fault": {"kind": "change_record", "id": third, "set": {"properties.time": 9e18}}},
    )

    after = replay.ask("query", **DAY).json()

    expected = before["features"]
    expected[0]["properties"]["mag"] = "strong"
    del expected[1]["id"]
    expected[2]["properties"]["time"] = 9e18
    assert after == before


def test_a_record_comes_twice(replay):
    ids = replay.ids(**DAY)
    replay.arm({"fault": {"kind": "duplicate_record", "id": ids[4]}})

    assert replay.ids(**DAY) == [*ids[:5], ids[4], *ids[5:]]


def test_a_rule_strikes_after_those_it_skips_and_as_often_as_it_says(replay):
    replay.arm({"skip": 1, "times": 2, "fault": {"kind": "status", "status": 503}})

    assert [replay.ask("count").status_code for _ in range(5)] == [200, 503, 503, 200, 200]


def test_a_rule_strikes_only_what_it_matches(replay):
    match = {"path": "*/query", "query": {"starttime": "2018-02-01*", "offset": "101"}}
    replay.arm({"match": match, "fault": {"kind": "status", "status": 503}})

    struck = replay.ask("query", offset="101", **DAY)
    spared = [
        replay.ask("query", **DAY),
        replay.ask("query", offset="1", **DAY),
        replay.ask("query", offset="101", **(DAY | {"starttime": "2018-01-31", "endtime": "2018-02-05"})),
        replay.ask("count", offset="101", **DAY),
    ]

    assert (struck.status_code, {answer.status_code for answer in spared}) == (503, {200})


def test_new_rules_take_the_place_of_the_old_ones(replay):
    replay.arm({"fault": {"kind": "status", "status": 503}})
    replay.arm()

    assert replay.ask("count").status_code == 200


@pytest.mark.parametrize("fault", [{"kind": "explode"}, {"kind": "status"}, {"kind": "delay", "secs": 1}])
def test_a_fault_that_is_not_known_is_refused(replay, fault):
    answer = requests.put(f"{replay.endpoint}/_replay/faults", json=[{"fault": fault}], timeout=10)

    assert answer.status_code == 400
    assert replay.ask("count").status_code == 200


def test_the_journal_has_the_digest_and_length_of_the_bytes_that_were_sent(replay):
    replay.arm({"match": {"path": "*/query"}, "fault": {"kind": "truncate_json", "keep_bytes": 50}})
    sent = replay.ask("query", **DAY).content
    replay.ask("count", {"Accept-Encoding": "gzip"})

    query, count = replay.journal()

    assert query == {
        "number": 1,
        "path": "/fdsnws/event/1/query",
        "query": {"format": "geojson", **DAY},
        "status": 200,
        "content_encoding": None,
        "length_bytes": 50,
        "sha256": hashlib.sha256(sent).hexdigest(),
        "faults": ["truncate_json"],
    }
    assert (count["content_encoding"], count["faults"]) == ("gzip", [])


def test_the_journal_can_be_cleared(replay):
    replay.ask("count")
    requests.delete(f"{replay.endpoint}/_replay/requests", timeout=10)

    assert replay.journal() == []
