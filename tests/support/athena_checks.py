"""Reads ``checks/*.checks`` and ``checks/*.jsonl``: what Athena answers, one check a line, each under its source.

A ``.checks`` file::

    ## https://trino.io/docs/current/functions/math.html      where the expectations below come from
    abs(-3) => 3 :: integer                                   an expression, its one value, its type
    1 / 0 => !DIVISION_BY_ZERO                                it must fail with this code (or contain this text)
    SELECT * FROM t => 1 | a // 2 | NULL                      a query: columns by |, rows by //; () is no row at all
    CREATE ... ;; SELECT ... => 1                             statements in order; the last one is judged

``NULL`` is SQL NULL; every value is compared as the text that GetQueryResults gives.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "conformance" / "checks"
_STATEMENT = re.compile(
    r"\s*(SELECT|WITH|VALUES|TABLE|CREATE|DROP|ALTER|INSERT|DELETE|UPDATE|MERGE|SHOW|DESCRIBE|DESC|EXPLAIN|MSCK|PREPARE|EXECUTE|"
    r"DEALLOCATE|UNLOAD|OPTIMIZE|VACUUM|SELEC)\b", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        sql: statements run in order; the last one is judged.
        rows: the expected values as text, None for SQL NULL; None when it must fail.
        types: expected ResultSetMetadata types, None when not judged.
        error: a Trino error code or text that the failure must contain.
        source: the document that the expectation is from.
    """

    id: str
    sql: tuple[str, ...]
    rows: list[list[str | None]] | None
    types: list[str] | None
    error: str | None
    source: str
    database: str = "probe"


def read_all() -> list[Check]:
    """All checks of the folder."""
    found: list[Check] = []
    for path in sorted(FOLDER.iterdir()):
        found += _jsonl(path) if path.suffix == ".jsonl" else _lines(path)
    return found


def _jsonl(path: Path) -> list[Check]:
    checks = []
    for line in path.read_text().splitlines():
        c = json.loads(line)
        source = c.get("source", "Trino and Athena documentation")
        checks.append(
            Check(
                c["id"], tuple(c["sql"]), c.get("rows"), c.get("types"), c.get("error_contains"), source, c["database"]
            )
        )
    return checks


def _lines(path: Path) -> list[Check]:
    checks, source = [], ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("## "):
            source = line.removeprefix("## ")
        elif line.strip() and not line.startswith("# "):
            if not source:
                raise ValueError(f"{path.name}:{number}: a check needs its source above it (## https://...)")
            checks.append(_line(f"{path.stem}:{number}", line, source))
    return checks


def _line(check_id: str, line: str, source: str) -> Check:
    left, arrow, right = line.rpartition(" => ")
    if not arrow:
        raise ValueError(f"{check_id}: expected 'sql => answer', found {line!r}")
    is_expression = not _STATEMENT.match(left)
    sql = (f"SELECT {left}",) if is_expression else tuple(x.strip() for x in left.split(" ;; "))
    if right.startswith("!"):
        return Check(check_id, sql, None, None, right[1:], source)
    answer, has_types, types = right.rpartition(" :: ")
    answer = answer if has_types else right
    if is_expression:
        rows = [[_value(answer)]]
    elif answer.strip() == "()":
        rows = []
    else:
        rows = [[_value(v.strip()) for v in row.split(" | ")] for row in answer.split(" // ")]
    return Check(check_id, sql, rows, [t.strip() for t in types.split(",")] if has_types else None, None, source)


def _value(text: str) -> str | None:
    return None if text == "NULL" else text
