"""Where connections may go: every form of an address that leads inside is refused; what was checked is used."""

import socket
from collections.abc import Iterable

import pytest
from lying_server import lying_server, whole

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.http_guard import Guard, is_refused
from lakeward.errors import UpstreamRefused
from lakeward.ports.upstream import Bounds, Request

INSIDE = [
    "0.0.0.0",  # noqa: S104 -- an address to refuse, not one to listen at
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "233.252.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:0:a9fe:a9fe::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "not an address",
    "",
    "127.1",
    "0x7f000001",
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "137.227.230.38", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]


@pytest.mark.parametrize("address", INSIDE)
def test_what_leads_inside_is_refused(address: str):
    assert is_refused(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_are_not(address: str):
    assert not is_refused(address)


def asked(addresses: Iterable[str], url: str = "https://service.test/readings") -> UpstreamRefused:
    """Ask a host that resolves so; returns the refusal."""
    upstream = HttpUpstream({}, resolve=lambda _host, _port: addresses)
    try:
        with pytest.raises(UpstreamRefused) as problem, upstream.get(Request(url, {}), Bounds(1000, 2, 4)):
            pass
    finally:
        upstream.close()
    return problem.value


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "192.0.0.192", "::1"]
)
def test_a_name_that_resolves_inside_is_not_connected_to(address: str):
    assert "expected service.test at public addresses only" in asked([address]).message


def test_one_inner_address_among_public_ones_is_enough():
    assert "public addresses only" in asked(["8.8.8.8", "169.254.169.254"]).message


def test_a_host_that_is_a_number_is_an_address_too():
    assert "public addresses only" in asked(["127.0.0.1"], "https://2130706433/").message


def test_a_name_is_resolved_once_for_check_and_connection():
    """An answer for the check and another for the connection is how a guard is got around."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    with lying_server(lambda _target, _number: whole(b"[]")) as server:
        port = int(server.origin.rpartition(":")[2])
        upstream = HttpUpstream(
            {"https://service.test": f"http://rebound.test:{port}"}, resolve=lambda _host, _port: next(answers)
        )
        with upstream.get(Request("https://service.test/", {}), Bounds(1000, 2, 4)) as answer:
            assert answer.body.read() == b"[]"
        upstream.close()

    assert next(answers) == ["169.254.169.254"]


def test_the_next_address_is_tried_when_one_does_not_answer():
    with socket.socket() as closed:
        closed.bind(("127.0.0.2", 0))
        with lying_server(lambda _target, _number: whole(b"[]")) as server:
            port = int(server.origin.rpartition(":")[2])
            upstream = HttpUpstream(
                {"https://service.test": f"http://two.test:{port}"}, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]
            )
            with upstream.get(Request("https://service.test/", {}), Bounds(1000, 2, 4)) as answer:
                assert (answer.tries, answer.body.read()) == (1, b"[]")
            upstream.close()


def test_only_the_origins_of_the_environments_configuration_are_trusted():
    guard = Guard({"https://service.test": "http://127.0.0.1:8080"})

    assert guard.addresses("127.0.0.1", 8080) == ["127.0.0.1"]
    with pytest.raises(UpstreamRefused):
        guard.addresses("127.0.0.1", 9000)
