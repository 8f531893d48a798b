"""Asking for pages before it is their turn, so that the service and raw work at the same time.

Answers wait in their spooled bodies until they are taken, in whatever order they come. What was asked for and is never
taken, because a page before it ended the run, is thrown away.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from lakeward.ports.upstream import Answer, Bounds, Request, Upstream

Waiting = tuple[ExitStack, Answer]


class Ahead:
    """An upstream that can be told what will be asked next."""

    def __init__(self, upstream: Upstream, concurrency: int) -> None:
        self._upstream = upstream
        self._pool = ThreadPoolExecutor(concurrency) if concurrency > 1 else None
        self._concurrency = concurrency
        self._asked: dict[str, Future[Waiting]] = {}

    def expect(self, request: Request, bounds: Bounds) -> None:
        """Ask now for what will be wanted soon, when there is room among the questions under way."""
        if self._pool is not None and request.url not in self._asked and len(self._asked) < self._concurrency:
            self._asked[request.url] = self._pool.submit(self._ask, request, bounds)

    @contextmanager
    def get(self, request: Request, bounds: Bounds) -> Iterator[Answer]:
        """The answer that was asked for before, or a new one. See ``lakeward.ports.upstream.Upstream``."""
        asked = self._asked.pop(request.url, None)
        if asked is None:
            with self._upstream.get(request, bounds) as answer:
                yield answer
            return
        opened, answer = asked.result()
        with opened:
            yield answer

    def close(self) -> None:
        """Wait for what is under way, and throw it away."""
        if self._pool is None:
            return
        self._pool.shutdown(cancel_futures=True)
        for asked in self._asked.values():
            if not asked.cancelled() and asked.exception() is None:
                asked.result()[0].close()
        self._asked.clear()

    def _ask(self, request: Request, bounds: Bounds) -> Waiting:
        opened = ExitStack()
        return opened, opened.enter_context(self._upstream.get(request, bounds))
