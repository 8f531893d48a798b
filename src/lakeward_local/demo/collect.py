"""Ask Athena what the report needs, and put it beside what the runs recorded."""

from collections.abc import Sequence
from datetime import datetime

from lakeward import tables
from lakeward.cli.running import Outcome
from lakeward.cli.session import Session
from lakeward.contract import Dataset
from lakeward.errors import QueryFailed
from lakeward.ops.account import STEPS
from lakeward.ports.query import Queries
from lakeward.slot import Slot
from lakeward_local.report.declaration import FILE_NAME, Declaration, Query, filled
from lakeward_local.report.facts import Answered, Facts


def collect(
    of: Dataset,
    declaration: Declaration,
    session: Session,
    outcomes: Sequence[Outcome],
    queries: Queries,
    now: datetime,
) -> Facts:
    """All that the account and the report say.

    Args:
        outcomes: at least one, oldest slot first.
        now: an aware instant; the report's time.

    Raises:
        QueryFailed: Athena refused a query; the message says which one.
    """
    first, last = outcomes[0].slot, outcomes[-1].slot

    def declared(key: str, position: int, query: Query) -> Answered:
        sql = filled(query.sql, of.name, first.start.date(), last.start.date())
        where = f"{of.folder / FILE_NAME}: {key}[{position}]"
        return ask(queries, sql, session.serving_database, where)

    curated, quarantine = tables.curated(of.contract), tables.quarantine(of.contract)
    return Facts(
        dataset=of,
        environment=session.environment,
        release=session.release,
        made_at=now,
        outcomes=tuple(outcomes),
        memory_mb={step: _memory_mb(session, step) for step in STEPS},
        held_rows=_count(queries, f"lakeward_{session.environment}_curated", curated.name, first, last),
        held_quarantine=_count(queries, f"lakeward_{session.environment}_quarantine", quarantine.name, first, last),
        charts=tuple((chart, declared("charts", i, chart)) for i, chart in enumerate(declaration.charts)),
        answers=tuple((question, declared("answers", i, question)) for i, question in enumerate(declaration.answers)),
        suggestions=declaration.try_next,
    )


def ask(queries: Queries, sql: str, database: str, where: str) -> Answered:
    """Ask one query and read all of its answer.

    Raises:
        QueryFailed: with Athena's message, and ``where`` the query stands.
    """
    try:
        answer = queries.run(sql, database)
        return Answered(sql, answer.columns, tuple(answer.rows), answer.scanned_bytes)
    except QueryFailed as problem:
        raise QueryFailed(f"{where}: {problem.message}\n{sql}", **problem.facts) from problem


def _count(queries: Queries, database: str, table: str, first: Slot, last: Slot) -> Answered:
    """How many rows of the slots a table holds now."""
    start, end = (f"TIMESTAMP '{slot.start:%Y-%m-%d %H:%M:%S}'" for slot in (first, last))
    sql = f'SELECT count(*) AS "rows"\nFROM "{database}"."{table}"\nWHERE "{tables.LINEAGE}" BETWEEN {start} AND {end}'
    return ask(queries, sql, database, f"counting the rows of {table}")


def _memory_mb(session: Session, step: str) -> int:
    return session.functions.get_function_configuration(FunctionName=session.function(step.lower()))["MemorySize"]
