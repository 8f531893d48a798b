"""The requests of a contract, character by character."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ingest_world import DAY, dataset
from paged_service import JSON, Source

from lakeward.contract import load_dataset
from lakeward.contract.source import HttpSource
from lakeward.errors import ContractInvalid
from lakeward.formats.page import PageFacts
from lakeward.ingest.begin import Begin
from lakeward.ingest.pagers import pager_of
from lakeward.ingest.paging import Read
from lakeward.ingest.source import page_request as request_of
from lakeward.ingest.source import total_request
from lakeward.ports.upstream import Request
from lakeward.slot import Slot

EARTHQUAKES = load_dataset(Path(__file__).parents[3] / "datasets" / "earthquakes").contract.source


def page_request(source: HttpSource, slot: Slot, number: int) -> Request:
    """The request for page ``number``, where positions are known beforehand."""
    pager = pager_of(source, slot)
    step = pager.first()
    for _ in range(number - 1):
        following = pager.ahead(step)
        assert following is not None
        step = following
    return request_of(source, slot, step, Begin())


def test_the_total_is_asked_with_the_slots_instants_and_without_compression():
    request = total_request(EARTHQUAKES, DAY)

    assert request.url == (
        "https://earthquake.usgs.gov/fdsnws/event/1/count?format=geojson"
        "&starttime=2018-01-31T00:00:00.000&endtime=2018-01-31T23:59:59.999"
    )
    assert request.headers == {"Accept-Encoding": "identity"}


@pytest.mark.parametrize(("number", "offset"), [(1, 1), (2, 101), (3, 201)])
def test_a_page_is_asked_by_its_offset_and_may_come_gzipped(number: int, offset: int):
    request = page_request(EARTHQUAKES, DAY, number)

    assert request.url == (
        "https://earthquake.usgs.gov/fdsnws/event/1/query?format=geojson"
        "&starttime=2018-01-31T00:00:00.000&endtime=2018-01-31T23:59:59.999"
        f"&orderby=time-asc&offset={offset}&limit=100"
    )
    assert request.headers == {"Accept-Encoding": "gzip"}


def test_offsets_may_begin_at_zero():
    source = dataset(50, lambda text: text.replace("first_offset: 1", "first_offset: 0")).contract.source

    assert page_request(source, DAY, 3).url.endswith("&offset=100&limit=50")


def test_an_hourly_slot_ends_one_millisecond_before_the_next():
    hourly = {"slot: day": "slot: hour", "cron(0 3 *": "cron(0 * *"}
    source = dataset(edit=lambda text: re.sub("|".join(map(re.escape, hourly)), lambda m: hourly[m[0]], text))
    hour = Slot(datetime(2018, 1, 31, 23, tzinfo=UTC), "hour")

    assert (
        "since=2018-01-31T23:00:00.000&until=2018-01-31T23:59:59.999"
        in page_request(source.contract.source, hour, 1).url
    )


def test_headers_of_the_contract_are_sent_beside_the_encodings():
    headers = "headers: {Accept: application/json}\n  paging:"
    source = dataset(edit=lambda text: text.replace("paging:", headers)).contract.source

    assert page_request(source, DAY, 1).headers == {"Accept": "application/json", "Accept-Encoding": "gzip"}


def test_a_url_that_is_too_long_to_be_kept_beside_its_page_is_refused():
    source = dataset(
        edit=lambda text: text.replace("params: {since", f"params: {{x: {'y' * 8000}, since")
    ).contract.source

    with pytest.raises(ContractInvalid, match="at most 8000 characters, found 81"):
        page_request(source, DAY, 1)


FILES = {
    "https://service.test/data/{slot.start|date}.csv": "/data/2018-01-31.csv",
    "https://service.test/{slot.start|%Y/%m/%d}/a-b_c.csv": "/2018/01/31/a-b_c.csv",
    "https://service.test/{slot.start-1d|Europe/Berlin|%d.%m.%Y %H:%M}.csv": "/30.01.2018%2001:00.csv",
    "https://service.test/{slot.start|%Y?x=%m#%d\\}.csv": "/2018%3Fx=01%2331%5C.csv",
    "https://service.test/{slot.start|%%2e%%2e}/{slot.end|iso_offset}": "/%252e%252e/2018-02-01T00:00:00+00:00",
    "https://service.test/100%25/{slot.start|epoch_seconds}": "/100%25/1517356800",
}


@pytest.mark.parametrize("url", FILES)
def test_a_path_may_name_the_slot_and_stays_on_its_host(url: str):
    source = dataset(edit=lambda text: text.replace("https://service.test/readings", f"'{url}'")).contract.source

    request = page_request(source, DAY, 1)

    assert request.url.partition("?")[0] == f"https://service.test{FILES[url]}"


def test_the_totals_path_may_name_the_slot_too():
    url = "https://service.test/count/{slot.start|date}"
    source = dataset(edit=lambda text: text.replace('"https://service.test/count"', f"'{url}'")).contract.source

    assert total_request(source, DAY).url.startswith("https://service.test/count/2018-01-31?since=")


def test_a_relative_next_page_is_found_from_the_path_as_it_was_asked():
    paging = "paging: {kind: link_header}\n  stop: {when: no_next}"
    source = Source("links", f"  {paging}\n{JSON}")
    url = "'https://service.test/{slot.start|%Y}/{slot.start|date}/readings'"
    of = source.dataset(lambda text: text.replace("https://service.test/readings", url)).contract.source
    pager = pager_of(of, DAY)

    step = pager.after(pager.first(), Read(PageFacts(None, 1, ""), {"link": '<../more?page=2>; rel="next"'}))

    assert step is not None
    assert step.url == "https://service.test/2018/more?page=2"
