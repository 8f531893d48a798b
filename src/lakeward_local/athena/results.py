"""Result files as Athena writes them, and GetQueryResults' pages.

https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

from __future__ import annotations

import re
from typing import Any

from lakeward_local.athena.errors import ApiError, QueryError
from lakeward_local.athena.executions import Execution, Outcome
from lakeward_local.athena.tables.objects import ObjectStore

MAX_PAGE: int = 1000


def body(outcome: Outcome) -> bytes:
    """The result file: CSV with every value quoted and NULL as nothing, or tab-separated text."""
    rows = outcome.rows or []
    if outcome.is_text:
        return "".join("\t".join(value or "" for value in row) + "\n" for row in rows).encode()
    if not outcome.columns:
        return b""
    lines = [",".join(_quoted(c["Name"]) for c in outcome.columns)]
    lines += [",".join("" if value is None else _quoted(value) for value in row) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def metadata(outcome: Outcome) -> bytes:
    """The ``.metadata`` file: Athena's is a binary of its own that clients ignore; names and types are kept here."""
    return "\n".join(f"{c['Name']}\t{c['Type']}" for c in outcome.columns).encode()


def write(execution: Execution, outcome: Outcome, objects: ObjectStore) -> None:
    """Put the result file, its metadata and the manifest.

    Raises:
        QueryError: the bucket does not take them.
    """
    options = _encryption(execution.results.get("EncryptionConfiguration"))
    location = execution.output_location
    try:
        if outcome.sub not in {"CREATE_TABLE_AS_SELECT", "UNLOAD", "INSERT"}:
            objects.write(location, body(outcome), **options)
        objects.write(f"{location}.metadata", metadata(outcome), **options)
        if outcome.manifest is not None:
            base = location.rsplit("/", 1)[0]
            execution.manifest_location = f"{base}/{execution.id}-manifest.csv"
            objects.write(execution.manifest_location, "".join(f"{x}\n" for x in outcome.manifest).encode(), **options)
    except objects.s3.exceptions.ClientError as error:
        raise QueryError(
            "PERMISSION_DENIED", f"Unable to verify/create output bucket or write {location}: {error}"
        ) from error


def _encryption(configuration: dict[str, Any] | None) -> dict[str, str]:
    option = (configuration or {}).get("EncryptionOption")
    if option == "SSE_S3":
        return {"ServerSideEncryption": "AES256"}
    if option == "SSE_KMS":
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": (configuration or {})["KmsKey"]}
    return {}


def page(execution: Execution, request: dict[str, Any], objects: ObjectStore) -> dict[str, Any]:
    """GetQueryResults.

    Raises:
        ApiError: the query has not succeeded, or the page's size or token is wrong.
    """
    size = request.get("MaxResults", MAX_PAGE)
    if not 1 <= size <= MAX_PAGE:
        raise ApiError.invalid(f"MaxResults is more than maximum allowed length {MAX_PAGE}")
    if execution.state in {"FAILED", "CANCELLED"}:
        raise ApiError.invalid(
            f"Query did not finish successfully. Final query state: {execution.state}", "INVALID_QUERY_EXECUTION_STATE"
        )
    if execution.state != "SUCCEEDED" or execution.outcome is None:
        raise ApiError.invalid(
            f"Query has not yet finished. Current state: {execution.state}", "INVALID_QUERY_EXECUTION_STATE"
        )
    outcome = execution.outcome
    if outcome.rows is None:
        outcome.rows = read_back(execution, objects)
    start = _offset(request.get("NextToken"))
    header: list[list[str | None]] = [[c["Name"] for c in outcome.columns]] if outcome.has_header else []
    rows = [*header, *outcome.rows]
    found: dict[str, Any] = {
        "ResultSet": {
            "Rows": [
                {"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in rows[start : start + size]
            ],
            "ResultSetMetadata": {"ColumnInfo": outcome.columns},
        }
    }
    if outcome.kind == "DML" or outcome.update_count is not None:
        found["UpdateCount"] = outcome.update_count or 0
    if start + size < len(rows):
        found["NextToken"] = str(start + size)
    return found


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise ApiError.invalid(f"NextToken: expected a token of an earlier answer, found {token!r}")
    return int(token)


def read_back(execution: Execution, objects: ObjectStore) -> list[list[str | None]]:
    """The rows of an execution from before a restart, from its result file."""
    text = objects.read(execution.output_location).decode()
    if execution.outcome is not None and execution.outcome.is_text:
        return [list(line.split("\t")) for line in text.splitlines()]
    return _csv_rows(text)[1:]


def _csv_rows(text: str) -> list[list[str | None]]:
    """Rows of our CSV: nothing between commas is NULL, two quotes are the empty text."""
    rows: list[list[str | None]] = [[]]
    for found in re.finditer(r'(?:"((?:[^"]|"")*)")?([,\n])', text):
        value, separator = found.groups()
        rows[-1].append(None if value is None else value.replace('""', '"'))
        if separator == "\n":
            rows.append([])
    return rows[:-1]
