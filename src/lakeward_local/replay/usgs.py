"""The event service of the U.S. Geological Survey: ``query`` and ``count``.

Source of the rules: the service's documentation, https://earthquake.usgs.gov/fdsnws/event/1/. What is imitated is
``format=geojson`` and the parameters below; another format or parameter is refused, as a silent guess would teach a
contract something that the service does not do.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.replay.geojson import FeatureCollection
from lakeward_local.replay.model import Answer, Question, Record, RefusedError, Selection
from lakeward_local.replay.usgs_parameters import MAX_RECORDS, Parameters

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_REASONS = {400: "Bad Request", 404: "Not Found"}


class UsgsEvents:
    """The service over recorded events.

    Events of several recordings are merged by their id; of two that differ, the one updated last is kept.
    """

    def __init__(self, host: str, base_path: str, collections: Sequence[FeatureCollection]) -> None:
        self.host = host
        self.base_path = base_path
        self._generated = max((int(c.metadata["generated"]) for c in collections), default=0)
        self._api = max((str(c.metadata["api"]) for c in collections), default="1.0.0")
        self._records = _merged(collections)
        self.record_count = len(self._records)

    def select(self, question: Question) -> Selection:
        """Pick the events of a page, or their number.

        Raises:
            RefusedError: 400 for a question that breaks the rules, 204 or 404 for no events, 404 for another method.
        """
        method = question.path.removeprefix(self.base_path).strip("/")
        if method not in {"query", "count"}:
            raise self._refused(question, 404, f'Unknown method "{method}"; query and count are imitated.')
        try:
            asked = Parameters.parse(question, method)
        except ValueError as error:
            raise self._refused(question, 400, str(error)) from error
        found = asked.select(self._records)
        if method == "count":
            return Selection(question, declared=len(found), records=None)
        page = found[asked.offset - 1 :][: asked.limit]
        if asked.limit is None and len(page) > MAX_RECORDS:
            text = f"{len(page)} matching events exceeds search limit of {MAX_RECORDS}."
            raise self._refused(question, 400, f"{text} Modify the search to match fewer events.")
        if not page:
            raise self._refused(question, asked.status_of_nothing, "No events match.")
        return Selection(question, declared=len(page), records=tuple(page))

    def render(self, selection: Selection) -> Answer:
        """GeoJSON with every feature's own bytes; ``generated`` is that of the recording."""
        question = selection.question
        if selection.records is None:
            if question.get("format") == "geojson":
                return Answer(200, _dense({"count": selection.declared, "maxAllowed": MAX_RECORDS}), _JSON)
            return Answer(200, str(selection.declared).encode(), _TEXT)
        paging = {name: int(value) for name in ("limit", "offset") if (value := question.get(name)) is not None}
        metadata = {
            "generated": self._generated,
            "url": self.host + question.target,
            "title": "USGS Earthquakes",
            "status": 200,
            "api": self._api,
            **({"offset": 1} | paging if "limit" in paging else paging),
            "count": selection.declared,
        }
        features = b",\n".join(record.raw for record in selection.records)
        body = b"".join(
            (
                b'{"type":"FeatureCollection","metadata":',
                _dense(metadata),
                b',"features":[',
                features,
                b'],"bbox":',
                _dense(_bbox(selection.records)),
                b"}",
            )
        )
        return Answer(200, body, _JSON)

    def _refused(self, question: Question, status: int, text: str) -> RefusedError:
        if status == 204:
            return RefusedError(Answer(204))
        submitted = datetime.fromtimestamp(self._generated // 1000, UTC).isoformat(timespec="seconds")
        body = (
            f"Error {status}: {_REASONS[status]}\n\n{text}\n\n"
            f"Usage details are available from {self.host}{self.base_path}\n\n"
            f"Request:\n{question.target}\n\nRequest Submitted:\n{submitted}\n\nService version:\n{self._api}\n"
        )
        return RefusedError(Answer(status, body.encode(), _TEXT))


def _merged(collections: Sequence[FeatureCollection]) -> tuple[Record, ...]:
    """One record an id, the one updated last.

    Raises:
        DeclarationInvalid: a feature lacks what the service's filters look at.
    """
    newest: dict[str, Record] = {}
    for feature in (feature for collection in collections for feature in collection.features):
        properties = feature.value.get("properties", {})
        missing = sorted({"time", "updated", "mag", "type"} - properties.keys())
        if missing or "id" not in feature.value:
            raise DeclarationInvalid(
                f"expected events with id, time, updated, mag and type, found {feature.raw[:200]!r}"
            )
        known = newest.get(feature.value["id"])
        if known is None or known.value["properties"]["updated"] < properties["updated"]:
            newest[feature.value["id"]] = feature
    return tuple(newest.values())


def _bbox(records: Sequence[Record]) -> list[float]:
    """Least longitude, latitude and depth, then the greatest; a coordinate that is null counts for nothing."""
    axes = zip(*(record.value["geometry"]["coordinates"] for record in records), strict=True)
    known = [[value for value in axis if value is not None] or [0] for axis in axes]
    return [min(axis) for axis in known] + [max(axis) for axis in known]


def _dense(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
