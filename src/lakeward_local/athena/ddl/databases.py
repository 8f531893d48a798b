"""CREATE DATABASE."""

from __future__ import annotations

from typing import Any

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.task import Task


def create(statement: s.CreateDatabase, task: Task) -> Outcome:
    """Make a Glue database.

    Raises:
        QueryError: SCHEMA_ALREADY_EXISTS.
    """
    glue = task.engine.glue
    wanted: dict[str, Any] = {"Name": statement.name, "Parameters": dict(statement.properties)}
    if statement.comment:
        wanted["Description"] = statement.comment
    if statement.location:
        wanted["LocationUri"] = statement.location
    try:
        glue.create_database(DatabaseInput=wanted)
    except glue.exceptions.AlreadyExistsException:
        if not statement.if_not_exists:
            raise QueryError("SCHEMA_ALREADY_EXISTS", f"Database {statement.name} already exists") from None
    return Outcome(kind="DDL", sub="CREATE_DATABASE", is_text=True)


def drop(statement: s.Drop, task: Task) -> Outcome:
    """Remove a Glue database; with its tables only under CASCADE.

    Raises:
        QueryError: SCHEMA_NOT_FOUND, SCHEMA_NOT_EMPTY.
    """
    glue, name = task.engine.glue, statement.name[-1]
    try:
        pages = list(glue.get_paginator("get_tables").paginate(DatabaseName=name))
        held = [t["Name"] for page in pages for t in page["TableList"]]
        if held and not statement.cascade:
            raise QueryError(
                "SCHEMA_NOT_EMPTY", f"Database {name} is not empty. One or more tables exist: {', '.join(sorted(held))}"
            )
        for table in held:
            glue.delete_table(DatabaseName=name, Name=table)
        glue.delete_database(Name=name)
    except glue.exceptions.EntityNotFoundException:
        if not statement.if_exists:
            raise QueryError("SCHEMA_NOT_FOUND", f"Database does not exist: {name}") from None
    return Outcome(kind="DDL", sub="DROP_DATABASE", is_text=True)


def check(name: str, task: Task) -> None:
    """The database exists.

    Raises:
        QueryError: SCHEMA_NOT_FOUND.
    """
    glue = task.engine.glue
    try:
        glue.get_database(Name=name)
    except glue.exceptions.EntityNotFoundException:
        raise QueryError("SCHEMA_NOT_FOUND", f"Database does not exist: {name}") from None
