"""Windows of time that cover the slot, and split themselves where the service's maximum is met."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lakeward.contract.source_paging import TimeWindowsPaging
from lakeward.contract.template import shows_bare_clock, write_instant
from lakeward.errors import IncompleteRun
from lakeward.ingest.paging import BasePager, Read, Step
from lakeward.slot import Slot

Window = tuple[datetime, datetime]


class ByWindow(BasePager):
    """The slot is the first window. A window with as many records as the service gives at most may lack some, so its
    halves are asked instead, the earlier one first."""

    def __init__(self, paging: TimeWindowsPaging, slot: Slot) -> None:
        self._paging = paging
        self._now: Window = (slot.start, slot.end)
        self._waiting: list[Window] = []
        self._unit = timedelta(milliseconds=1) if paging.unit == "millisecond" else timedelta(seconds=1)

    def first(self) -> Step:
        """The whole slot."""
        return self._asked(self._now)

    def superseded(self, _step: Step, page: Read) -> bool:
        """Whether the maximum is met."""
        return page.facts.records >= self._paging.maximum_records

    def after(self, step: Step, page: Read) -> Step | None:
        """The earlier half of a full window, or the next window that waits.

        Raises:
            IncompleteRun: a window is full and as small as it may be.
        """
        if self.superseded(step, page):
            self._waiting += reversed(self._halves(page.facts.records))
        if not self._waiting:
            return None
        self._now = self._waiting.pop()
        return self._asked(self._now)

    def _halves(self, records: int) -> list[Window]:
        start, end = self._now
        half = (end - start) / 2 // self._unit * self._unit
        if half < max(self._unit, timedelta(seconds=self._paging.smallest_seconds)):
            raise IncompleteRun(
                f"expected fewer than {self._paging.maximum_records} records between {start.isoformat()} and "
                f"{end.isoformat()}, found {records}: the service may have left some out, and the window cannot be "
                "split "
                "further (source.paging.smallest_seconds)"
            )
        return [(start, start + half), (start + half, end)]

    def _check_written(self, params: dict[str, str], start: datetime, last: datetime) -> None:
        """A window that is empty, or turned round, as it is written: where clocks are set back, or a form is coarse.

        Raises:
            IncompleteRun: it is: an answer without records would prove nothing.
        """
        paging = self._paging
        empty = paging.end == "exclusive" and params[paging.start_param] == params[paging.end_param]
        clocks = ZoneInfo(paging.zone)
        local, local_last = (at.astimezone(clocks).replace(tzinfo=None) for at in (start, last))
        turned = local > local_last or (local == local_last and paging.end == "exclusive")
        if empty or (turned and shows_bare_clock(paging.instant_format)):
            raise IncompleteRun(
                f"expected a window whose start, as it is written ({params[paging.start_param]}), lies before its end "
                f"({params[paging.end_param]}), found one of {start.isoformat()} to {last.isoformat()} that does not: "
                "the clocks of source.paging.zone are set back in it, or source.paging.instant_format is too coarse"
            )

    def _asked(self, window: Window) -> Step:
        paging, (start, end) = self._paging, window
        last = end if paging.end == "exclusive" else end - self._unit
        params = {
            paging.start_param: write_instant(start, paging.instant_format, paging.zone),
            paging.end_param: write_instant(last, paging.instant_format, paging.zone),
        }
        self._check_written(params, start, last)
        shown = {name: at.isoformat(timespec="milliseconds") for name, at in (("from", start), ("until", end))}
        return Step(shown, params)
