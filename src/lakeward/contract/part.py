"""What every piece of a contract has in common: it is frozen, strict, and names all of its problems at once."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

At = tuple[str | int, ...]
"""Keys and list positions that lead to a value: ``("columns", 3, "name")``."""

Problem = tuple[At, str]
"""Where, seen from the piece that says it, and what was expected and found."""


class Disagreement(ValueError):
    """Keys of one piece that do not go together."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(text for _, text in problems))
        self.problems = problems


class Part(BaseModel):
    """A piece of a contract: frozen, and strict about its keys and types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="after")
    def _keys_agree(self) -> Self:
        found = list(self.problems())
        if found:
            raise Disagreement(found)
        return self

    def problems(self) -> Iterator[Problem]:
        """Problems between keys that are each right by themselves. Each piece says its own."""
        yield from ()
