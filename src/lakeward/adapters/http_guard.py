"""Which addresses may be connected to. A name is resolved once, every address it has is checked, and one of those is
connected to: nobody can answer the check with one address and the connection with another.

``ipaddress.is_global`` alone is no guard: it lets multicast, the NAT64 prefixes, 6to4 and Teredo pass, all of which
can lead to an inner address. What only carries another address inside is refused whatever it carries; a service that
is reachable only so cannot be read.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from lakeward.errors import UpstreamRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # between a carrier and its customers; inside AWS, other things
        "169.254.0.0/16",  # link-local: the metadata services
        "192.0.0.0/24",  # protocol assignments, of which Python calls some global
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/8",  # unspecified, loopback, IPv4-mapped, IPv4-compatible, NAT64 64:ff9b::/96 and 64:ff9b:1::/48
        "64:ff9b::/32",
        "100::/64",  # discard
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local: the metadata service's fd00:ec2::254
        "fe00::/8",  # link-local, site-local
        "ff00::/8",  # multicast
    )
)
"""Source: IANA's registries of special-purpose addresses, https://www.iana.org/assignments/iana-ipv4-special-registry
and iana-ipv6-special-registry."""


def is_refused(text: str) -> bool:
    """Whether an address may not be connected to. What is no address may not either."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    listed = any(address.version == network.version and address in network for network in REFUSED)
    return listed or not address.is_global or address.is_multicast


def resolve_all(host: str, port: int) -> list[str]:
    """Every address of a name, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Guard:
    """Says where connections may go."""

    def __init__(self, overrides: Mapping[str, str], resolve: Resolve = resolve_all) -> None:
        """Trust the origins that the environment's configuration names, such as the replay of a recorded service.

        Args:
            overrides: origin that a contract names -> origin that is asked instead.
            resolve: a name and a port -> its addresses.
        """
        self._trusted = {_host_and_port(origin) for origin in overrides.values()}
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses to connect to, all of them checked.

        Raises:
            UpstreamRefused: one of them may not be connected to.
            OSError: the name has none.
        """
        found = list(self._resolve(host, port))
        if (host, port) not in self._trusted and any(is_refused(address) for address in found):
            raise UpstreamRefused(
                f"expected {host} at public addresses only, found one that is not; nothing was asked. If a private "
                "service is meant, it cannot be read from here"
            )
        return found


def _host_and_port(origin: str) -> tuple[str, int]:
    parts = urlsplit(origin)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
