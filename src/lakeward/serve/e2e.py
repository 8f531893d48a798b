"""End-to-end checks: what a reader of the serving views gets is what it should be, whole result by whole result."""

from collections.abc import Iterator
from dataclasses import dataclass

from lakeward.errors import QueryFailed
from lakeward.ports.query import Queries
from lakeward.serve.difference import differences
from lakeward.serve.expectation import E2eQuery


@dataclass(frozen=True)
class Verdict:
    """What came of one query. It holds when there is no difference; a query that failed is one difference, and
    ``failure`` says why."""

    query: E2eQuery
    differences: list[str]
    milliseconds: int = 0
    scanned_bytes: int = 0
    failure: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the result is the expected one."""
        return not self.differences


def judge(queries: list[E2eQuery], engine: Queries, database: str) -> Iterator[Verdict]:
    """Run the queries one after the other; each verdict comes when its query is over."""
    for query in queries:
        try:
            answer = engine.run(query.sql, database)
        except QueryFailed as problem:
            yield Verdict(query, [problem.message], failure=problem.message)
            continue
        found = differences(query.expected, answer)
        yield Verdict(query, found, answer.milliseconds, answer.scanned_bytes)
