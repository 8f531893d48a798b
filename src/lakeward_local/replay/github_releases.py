"""GitHub's list of releases: pages by number, the next one named in the `Link` header.

Source of the rules: https://docs.github.com/en/rest/releases/releases#list-releases and
https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api. Links of the real service lead to
``/repositories/<number>/…``; here they stay below the path that is imitated.
"""

from lakeward_local.replay.model import Answer, Question, Record, RefusedError, Selection
from lakeward_local.replay.samples import dense

_JSON = {"Content-Type": "application/json; charset=utf-8", "X-GitHub-Media-Type": "github.v3; format=json"}


class GithubReleases:
    """``GET <path>/releases?per_page=&page=``, newest first."""

    def __init__(self, host: str, base_path: str, records: tuple[Record, ...]) -> None:
        self.host, self.base_path = host, base_path
        self.record_count = len(records)
        self._records = records

    def select(self, question: Question) -> Selection:
        """One page of the releases.

        Raises:
            RefusedError: another path, or a number that is none.
        """
        if question.path != f"{self.base_path}/releases":
            raise RefusedError(Answer(404, dense({"message": "Not Found", "status": "404"}), _JSON))
        size, page = _paging(question)
        return Selection(question, self.record_count, self._records[(page - 1) * size : page * size])

    def render(self, selection: Selection) -> Answer:
        """An array; the header has ``prev``, ``next``, ``last`` and ``first`` where there are such pages."""
        size, page = _paging(selection.question)
        last = max(1, -(-self.record_count // size))
        targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        known = {
            "prev": page > 1,
            "next": page < last,
            "last": page < last,
            "first": page > 1,
        }
        links = ", ".join(
            f'<{self.host}{selection.question.with_parameters({"page": str(targets[name])}).target}>; rel="{name}"'
            for name, there in known.items()
            if there
        )
        body = b"[" + b",".join(record.raw for record in selection.records or ()) + b"]"
        return Answer(200, body, _JSON | ({"Link": links} if links else {}))


def _paging(question: Question) -> tuple[int, int]:
    """Releases a page (30 unless told otherwise, at most 100), and its number; what is no number is left aside."""

    def number(name: str, default: int) -> int:
        text = question.get(name) or ""
        return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else default

    return min(number("per_page", 30), 100), number("page", 1)
