"""Putting pages into raw while the run goes on: the next ones are asked for and proved meanwhile.

Where a page is asked for whatever the one before it says (offsets, page numbers), several puts go at once, so a process
that dies may leave a later page without an earlier one; the next call asks for what is missing. Where a page says what
comes next, one put goes at a time, in order: what a dead process leaves is then a beginning, and the answer that the
next call gets to the same question may lead on differently.

Nothing that stands for the pages, neither the total asked again nor the certificate, is written before all puts have
ended well: ``settle`` waits for them.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from lakeward.contract.source_paging import OffsetLimitPaging, PageNumberPaging, Paging
from lakeward.ingest.receipt import Receipt

AT_ONCE = 4
"""A put takes S3 some 50 ms, whatever the service's manners; four megabytes in that time are more than most send."""

Put = Callable[[], Receipt]


def puts_at_once(paging: Paging) -> int:
    """How many pages may be on their way into raw at once."""
    return AT_ONCE if isinstance(paging, OffsetLimitPaging | PageNumberPaging) else 1


class Behind:
    """Puts that are under way, oldest first."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="put")
        self._under_way: deque[tuple[str, Future[Receipt]]] = deque()
        self._receipts: dict[str, Receipt] = {}

    def submit(self, name: str, put: Put) -> None:
        """Begin a put once there is room.

        Args:
            name: of the answer that is put.
            put: puts it and says what lies beside it now.

        Raises:
            Whatever an earlier put raised; this one is not begun then.
        """
        while len(self._under_way) >= self._at_once:
            self._end_oldest()
        self._under_way.append((name, self._pool.submit(put)))

    def settle(self) -> dict[str, Receipt]:
        """Wait for all puts; the receipts that lie in raw by the names of their answers.

        Raises:
            Whatever one of them raised, the oldest first.
        """
        while self._under_way:
            self._end_oldest()
        return self._receipts

    def close(self) -> None:
        """Wait for what is under way, however it ends."""
        self._pool.shutdown()

    def _end_oldest(self) -> None:
        name, put = self._under_way.popleft()
        self._receipts[name] = put.result()
