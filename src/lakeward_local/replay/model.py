"""What an imitation is asked, what it picks, and what goes over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode


@dataclass(frozen=True)
class Question:
    """A GET request: its path and its parameters in the order in which they came."""

    path: str
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """The value of a parameter, None when it was not given."""
        return next((value for key, value in self.parameters if key == name), None)

    def with_parameters(self, changed: Mapping[str, str]) -> "Question":
        """The same question with some parameters changed or added."""
        kept = [(name, changed.get(name, value)) for name, value in self.parameters]
        added = [(name, value) for name, value in changed.items() if self.get(name) is None]
        return Question(self.path, tuple(kept + added))

    @property
    def target(self) -> str:
        """Path and query, as in a request line."""
        query = urlencode(self.parameters, safe=":,")
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True)
class Record:
    """One recorded record: the bytes as they were recorded, and what they say."""

    raw: bytes
    value: dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """What answers a question, before it is written down: the records of a page, or only their number."""

    question: Question
    declared: int
    """The number that the answer will give for its records."""
    records: tuple[Record, ...] | None
    """None when only the number was asked for."""


@dataclass(frozen=True)
class Answer:
    """What goes over the wire, and what a fault makes of it on the way."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    sent_bytes: int | None = None
    """How much of the body is sent before the connection is closed; None when all of it is."""
    dropped: bool = False
    """Whether the connection is closed without an answer."""


class RefusedError(Exception):
    """The upstream would refuse the question; ``answer`` is how."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Imitation(Protocol):
    """How one API behaves, over the recordings of every dataset that stands on it."""

    host: str
    """Scheme and host that it stands for, such as ``https://earthquake.usgs.gov``."""
    base_path: str
    """It answers every path below this one."""
    record_count: int

    def select(self, question: Question) -> Selection:
        """Pick the records of the answer.

        Raises:
            RefusedError: the upstream would refuse.
        """
        ...

    def render(self, selection: Selection) -> Answer:
        """Write the answer down; a selection that a fault changed is written down as it is."""
        ...
