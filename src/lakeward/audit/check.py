"""One rule over a load, and how it was judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One rule, what it expected and what it found. Where it does not hold, ``policy`` says what comes of it."""

    rule: str
    expected: str
    found: str
    holds: bool
    policy: str = "fail"

    @property
    def stops(self) -> bool:
        """Whether nothing of the load may be published."""
        return not self.holds and self.policy == "fail"
