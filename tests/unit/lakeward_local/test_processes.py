import socket

import pytest

from lakeward_local.processes import free_port


def test_a_port_that_is_free_is_taken_as_wanted():
    port = free_port()

    assert free_port(port) == port


@pytest.mark.parametrize("address", ["127.0.0.1", ""])
def test_a_port_that_somebody_listens_on_is_not(address: str):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind((address, 0))
        server.listen()
        taken = server.getsockname()[1]

        assert free_port(taken) != taken
