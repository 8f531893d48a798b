import http.client
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeward_local.replay.geojson import FeatureCollection
from lakeward_local.replay.model import Question, Record, RefusedError
from lakeward_local.replay.usgs import UsgsEvents

DAY = {"starttime": "2018-02-01T00:00:00", "endtime": "2018-02-01T23:59:59.999"}


def millis(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def of_day(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    first, last = millis(DAY["starttime"]), millis(DAY["endtime"])
    return sorted(
        (e for e in events if first <= e["properties"]["time"] <= last), key=lambda e: e["properties"]["time"]
    )


def test_a_day_is_answered_with_its_events_and_nothing_else(replay, events):
    answer = replay.ask("query", orderby="time-asc", **DAY)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json()["features"] == of_day(events)


def test_every_feature_is_the_bytes_that_were_recorded(replay, recorded):
    body = replay.ask("query").content

    start, end = body.index(b'"features":[') + len(b'"features":['), body.index(b'],"bbox"')
    assert body[start:end] == b",\n".join(feature.raw for feature in recorded.features)


def test_the_frame_of_an_answer_is_the_services(replay, events):
    answer = replay.ask("query", orderby="time-asc", limit=2, offset=3, **DAY).json()

    page = of_day(events)[2:4]
    axes = list(zip(*(e["geometry"]["coordinates"] for e in page), strict=True))
    del answer["features"]
    assert answer == {
        "type": "FeatureCollection",
        "metadata": {
            "generated": 1517968154000,
            "url": "https://earthquake.usgs.gov/fdsnws/event/1/query?format=geojson&orderby=time-asc&limit=2&offset=3"
            "&starttime=2018-02-01T00:00:00&endtime=2018-02-01T23:59:59.999",
            "title": "USGS Earthquakes",
            "status": 200,
            "api": "1.5.8",
            "limit": 2,
            "offset": 3,
            "count": 2,
        },
        "bbox": [min(axis) for axis in axes] + [max(axis) for axis in axes],
    }


def test_pages_of_any_size_together_are_the_whole(replay, events):
    pages = [replay.ids(orderby="time-asc", limit=100, offset=offset, **DAY) for offset in (1, 101, 201)]

    assert [len(page) for page in pages] == [100, 100, len(of_day(events)) - 200]
    assert [id_ for page in pages for id_ in page] == [event["id"] for event in of_day(events)]


def test_the_same_question_is_answered_with_the_same_bytes(replay):
    for encoding in ("identity", "gzip"):
        bodies = {replay.ask("query", {"Accept-Encoding": encoding}, **DAY).content for _ in range(2)}
        assert len(bodies) == 1
    assert len({entry["sha256"] for entry in replay.journal() if entry["content_encoding"] == "gzip"}) == 1


def test_both_ends_of_a_time_range_are_within_it(replay, events):
    time = datetime.fromtimestamp(events[0]["properties"]["time"] / 1000, UTC).replace(tzinfo=None).isoformat()

    assert replay.ids(starttime=time, endtime=time) == [events[0]["id"]]


def test_a_time_with_an_offset_is_that_instant(replay):
    assert replay.ids(starttime="2018-02-01T02:00:00+02:00", endtime="2018-02-02T01:59:59.999+02:00") == replay.ids(
        **DAY
    )


def test_updatedafter_leaves_out_what_was_updated_at_that_instant(replay, events):
    updated = sorted(event["properties"]["updated"] for event in events)[-3]
    bound = datetime.fromtimestamp(updated / 1000, UTC).replace(tzinfo=None).isoformat()

    assert set(replay.ids(updatedafter=bound)) == {e["id"] for e in events if e["properties"]["updated"] > updated}


@pytest.mark.parametrize(
    ("parameters", "keeps"),
    [
        ({"minmagnitude": "4.5"}, lambda p: p["mag"] >= 4.5),
        ({"maxmagnitude": "0"}, lambda p: p["mag"] <= 0),
        ({"minmagnitude": "2", "maxmagnitude": "2"}, lambda p: p["mag"] == 2),
        ({"eventtype": "quarry blast"}, lambda p: p["type"] == "quarry blast"),
    ],
)
def test_a_filter_keeps_what_it_names(replay, events, parameters, keeps):
    expected = {event["id"] for event in events if keeps(event["properties"])}

    assert expected
    assert set(replay.ids(**parameters)) == expected
    assert replay.ask("count", **parameters).json() == {"count": len(expected), "maxAllowed": 20000}


@pytest.mark.parametrize(
    ("orderby", "member", "sign"),
    [("time", "time", -1), ("time-asc", "time", 1), ("magnitude", "mag", -1), ("magnitude-asc", "mag", 1)],
)
def test_events_come_in_the_order_that_is_asked_for(replay, orderby, member, sign):
    answer = replay.ask("query", orderby=orderby, **DAY).json()["features"]

    keys = [sign * event["properties"][member] for event in answer]
    assert keys == sorted(keys)


def test_the_newest_event_comes_first_unless_something_else_is_asked_for(replay):
    assert replay.ids(**DAY) == replay.ids(orderby="time", **DAY)


def test_a_count_ignores_paging(replay, events):
    assert replay.ask("count", limit=10, offset=5, **DAY).json()["count"] == len(of_day(events))


def test_a_count_without_a_format_is_a_number(replay):
    answer = replay.ask("count", format="text")

    assert (answer.text, answer.headers["Content-Type"]) == ("1707", "text/plain; charset=utf-8")


@pytest.mark.parametrize("parameters", [{"starttime": "2030-01-01"}, {"offset": "5000", "limit": "10"}])
def test_no_events_are_no_content_or_not_found(replay, parameters):
    nothing = replay.ask("query", **parameters)
    not_found = replay.ask("query", nodata="404", **parameters)

    assert (nothing.status_code, nothing.content) == (204, b"")
    assert (not_found.status_code, not_found.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"starttime": "yesterday"}, 'Bad starttime value "yesterday". Valid values are ISO-8601 timestamps.'),
        ({"limit": "20001"}, 'Bad limit value "20001". Valid values are integers, 1 to 20000.'),
        ({"limit": "0"}, 'Bad limit value "0". Valid values are integers, 1 to 20000.'),
        ({"offset": "0"}, 'Bad offset value "0". Valid values are integers, 1 or more.'),
        ({"offset": "-1"}, 'Bad offset value "-1". Valid values are integers, 1 or more.'),
        ({"minmagnitude": "big"}, 'Bad minmagnitude value "big". Valid values are numeric.'),
        ({"orderby": "size"}, 'Bad orderby value "size". Valid values are: time, time-asc, magnitude, magnitude-asc.'),
        ({"format": "csv"}, 'Bad format value "csv". The replay server speaks geojson.'),
        ({"minlatitude": "3"}, 'Unknown parameter "minlatitude".'),
        ({"limit": ["1", "2"]}, 'Parameter "limit" may not be specified more than once.'),
    ],
)
def test_a_question_that_breaks_the_rules_is_refused_in_words(replay, parameters, text):
    answer = replay.ask("query", **parameters)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert answer.text.startswith(f"Error 400: Bad Request\n\n{text}\n\n")


def test_more_events_than_the_service_allows_need_a_limit(recorded):
    value = recorded.features[0].value
    many = [Record(raw=b"{}", value=value | {"id": str(n)}) for n in range(20_001)]
    service = UsgsEvents("https://host", "/events", [FeatureCollection(recorded.metadata, tuple(many))])

    with pytest.raises(RefusedError) as refused:
        service.select(Question("/events/query", (("format", "geojson"),)))
    page = service.select(Question("/events/query", (("format", "geojson"), ("limit", "20000"))))

    assert refused.value.answer.status == 400
    assert b"20001 matching events exceeds search limit of 20000." in refused.value.answer.body
    assert len(page.records) == 20_000


def test_a_path_that_is_not_imitated_says_which_are(replay):
    answer = replay.ask("../../other")

    assert answer.status_code == 404
    assert "/fdsnws/event/1/ (https://earthquake.usgs.gov)" in answer.text


def test_gzip_is_sent_when_it_is_accepted(replay):
    plain, packed = replay.ask("query", **DAY), replay.ask("query", {"Accept-Encoding": "gzip"}, **DAY)

    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert packed.content == plain.content
    assert int(packed.headers["Content-Length"]) < len(plain.content)


def test_one_connection_serves_many_requests(replay):
    connection = http.client.HTTPConnection(replay.endpoint.removeprefix("http://"), timeout=10)
    counts = []
    for _ in range(3):
        connection.request("GET", "/fdsnws/event/1/count?format=geojson")
        counts.append(json.loads(connection.getresponse().read())["count"])
        sock = connection.sock
    connection.close()

    assert counts == [1707] * 3
    assert sock is not None
