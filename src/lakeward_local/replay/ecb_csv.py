"""The European Central Bank's data service: one flow and key, as CSV.

Source of the rules: https://data.ecb.europa.eu/help/api/data. What is imitated is ``format=csvdata`` with a period from
and to; a period without any observation has no answer but 404, as at the service.
"""

from lakeward_local.replay.model import Answer, Question, Record, RefusedError, Selection

_CSV = {"Content-Type": "text/csv"}
_TEXT = {"Content-Type": "text/plain"}
_KNOWN = {"format", "startPeriod", "endPeriod"}


class EcbCsv:
    """``GET <path>/EXR/D..EUR.SP00.A``."""

    def __init__(self, host: str, base_path: str, header: bytes, records: tuple[Record, ...]) -> None:
        self.host, self.base_path = host, base_path
        self.record_count = len(records)
        self._header, self._records = header, records

    def select(self, question: Question) -> Selection:
        """The observations of a period.

        Raises:
            RefusedError: another path, parameter or format; a period without any.
        """
        if question.path != f"{self.base_path}/EXR/D..EUR.SP00.A":
            raise RefusedError(Answer(404, b"No results found.", _TEXT))
        if question.get("format") != "csvdata" or any(name not in _KNOWN for name, _ in question.parameters):
            raise RefusedError(Answer(400, b"The replay server speaks csvdata, startPeriod and endPeriod.", _TEXT))
        first, last = question.get("startPeriod") or "", question.get("endPeriod") or "9999"
        kept = tuple(record for record in self._records if first <= record.value["TIME_PERIOD"] <= last)
        if not kept:
            raise RefusedError(Answer(404, b"No results found.", _TEXT))
        return Selection(question, len(kept), kept)

    def render(self, selection: Selection) -> Answer:
        """The header line and the observations, by currency and day."""
        return Answer(200, self._header + b"".join(record.raw for record in selection.records or ()), _CSV)
