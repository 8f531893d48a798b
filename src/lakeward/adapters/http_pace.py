"""How often a host is asked: not faster than a contract says, and not at all for a while when it keeps failing."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

QUESTIONS_UNTIL_OPEN = 3
REST_SECONDS = 60.0


class Pace:
    """Spaces requests to a host evenly. Safe to use from several threads."""

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}

    def wait(self, host: str, requests_per_second: float | None) -> None:
        """Wait until the host may be asked again."""
        if requests_per_second is None:
            return
        with self._lock:
            now = self._clock()
            start = max(now, self._free_at.get(host, now))
            self._free_at[host] = start + 1 / requests_per_second
        if start > now:
            self._sleep(start - now)


@dataclass
class _Circuit:
    failed: int = 0
    open_until: float = 0.0


@dataclass
class Breaker:
    """Leaves a host alone when questions to it were given up one after the other. Safe to use from several threads.

    After the rest one question is let through; the circuit closes when it is answered, and rests again when it is not.
    """

    clock: Callable[[], float] = time.monotonic
    questions: int = QUESTIONS_UNTIL_OPEN
    rest_seconds: float = REST_SECONDS
    _circuits: dict[str, _Circuit] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rest_left_seconds(self, host: str) -> float:
        """How long the host is still left alone; 0 when it may be asked."""
        with self._lock:
            circuit = self._circuits.setdefault(host, _Circuit())
            left = circuit.open_until - self.clock()
            if circuit.failed >= self.questions and left <= 0:
                circuit.open_until = self.clock() + self.rest_seconds  # one question goes; others wait for its answer
            return max(0.0, left)

    def answered(self, host: str) -> None:
        """A question got its answer, whatever that was."""
        with self._lock:
            self._circuits.pop(host, None)

    def gave_up(self, host: str) -> None:
        """A question got no answer in all of its tries."""
        with self._lock:
            circuit = self._circuits.setdefault(host, _Circuit())
            circuit.failed += 1
            if circuit.failed >= self.questions:
                circuit.open_until = self.clock() + self.rest_seconds
