"""From a statement's text to its outcome: which stage or handler each kind of statement goes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lakeward_local.athena.ddl import alter, databases, show, tables, views
from lakeward_local.athena.dml import create_as, iceberg_dml, insert, maintenance, unload
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Execution, Outcome
from lakeward_local.athena.render import column_info
from lakeward_local.athena.run import Engine, Run
from lakeward_local.athena.saved import PreparedStatements
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.syntax.queries import QueryParser
from lakeward_local.athena.syntax.statements import StatementParser, parse_statement
from lakeward_local.athena.task import Task
from lakeward_local.athena.types import BOOLEAN, VARCHAR

#: Statement -> (StatementType, SubstatementType as far as the kind alone says it, whether the result file is text).
_KINDS: Final[dict[type[s.Statement], tuple[str, str, bool]]] = {
    s.QueryStatement: ("DML", "SELECT", False), s.Execute: ("DML", "SELECT", False),
    s.Insert: ("DML", "INSERT", False), s.Unload: ("DML", "UNLOAD", False), s.Delete: ("DML", "DELETE", False),
    s.Update: ("DML", "UPDATE", False), s.Merge: ("DML", "MERGE", False), s.Optimize: ("DML", "OPTIMIZE", False),
    s.Vacuum: ("DML", "VACUUM", False), s.CreateTableAs: ("DDL", "CREATE_TABLE_AS_SELECT", False),
    s.Show: ("UTILITY", "UTILITY", True), s.Describe: ("UTILITY", "UTILITY", True),
    s.Explain: ("UTILITY", "EXPLAIN", True),
}  # fmt: skip


def classify(sql: str) -> tuple[str, str, bool]:
    """StatementType, SubstatementType, and whether its result file is text.

    Raises:
        QueryError: SYNTAX_ERROR; Athena refuses such a query at StartQueryExecution.
    """
    return _KINDS.get(type(parse_statement(sql)), ("DDL", "DDL", True))


class Statements:
    """Runs statements for one account."""

    def __init__(self, engine: Engine, prepared: PreparedStatements) -> None:
        self.engine = engine
        self.prepared = prepared

    def run(self, execution: Execution, run: Run) -> Outcome:
        """The outcome of an execution's statement.

        Raises:
            QueryError: it fails.
        """
        statement = parse_statement(execution.query)
        given = tuple(_parameter(text) for text in execution.parameters or [])
        sql = execution.query
        if isinstance(statement, s.Execute):
            sql = self._prepared(execution.workgroup, statement.name)
            given = given or statement.parameters
            statement = parse_statement(sql)
        wanted = StatementParser(sql)
        wanted.statement()
        if wanted.parameters != len(given):
            raise QueryError(
                "INVALID_PARAMETER_USAGE",
                f"Incorrect number of parameters: expected {wanted.parameters} but found {len(given)}",
                (1, 1),
            )
        if isinstance(statement, s.Prepare):
            parse_statement(statement.statement)
            self.prepared.put(execution.workgroup, statement.name, statement.statement)
            return Outcome(kind="DDL", sub="PREPARE", is_text=True)
        if isinstance(statement, s.Deallocate):
            self._prepared(execution.workgroup, statement.name)
            self.prepared.delete(execution.workgroup, statement.name)
            return Outcome(kind="DDL", sub="DEALLOCATE", is_text=True)
        handler = _HANDLERS[type(statement)]
        return handler(statement, Task(self.engine, run, execution.database, execution, given))

    def _prepared(self, workgroup: str, name: str) -> str:
        found = self.prepared.find(workgroup, name)
        if found is None:
            raise QueryError("NOT_FOUND", f"Prepared statement not found: {name}")
        return str(found["QueryStatement"])


def _parameter(text: str) -> n.Expression:
    """An execution parameter: SQL for a constant.

    Raises:
        QueryError: INVALID_PARAMETER_USAGE.
    """
    parser = QueryParser(text)
    try:
        value = parser.expression()
        parser.end()
    except QueryError as error:
        raise QueryError(
            "INVALID_PARAMETER_USAGE", f"execution parameter {text!r} is no SQL constant: {error.message}"
        ) from error
    return value


def _query(statement: s.QueryStatement, task: Task) -> Outcome:
    catalog = task.engine.catalog()
    plan = task.engine.plan(statement.query, task.database, catalog, task.parameters)
    answer = task.engine.answer(plan, task.run, catalog)
    columns = [column_info(o.name, o.type) for o in answer.outputs]
    return Outcome(columns, list(answer.rows), has_header=True, scanned_bytes=answer.scanned_bytes)


def _explain(statement: s.Explain, task: Task) -> Outcome:
    catalog = task.engine.catalog()
    plan = task.engine.plan(statement.query, task.database, catalog, task.parameters)
    if statement.validates:
        return Outcome([column_info("Valid", BOOLEAN)], [["Valid"], ["true"]], "UTILITY", "EXPLAIN", is_text=True)
    sql = task.engine.sql(plan, task.run, catalog)
    text = task.run.connection.execute(f"EXPLAIN {'ANALYZE ' if statement.analyze else ''}{sql}").fetchall()[0][1]
    rows: list[list[str | None]] = [[line] for line in ["Query Plan", *str(text).splitlines()]]
    columns = [{**column_info("Query Plan", VARCHAR), "Type": "varchar"}]
    return Outcome(columns, rows, "UTILITY", "EXPLAIN", is_text=True)


_HANDLERS: Final[dict[type[s.Statement], Callable[[Any, Task], Outcome]]] = {
    s.QueryStatement: _query, s.Explain: _explain, s.CreateView: views.create, s.Drop: tables.drop,
    s.CreateDatabase: databases.create, s.CreateTable: tables.create, s.Alter: alter.run, s.Repair: tables.repair,
    s.Show: show.show, s.Describe: show.describe, s.CreateTableAs: create_as.run, s.Insert: insert.run, s.Unload:
    unload.run,
    s.Delete: iceberg_dml.delete, s.Update: iceberg_dml.update, s.Merge: iceberg_dml.merge, s.Optimize:
    maintenance.optimize,
    s.Vacuum: maintenance.vacuum,
}  # fmt: skip
