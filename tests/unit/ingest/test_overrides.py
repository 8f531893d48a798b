"""UPSTREAM_OVERRIDES is a map of origins, or it is refused."""

import pytest

from lakeward.adapters.http_overrides import parse_overrides
from lakeward.errors import ConfigurationMissing


def test_origins_are_mapped():
    text = '{"https://earthquake.usgs.gov": "http://127.0.0.1:8080", "https://a.test:444": "https://b.test"}'

    assert parse_overrides(text) == {
        "https://earthquake.usgs.gov": "http://127.0.0.1:8080",
        "https://a.test:444": "https://b.test",
    }


def test_on_aws_there_is_none():
    assert parse_overrides("{}") == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", "text that is not JSON"),
        ("[]", "a list"),
        ('{"https://a.test": null}', "None, which is not scheme"),
        ('{"a.test": "http://b.test"}', "'a.test', which is not scheme"),
        ('{"https://a.test/path": "http://b.test"}', "'https://a.test/path', which is not scheme"),
        ('{"https://a.test": "http://user@b.test"}', "'http://user@b.test', which is not scheme"),
        ('{"https://a.test": "http://b.test/"}', "'http://b.test/', which is not scheme"),
        ('{"https://a.test": "file://b.test"}', "'file://b.test', which is not scheme"),
    ],
)
def test_anything_else_is_refused(text: str, found: str):
    with pytest.raises(ConfigurationMissing) as refused:
        parse_overrides(text)

    assert f"found {found}" in refused.value.message
