"""The requests of a contract, character by character."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ingest_world import DAY, dataset

from lakeward.contract import load_dataset
from lakeward.contract.source import HttpSource
from lakeward.errors import ContractInvalid
from lakeward.ingest.begin import Begin
from lakeward.ingest.pagers import pager_of
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


def test_headers_of_the_contract_are_sent_and_cannot_change_the_encodings():
    headers = "headers: {Accept: application/json, Accept-Encoding: br}\n  paging:"
    source = dataset(edit=lambda text: text.replace("paging:", headers)).contract.source

    assert page_request(source, DAY, 1).headers == {"Accept": "application/json", "Accept-Encoding": "gzip"}


def test_a_url_that_is_too_long_to_be_kept_beside_its_page_is_refused():
    source = dataset(
        edit=lambda text: text.replace("params: {since", f"params: {{x: {'y' * 8000}, since")
    ).contract.source

    with pytest.raises(ContractInvalid, match="at most 8000 characters, found 81"):
        page_request(source, DAY, 1)
