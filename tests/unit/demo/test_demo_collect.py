"""What Athena is asked for a report."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from report_world import HIGHEST, LEVELS, MEMORY_MB, rivers, run

from lakeward.cli.session import Session
from lakeward.errors import QueryFailed
from lakeward.ports.query import Answer, ResultColumn
from lakeward_local.demo.collect import collect
from lakeward_local.report.declaration import Declaration
from lakeward_local.report.facts import Answered, Facts

NOW = datetime(2024, 3, 5, tzinfo=UTC)
OUTCOMES = [run(1), run(2)]


@dataclass
class Engine:
    """Answers 42 to everything but what it refuses, and remembers what it was asked."""

    refuses: str = "no such text"
    asked: list[tuple[str, str]] = field(default_factory=list)

    def run(self, sql: str, database: str) -> Answer:
        if self.refuses in sql:
            raise QueryFailed("query 7 failed: no such column", query_id="7")
        self.asked.append((sql, database))
        return Answer((ResultColumn("n", "bigint"),), iter([("42",)]), "7", 10, 5, 0)


@dataclass(frozen=True)
class Functions:
    """Knows the memory of each function."""

    def get_function_configuration(self, **request: str) -> dict[str, Any]:
        sizes = {f"lakeward-local-{step.lower()}": memory_mb for step, memory_mb in MEMORY_MB.items()}
        return {"MemorySize": sizes[request["FunctionName"]]}


SESSION = cast(
    "Session",
    SimpleNamespace(
        environment="local",
        release="abc",
        serving_database="lakeward_local_serving",
        functions=Functions(),
        function=lambda role: f"lakeward-local-{role}",
    ),
)


def collected(engine: Engine, declaration: Declaration) -> Facts:
    return collect(rivers(), declaration, SESSION, OUTCOMES, engine, NOW)


def test_athena_is_asked_for_rows_in_the_tables_and_for_what_the_folder_declares():
    engine = Engine()

    collected(engine, Declaration(charts=(LEVELS,), answers=(HIGHEST,)))

    between = "BETWEEN TIMESTAMP '2024-03-01 00:00:00' AND TIMESTAMP '2024-03-02 00:00:00'"
    assert engine.asked == [
        (
            f'SELECT count(*) AS "rows"\nFROM "lakeward_local_curated"."rivers_v1"\nWHERE "_slot" {between}',
            "lakeward_local_curated",
        ),
        (
            f'SELECT count(*) AS "rows"\nFROM "lakeward_local_quarantine"."rivers"\nWHERE "_slot" {between}',
            "lakeward_local_quarantine",
        ),
        ("SELECT … FROM rivers", "lakeward_local_serving"),
        ("SELECT river FROM rivers", "lakeward_local_serving"),
    ]


def test_the_facts_are_what_ran_and_what_was_answered():
    found = collected(Engine(), Declaration(answers=(HIGHEST,)))

    answer = Answered("SELECT river FROM rivers", (ResultColumn("n", "bigint"),), (("42",),), 10)
    assert found.answers == ((HIGHEST, answer),)
    assert (found.held_rows.rows, found.held_quarantine.rows) == ((("42",),), (("42",),))
    assert (found.release, found.made_at, found.memory_mb) == ("abc", NOW, MEMORY_MB)
    assert found.outcomes == tuple(OUTCOMES)


def test_a_query_that_athena_refuses_is_named_with_its_file_and_its_text():
    with pytest.raises(QueryFailed) as refused:
        collected(Engine(refuses="river FROM"), Declaration(answers=(HIGHEST,)))

    assert refused.value.message == (
        "datasets/rivers/report.yaml: answers[0]: query 7 failed: no such column\nSELECT river FROM rivers"
    )
    assert refused.value.facts == {"query_id": "7"}
