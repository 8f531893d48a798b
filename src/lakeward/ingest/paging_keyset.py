"""Pages that go on after the last key of the page before."""

from typing import Any

from lakeward.contract.source_paging import KeysetPaging
from lakeward.errors import IncompleteRun
from lakeward.ingest.paging import BasePager, Read, Step


class ByKey(BasePager):
    """By the last value of a key. Keys must be unique and in order: else what has the last page's last key is lost."""

    def __init__(self, paging: KeysetPaging) -> None:
        self._paging = paging
        self._last: str | int | None = None
        self.key_at = paging.key_at

    def first(self) -> Step:
        """The page before which there is no key."""
        return Step({}, {self._paging.limit_param: str(self._paging.page_records)})

    def after(self, _step: Step, page: Read) -> Step | None:
        """The page after this one's last key.

        Raises:
            IncompleteRun: a key is none, or does not come after the one before it, in this page or the one before.
        """
        last = self._last
        for position, key in enumerate(page.keys, start=1):
            _check_kind(key, last, position)
            if last is not None and not self._follows(key, last):
                raise IncompleteRun(
                    f"expected keys that are unique and {self._paging.order} ({self._paging.key_at}), found one in "
                    "record "
                    f"{position} that does not come after the one before it"
                )
            last = key
        if not page.keys or last is None:
            return None
        self._last = last
        params = {self._paging.after_param: str(last), self._paging.limit_param: str(self._paging.page_records)}
        return Step({"after": str(last)}, params)

    def _follows(self, key: Any, last: Any) -> bool:
        return bool(key > last if self._paging.order == "ascending" else key < last)


def _check_kind(key: Any, last: Any, position: int) -> None:
    if isinstance(key, bool) or not isinstance(key, str | int) or (last is not None and type(key) is not type(last)):
        raise IncompleteRun(
            "expected a key that is a whole number or a text, the same in every record, found another in record "
            f"{position}"
        )
