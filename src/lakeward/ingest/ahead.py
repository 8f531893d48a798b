"""Asking for pages before it is their turn, so that the service and raw work at the same time.

As many questions are under way at once as the contract's concurrency allows, and no more: with one, the next page is
asked for when the last byte of this one has come, while this one is proved and stored. One more waits for its turn, so
that the service is not kept waiting for the proof. Answers wait in their spooled
bodies until they are taken, in whatever order they come. What was asked for and is never taken, because a page before
it ended the run, is thrown away.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from lakeward.ports.upstream import Answer, Bounds, Request, Upstream

Taken = tuple[ExitStack, Answer]


class Ahead:
    """An upstream that can be told what will be asked next."""

    def __init__(self, upstream: Upstream, concurrency: int) -> None:
        self._upstream = upstream
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="ask")
        self._concurrency = concurrency
        self._asked: dict[str, Future[Taken]] = {}

    def expect(self, request: Request, bounds: Callable[[], Bounds]) -> None:
        """Ask, as soon as there is room, for what will be wanted soon; answers that wait take room too.

        Args:
            request: the question.
            bounds: what it may cost, once it is put. May be called from another thread.
        """
        if request.url not in self._asked and len(self._asked) <= self._concurrency:
            self._submit(request, bounds)

    def take(self, request: Request, bounds: Callable[[], Bounds]) -> Taken:
        """The answer that was asked for before, or a new one, and what holds it open: whoever takes it closes that.

        See ``lakeward.ports.upstream.Upstream``.
        """
        if request.url not in self._asked:
            self._submit(request, bounds)
        taken = self._asked[request.url].result()
        del self._asked[request.url]  # only now: ``close`` sees to what nobody waited for to the end
        return taken

    def close(self) -> None:
        """Wait for what is under way, and throw it away."""
        self._pool.shutdown(cancel_futures=True)
        for asked in self._asked.values():
            if not asked.cancelled() and asked.exception() is None:
                asked.result()[0].close()
        self._asked.clear()

    def _submit(self, request: Request, bounds: Callable[[], Bounds]) -> None:
        self._asked[request.url] = self._pool.submit(self._ask, request, bounds)

    def _ask(self, request: Request, bounds: Callable[[], Bounds]) -> Taken:
        opened = ExitStack()
        return opened, opened.enter_context(self._upstream.get(request, bounds()))
