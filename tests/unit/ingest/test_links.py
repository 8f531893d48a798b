"""Links to the next page: read as RFC 8288 says, and followed only where the contract allows."""

import pytest

from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.ingest.paging_links import checked_url, next_link, without_param

HOSTS = frozenset({"service.test", "files.test:8443"})
BASE = "https://service.test/readings?page=1"

LINKS = {
    '<https://service.test/?page=2>; rel="next"': "https://service.test/?page=2",
    "<?page=2>; rel=next": "?page=2",
    '<a>; rel="prev", <b>; rel="next", <c>; rel="last"': "b",
    '<a>; title="x, y; rel=next"; rel="first", <b>; REL="next"': "b",
    '<a>; rel="first next"': "a",
    '<a,b;c>; rel="next"': "a,b;c",
    '<a>; rel="nextish"': None,
    '<a>; rel="prev"': None,
    "": None,
    " , ": None,
    '<a>; rel="prev"; rel="next"': None,
    '<a>; rel="next", something else': "a",
    '<a>; rel="next", <a>; rel="next"': "a",
}


@pytest.mark.parametrize("header", LINKS)
def test_the_next_link_is_found_among_others(header: str):
    assert next_link(header) == LINKS[header]


@pytest.mark.parametrize(
    "header", ["no link at all", '<a; rel="next"', '<a>; rel="ne', "<a", '<a>; rel="prev", <b; rel=next', "a; rel=next"]
)
def test_a_header_that_may_hide_the_next_link_is_refused(header: str):
    with pytest.raises(IncompleteRun, match="expected a Link header of links as RFC 8288 has them"):
        next_link(header)


def test_two_next_pages_are_one_too_many():
    with pytest.raises(IncompleteRun, match="expected one next page in the Link header, found 2"):
        next_link('<a>; rel="next", <b>; rel="next"')


FOLLOWED = {
    "/readings?page=2": "https://service.test/readings?page=2",
    "?page=2": "https://service.test/readings?page=2",
    "https://service.test/x#part": "https://service.test/x",
    "//files.test:8443/x": "https://files.test:8443/x",
}


@pytest.mark.parametrize("given", FOLLOWED)
def test_a_link_on_an_allowed_host_is_followed(given: str):
    assert checked_url(BASE, given, HOSTS) == FOLLOWED[given]


@pytest.mark.parametrize(
    "given",
    [
        "http://service.test/x",
        "https://evil.test/x",
        "https://service.test.evil.test/x",
        "https://service.test@evil.test/x",
        "https://me@service.test/x",
        "https://service.test:8443/x",
        "https://service.test./x",
        "https://169.254.169.254/latest",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[::1/",
        "file:///etc/passwd",
        "gopher://service.test/",
        "https://service.test/a b",
        "https://service.test\\@evil.test/",
        "https://service.test/\u202e",
    ],
)
def test_any_other_link_is_refused(given: str):
    with pytest.raises(UpstreamRefused, match=r"expected the next page on files.test:8443 or service.test over https"):
        checked_url(BASE, given, HOSTS)


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://a/?key=1", "https://a/"),
        ("https://a/?key=1&b=2", "https://a/?b=2"),
        ("https://a/?b=%20&key=1&c", "https://a/?b=%20&c"),
        ("https://a/?keys=1", "https://a/?keys=1"),
        ("https://a/", "https://a/"),
    ],
)
def test_a_key_that_a_link_repeats_is_taken_out_and_all_else_stays(url: str, left: str):
    assert without_param(url, "key") == left
