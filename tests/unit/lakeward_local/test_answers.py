import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from lakeward_local.cloud.answers import KEPT, Message, Receive, Send, ToldAgain

TERRAFORM = b"APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/5.100.0"


class Counting:
    """An application that says how often it was asked."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.numbers: Iterator[int] = count(1)

    async def __call__(self, _scope: Message, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": str(next(self.numbers)).encode()})


def ask(app: Any, invocation: str, method: str = "POST", agent: bytes = TERRAFORM, *, heard: bool = True) -> str:
    """What an attempt is answered; an answer that nobody hears ends in an error of the connection."""
    said: list[Message] = []

    async def send(message: Message) -> None:
        if not heard:
            raise ConnectionResetError
        said.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"user-agent", agent), (b"amz-sdk-invocation-id", invocation.encode())]
    try:
        asyncio.run(app({"type": "http", "method": method, "headers": headers}, receive, send))
    except ConnectionResetError:
        return "nothing"
    return b"".join(message.get("body", b"") for message in said).decode()


def test_a_request_that_is_sent_again_is_told_what_it_was_told_before():
    app = ToldAgain(Counting())

    assert [ask(app, "a"), ask(app, "a"), ask(app, "b"), ask(app, "a")] == ["1", "1", "2", "1"]


def test_what_nobody_heard_is_not_done_again():
    app = ToldAgain(Counting())

    assert [ask(app, "a", heard=False), ask(app, "a")] == ["nothing", "1"]


@pytest.mark.parametrize(
    "other",
    [{"method": "GET"}, {"agent": b"Boto3/1.43.106 md/Botocore#1.43.106"}],
    ids=["what only reads", "a function"],
)
def test_others_are_answered_anew(other: dict[str, Any]):
    app = ToldAgain(Counting())

    assert [ask(app, "a", **other), ask(app, "a", **other)] == ["1", "2"]


def test_what_was_refused_is_done_when_it_is_sent_again():
    app = ToldAgain(Counting(status=400))

    assert [ask(app, "a"), ask(app, "a")] == ["1", "2"]


def test_old_answers_are_forgotten():
    app = ToldAgain(Counting())
    for number in range(KEPT + 1):
        ask(app, str(number))

    assert ask(app, "0") == str(KEPT + 2)
