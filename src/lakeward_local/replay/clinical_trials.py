"""The studies of ClinicalTrials.gov: pages that name the next one by a token in their body.

Source of the rules: https://clinicaltrials.gov/data-api/api. What is imitated is a range of ``LastUpdatePostDate`` and
the paging; another filter is refused, as a silent guess would teach a contract something that the service does not do.
``totalCount`` comes only when it was asked for, and only on the first page.
"""

import base64
import re
from typing import Any

from lakeward_local.replay.model import Answer, Question, Record, RefusedError, Selection
from lakeward_local.replay.samples import dense

_JSON = {"Content-Type": "application/json"}
_TEXT = {"Content-Type": "text/plain"}
_RANGE = re.compile(r"AREA\[LastUpdatePostDate\]RANGE\[(\d{4}-\d\d-\d\d),\s*(\d{4}-\d\d-\d\d)\]")
_KNOWN = {"filter.advanced", "fields", "pageSize", "pageToken", "countTotal", "format"}
_MOST = 1_000


class ClinicalTrials:
    """``GET <path>/studies``."""

    def __init__(self, host: str, base_path: str, records: tuple[Record, ...]) -> None:
        self.host, self.base_path = host, base_path
        self.record_count = len(records)
        self._records = records

    def select(self, question: Question) -> Selection:
        """One page of the studies that the filter keeps.

        Raises:
            RefusedError: another path or parameter, a filter that is not imitated, a token that is none.
        """
        if question.path != f"{self.base_path}/studies":
            raise RefusedError(Answer(404, b"Not found", _TEXT))
        unknown = [name for name, _ in question.parameters if name not in _KNOWN]
        if unknown:
            raise _refused(f"unknown parameter `{unknown[0]}`")
        kept = self._kept(question)
        first, size = _offset(question), _size(question)
        return Selection(question, len(kept), tuple(kept[first : first + size]))

    def render(self, selection: Selection) -> Answer:
        """An object with the studies, the next token where there is one, and the total where it was asked for."""
        question = selection.question
        first, size, total = _offset(question), _size(question), len(self._kept(question))
        document: dict[str, Any] = {}
        if question.get("countTotal") == "true" and first == 0:
            document["totalCount"] = selection.declared
        document["studies"] = [record.value for record in selection.records or ()]
        if first + size < total:
            document["nextPageToken"] = base64.urlsafe_b64encode(f"o{first + size}".encode()).decode().rstrip("=")
        return Answer(200, dense(document), _JSON)

    def _kept(self, question: Question) -> list[Record]:
        text = question.get("filter.advanced")
        if text is None:
            return list(self._records)
        match = _RANGE.fullmatch(text)
        if match is None:
            raise _refused("`filter.advanced` is imitated for AREA[LastUpdatePostDate]RANGE[from,to] only")
        return [record for record in self._records if match[1] <= _posted(record) <= match[2]]


def _posted(record: Record) -> str:
    return str(record.value["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"])


def _size(question: Question) -> int:
    text = question.get("pageSize") or "10"
    if not text.isascii() or not text.isdigit():
        raise _refused("`pageSize` must be a whole number")
    return min(int(text), _MOST) or 10


def _offset(question: Question) -> int:
    token = question.get("pageToken")
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().removeprefix("o"))
    except ValueError as error:
        raise _refused("`pageToken` is incorrect") from error


def _refused(text: str) -> RefusedError:
    return RefusedError(Answer(400, text.encode(), _TEXT))
