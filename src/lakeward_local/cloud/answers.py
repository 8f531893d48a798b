"""What Terraform asked is done once, however often it is sent.

AWS: an answer is hardly ever lost, so a request that makes something is hardly ever sent again.

Here: on a laptop that is busy with other things, of some thousand answers one does not reach Terraform: the request was
done and answered, its connection ends, and the AWS SDK sends it again, as its second attempt under the same invocation
id. What makes something then fails because it is there ("the budget already exists"). So the answers to Terraform are
kept for a while, and who asks again is told again. Everybody else is answered anew: how Lakeward's own code takes a
lost answer is for its tests to find out.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

KEPT = 1000
"""Answers; an attempt follows the one before within seconds."""


class ToldAgain:
    """An ASGI application around another one."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._told: OrderedDict[bytes, list[Message]] = OrderedDict()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer from memory what was answered before, and remember what went well."""
        invocation = _invocation(scope)
        if invocation is None:
            await self._app(scope, receive, send)
            return
        told = self._told.get(invocation)
        if told is None:
            told = []
            await self._app(scope, receive, _into(told))
            if _went_well(told):
                self._keep(invocation, told)
        for message in told:
            await send(message)

    def _keep(self, invocation: bytes, said: list[Message]) -> None:
        self._told[invocation] = said
        if len(self._told) > KEPT:
            self._told.popitem(last=False)


def _invocation(scope: Message) -> bytes | None:
    """The id under which Terraform sends a request that changes something, the same for each of its attempts."""
    if scope["type"] != "http" or scope["method"] not in ("POST", "PUT"):
        return None
    headers = dict(scope["headers"])
    invocation: bytes | None = headers.get(b"amz-sdk-invocation-id")
    return invocation if b"Terraform/" in headers.get(b"user-agent", b"") else None


def _into(said: list[Message]) -> Send:
    """Collects an answer; it is kept before it is sent, because sending is what fails."""

    async def hear(message: Message) -> None:
        said.append(message)

    return hear


def _went_well(said: list[Message]) -> bool:
    """What did not is sent again to be done."""
    return bool(said) and said[0].get("status", 500) < 300
