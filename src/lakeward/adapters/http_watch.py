"""One thread that looks at the clock for everybody: what takes too long is told so.

A timer of its own for each exchange would cost a thread each, which takes longer to start than a small answer to come.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watch:
    """Calls what is due. Safe to use from several threads; its own is started when it is first needed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._due: dict[object, tuple[float, Callable[[], None]]] = {}
        self._wakes_at: float | None = None
        self._thread: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float, too_late: Callable[[], None]) -> Iterator[None]:
        """Call ``too_late``, from another thread, when the block takes longer; never after its end."""
        mine, at = object(), self._clock() + seconds
        with self._changed:
            self._due[mine] = (at, too_late)
            if self._thread is None or not self._thread.is_alive():  # a fork leaves it behind
                self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
                self._thread.start()
            if self._wakes_at is None or at < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._due.pop(mine, None)

    def _look(self) -> None:
        with self._changed:
            while True:
                now = self._clock()
                for mine, (at, too_late) in list(self._due.items()):
                    if at <= now:
                        del self._due[mine]
                        too_late()
                self._wakes_at = min((at for at, _ in self._due.values()), default=None)
                self._changed.wait(None if self._wakes_at is None else self._wakes_at - now)


WATCH = Watch()
"""The one of this process."""
