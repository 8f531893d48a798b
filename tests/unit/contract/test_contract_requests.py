"""What a contract may not ask for: secrets in clear, headers of the client's own, hours that come twice."""

import pytest
from contract_world import CONTRACT, edited

from lakeward.contract import parse_contract
from lakeward.contract.credentials import names_a_secret
from lakeward.errors import ContractInvalid

SECRET = (
    "Authorization Proxy-Authorization Cookie X-Api-Key X-Token PRIVATE-TOKEN Ocp-Apim-Subscription-Key apikey "
    "X-Access-Token X-Client-Secret X-Auth x-functions-key X-App-Token DD-API-KEY X-RapidAPI-Key X-Amz-Security-Token "
    "api_key access_token accessToken client_secret password sig signature key token hapikey jwt user_key JSESSIONID "
    "session_id X-Goog-Api-Key"
)
HARMLESS = (
    "Accept Accept-Language Prefer X-Request-Id Idempotency-Key pageToken page_token next_token continuationToken "
    "X-Continuation-Token sort_key primaryKey keyword keywords fields session author authors authority design signal "
    "monkey orderby limit countTotal filter.advanced starttime $top appids"
)
HOURLY = [("slot: day", "slot: hour"), ("cron(0 3 * * ? *)", "cron(5 * * * ? *)")]


def refused(*edits: tuple[str, str]) -> str:
    with pytest.raises(ContractInvalid) as problem:
        parse_contract(edited(*edits), "test")
    return problem.value.message


@pytest.mark.parametrize("name", SECRET.split())
def test_what_tells_who_asks_is_known_by_its_name(name: str):
    assert names_a_secret(name)


@pytest.mark.parametrize("name", HARMLESS.split())
def test_what_says_something_else_is_not_taken_for_a_secret(name: str):
    assert not names_a_secret(name)


@pytest.mark.parametrize("name", ["X-Token", "PRIVATE-TOKEN", "Ocp-Apim-Subscription-Key", "apikey", "X-Client-Secret"])
def test_a_secret_in_a_header_is_refused_and_how_to_log_in_is_said(name: str):
    message = refused(("Accept: application/json", f"{name}: s3cr3t"))

    assert f"line 13, source.headers.{name}: expected no secret in a contract" in message
    assert f"name its ARN under source.auth: `{{kind: api_key, secret: <ARN>, header: {name}}}`" in message
    assert "s3cr3t" not in message


@pytest.mark.parametrize("name", ["api_key", "access_token", "client_secret", "password", "sig", "key", "token"])
@pytest.mark.parametrize(("at", "line"), [("source.params", 11), ("source.total.params", 24)])
def test_a_secret_in_a_parameter_is_refused_and_how_to_log_in_is_said(name: str, at: str, line: int):
    if "total" in at:
        message = refused(('      since: "{slot.start}"', f'      since: "{{slot.start}}"\n      {name}: s3cr3t'))
    else:
        message = refused(('    until: "{slot.end}"', f"    {name}: s3cr3t"))

    assert f"line {line}, {at}.{name}: expected no secret in a contract, found a parameter that carries one" in message
    assert f"param: {name}}}`" in message
    assert "s3cr3t" not in message


@pytest.mark.parametrize("value", ["Bearer s3cr3t", "Basic dXNlcjpwYXNz", "bearer s3cr3t"])
def test_a_secret_is_known_by_its_scheme_whatever_the_header(value: str):
    message = refused(("Accept: application/json", f"X-Custom: {value}"))

    assert "source.headers.X-Custom: expected no secret in a contract" in message
    assert value not in message


def test_how_to_log_in_by_the_usual_header_is_said():
    assert "`{kind: bearer, secret: <ARN>}`" in refused(("Accept: application/json", "Authorization: Bearer x"))


@pytest.mark.parametrize("name", ["Accept-Encoding", "accept-encoding"])
def test_what_encodings_are_offered_is_said_in_one_place(name: str):
    message = refused(("Accept: application/json", f"{name}: br"))

    assert f"source.headers.{name}: expected a header of the request's meaning" in message
    assert "(source.manners.encodings says which)" in message


def test_a_template_in_a_header_is_refused_because_nobody_would_fill_it_in():
    message = refused(("Accept: application/json", 'X-Day: "{slot.start|date}"'))

    assert "source.headers.X-Day: expected a value without templates, because only parameters are filled in" in message


FOLDERS = ["../parcels", "a/../b", "./b", "%2e%2e/b", "{slot.start|%Y/../%m}", "..", "{slot.start|date}/.%2E"]


@pytest.mark.parametrize("path", FOLDERS)
def test_a_path_names_its_folders(path: str):
    message = refused(("https://service.test/parcels", f"https://service.test/{path}"))

    assert "line 8, source.url: expected a path that names its folders, found `.` or `..` in it" in message


def test_the_path_of_the_totals_url_names_its_folders_too():
    message = refused(("https://service.test/count", "https://service.test/../count"))

    assert "source.total.url: expected a path that names its folders" in message


def test_the_zone_of_a_template_in_a_path_is_known():
    message = refused(("https://service.test/parcels", "https://service.test/{slot.start|Europe/Berlni}"))

    assert "source.url: expected the name of a time zone, found 'Europe/Berlni'" in message


def test_pages_and_total_are_about_the_same_slot_wherever_it_is_named():
    by_path = ("https://service.test/count", "https://service.test/count/{slot.start|date}")
    no_params = ('    params:\n      since: "{slot.start}"\n    at: $.count', "    at: $.count")

    assert parse_contract(edited(by_path, no_params), "test").source.total is not None
    assert "source.total.params: expected templates of the slot" in refused(no_params)


BARE = ["{slot.start|America/New_York}", "{slot.end|Europe/Berlin|%d.%m.%Y %H}", "{slot.start+1h|Europe/Berlin|iso}"]
CLEAR = [
    "{slot.start}",
    "{slot.start|%Y%m%dT%H}",
    "{slot.start|America/New_York|iso_offset}",
    "{slot.start|America/New_York|iso_z}",
    "{slot.start|America/New_York|epoch_seconds}",
    "{slot.start|America/New_York|date}",
    "{slot.start|America/New_York|%Y-%m-%dT%H:%M%z}",
    "{slot.start|Asia/Tokyo}",
    "{slot.start|Asia/Kolkata|%H:%M}",
]


@pytest.mark.parametrize("template", BARE)
def test_an_hour_is_not_asked_for_by_a_clock_that_shows_it_twice(template: str):
    message = refused(*HOURLY, ('until: "{slot.end}"', f'until: "{template}"'))

    assert "source.params.until: expected a form that shows the offset, because slots are hours" in message


@pytest.mark.parametrize("template", CLEAR)
def test_an_hour_is_asked_for_by_any_clock_that_shows_it_once(template: str):
    assert parse_contract(edited(*HOURLY, ('until: "{slot.end}"', f'until: "{template}"')), "test").slot == "hour"


@pytest.mark.parametrize("template", BARE)
def test_a_day_is_asked_for_by_any_clock(template: str):
    assert parse_contract(edited(('until: "{slot.end}"', f'until: "{template}"')), "test").slot == "day"


def windows(form: str, zone: str) -> list[tuple[str, str]]:
    paging = CONTRACT[CONTRACT.index("  paging:") : CONTRACT.index("  total:")]
    asked = (
        "  paging: {kind: time_windows, start_param: a, end_param: b, end: exclusive, maximum_records: 9, "
        f"instant_format: '{form}', zone: {zone}}}\n  stop: {{when: windows_covered}}\n"
    )
    return [(paging, asked), *HOURLY]


def test_windows_of_an_hour_are_not_written_by_a_clock_that_shows_it_twice():
    message = refused(*windows("%Y%m%d%H%M%S", "America/New_York"))

    assert "source.paging.instant_format: expected a form that shows the offset" in message


@pytest.mark.parametrize(("form", "zone"), [("iso_offset", "America/New_York"), ("%Y%m%d%H%M%S", "UTC")])
def test_windows_of_an_hour_are_written_by_a_clock_that_shows_it_once(form: str, zone: str):
    assert parse_contract(edited(*windows(form, zone)), "test").slot == "hour"
