"""The rest of the partition API that clients of a Hive table call.

AWS: BatchDeletePartition and UpdatePartition; GetPartitions keeps the partitions for which ``Expression`` holds, a
SQL condition over the partition keys, which compare by their types.

MiniStack 1.5.33: knows neither action, and GetPartitions answers every partition whatever the expression says.

It can go when MiniStack has the two actions and reads the expression.
"""

from typing import Any

import duckdb
import sqlglot
from ministack.services import glue
from sqlglot import exp

from lakeward_local.gaps.glue_requests import served
from lakeward_local.gaps.patching import Function, ok, refuse, replace

_TYPES = {
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "long": "BIGINT",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "string": "VARCHAR",
}
"""DuckDB's type for each type that a partition key in an expression may have; a decimal is written alike in both."""

_ALLOWED = (
    exp.And,
    exp.Or,
    exp.Not,
    exp.Paren,
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.In,
    exp.Between,
    exp.Like,
    exp.Is,
    exp.Null,
    exp.Neg,
    exp.Column,
    exp.Identifier,
    exp.Literal,
)


def install() -> None:
    """Serve the two actions, and let GetPartitions read its expression."""

    def delete(data: dict[str, Any]) -> Any:
        key = f"{data['DatabaseName']}/{data['TableName']}"
        unwanted = [entry["Values"] for entry in data["PartitionsToDelete"]]
        there = [partition["Values"] for partition in glue._partitions.get(key, [])]
        glue._partitions[key] = [p for p in glue._partitions.get(key, []) if p["Values"] not in unwanted]
        return ok({"Errors": [_missing(values) for values in unwanted if values not in there]})

    def update(data: dict[str, Any]) -> Any:
        entry = {"PartitionValueList": data["PartitionValueList"], "PartitionInput": data["PartitionInput"]}
        answer = glue._batch_update_partition({**data, "Entries": [entry]})
        if answer[0] == 200 and b"EntityNotFoundException" in answer[2]:
            return refuse("EntityNotFoundException", "Partition not found.")
        return answer

    actions = {"BatchDeletePartition": delete, "UpdatePartition": update}
    replace(glue, "_handle_request_sync", lambda original: served(original, actions))
    replace(glue, "_get_partitions", _selected)


def _missing(values: list[str]) -> dict[str, Any]:
    detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found."}
    return {"PartitionValues": values, "ErrorDetail": detail}


def _selected(original: Function) -> Function:
    def get_partitions(data: dict[str, Any]) -> Any:
        key = f"{data['DatabaseName']}/{data['TableName']}"
        expression, partitions = data.get("Expression"), glue._partitions.get(key, [])
        if not expression or not partitions or key not in glue._tables:
            return original(data)
        try:
            return ok({"Partitions": _holding(expression, partitions, glue._tables[key]["PartitionKeys"])})
        except (ValueError, sqlglot.errors.SqlglotError, duckdb.Error) as error:
            return refuse("InvalidInputException", f"Unsupported expression '{expression}': {error}")

    return get_partitions


def _holding(expression: str, partitions: list[dict[str, Any]], keys: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The partitions for which the expression is true.

    Raises:
        ValueError: the expression is more than a condition over the keys, or a key's type cannot be compared.
    """
    condition = sqlglot.parse_one(expression, read="presto")
    for node in condition.walk():
        if not isinstance(node, _ALLOWED):
            raise ValueError(f"{node.sql()} may not be part of it")  # noqa: TRY004 - the value is at fault, not a type
    typed = ", ".join(
        f'CAST("values"[{n}] AS {_sql_type(key)}) AS {exp.to_identifier(key["Name"], quoted=True).sql()}'
        for n, key in enumerate(keys, start=1)
    )
    holds = condition.sql(dialect="duckdb", identify=True)
    # The keys' names are the caller's, so ours are ones that no key can have.
    query = f'SELECT "/n" FROM (SELECT "/n", {typed} FROM given) WHERE {holds} ORDER BY "/n"'
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE given ("/n" BIGINT, "values" VARCHAR[])')
        rows = [(n, partition["Values"]) for n, partition in enumerate(partitions)]
        connection.executemany("INSERT INTO given VALUES (?, ?)", rows)
        return [partitions[n] for (n,) in connection.execute(query).fetchall()]


def _sql_type(key: dict[str, str]) -> str:
    name = key.get("Type", "string")
    if name.startswith("decimal("):
        return name
    if name not in _TYPES:
        raise ValueError(f"a partition key of type {name} cannot be compared")
    return _TYPES[name]
