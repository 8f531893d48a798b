"""Policies that deny plain HTTP, on a cloud that speaks nothing else.

AWS: every endpoint is TLS, so ``aws:SecureTransport`` is true for whoever uses an SDK, and a denial of plain HTTP
costs a caller nothing.

MiniStack 1.5.33 with ``AUTH=true``: takes the scheme of the request, which here is plain HTTP over the loopback
interface, so the denial in each bucket's policy holds against every role and no function could read a byte.

It can go when the local cloud serves TLS: then the scheme is what it is on AWS.
"""

from ministack import app

from lakeward_local.gaps.patching import Function, replace


def install() -> None:
    """Let policies see every request as one that came over TLS, as it would on AWS."""

    def wrap(pin: Function) -> Function:
        def pin_request_origin(source_ip: str, _secure_transport: bool) -> None:
            pin(source_ip, True)

        return pin_request_origin

    replace(app, "pin_request_origin", wrap)
