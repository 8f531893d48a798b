"""IP addresses: sixteen bytes each, those of version 4 as ``::ffff:a.b.c.d``."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from lakeward_local.athena.native.kit import Native, NativeError, invalid, native

_MAPPED: Final = bytes(10) + b"\xff\xff"


def _packed(address: IPv4Address | IPv6Address) -> bytes:
    return _MAPPED + address.packed if address.version == 4 else address.packed


def _own(packed: bytes) -> bytes:
    """The four bytes of version 4, the sixteen of version 6."""
    return packed.removeprefix(_MAPPED)


def cast_address(text: str) -> bytes:
    try:
        return _packed(ip_address(text))
    except ValueError as error:
        raise NativeError("INVALID_CAST_ARGUMENT", f"Cannot cast value to IPADDRESS: {text}") from error


def address_text(packed: bytes) -> str:
    """``10.1.2.3`` or ``2001:db8::1``."""
    return str(ip_address(_own(packed)))


def _from_bytes(data: bytes) -> bytes:
    if len(data) not in {4, 16}:
        raise NativeError("INVALID_CAST_ARGUMENT", f"Invalid InetAddress binary length: {len(data)}")
    return _MAPPED + data if len(data) == 4 else data


def _contains(network: str, address: bytes) -> bool:
    """Whether an address lies in ``10.0.0.0/8``; addresses of the other version do not."""
    base, slash, length = network.partition("/")
    if not slash or not length.isdigit():
        raise invalid("Invalid CIDR")
    try:
        first = _own(_packed(ip_address(base)))
    except ValueError as error:
        raise invalid("Invalid network IP address") from error
    bits = len(first) * 8
    if int(length) > bits:
        raise invalid("Prefix length exceeds address length")
    rest = bits - int(length)
    prefix = int.from_bytes(first) >> rest
    if len(first) == 4 and prefix << rest != int.from_bytes(first):
        raise invalid("Invalid CIDR")
    own = _own(address)
    return len(own) == len(first) and int.from_bytes(own) >> rest == prefix


NATIVES: Final[list[Native]] = [
    native("cast_address", cast_address, "VARCHAR", "BLOB"),
    native("address_text", address_text, "BLOB", "VARCHAR"),
    native("address_from_bytes", _from_bytes, "BLOB", "BLOB"),
    native("network_contains", _contains, "VARCHAR BLOB", "BOOLEAN"),
]
