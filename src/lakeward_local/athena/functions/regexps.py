"""Regular expressions. https://trino.io/docs/current/functions/regexp.html

Trino's patterns are Java's (Joni); DuckDB's RE2 lacks look-around and back-references and differs in classes, so the
matching is done by Python's ``re`` after a translation of the syntax (``native.regexps``).
"""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.functions.registry import Function, scalar

FUNCTIONS: Final[list[Function]] = [
    scalar("regexp_like(varchar, varchar) -> boolean", "trino_regexp_like({0}, {1})"),
    scalar("regexp_extract(varchar, varchar) -> arg0", "trino_regexp_extract({0}, {1}, 0)"),
    scalar("regexp_extract(varchar, varchar, bigint) -> arg0", "trino_regexp_extract({0}, {1}, {2})"),
    scalar("regexp_extract_all(varchar, varchar) -> array(varchar)", "trino_regexp_extract_all({0}, {1}, 0)"),
    scalar("regexp_extract_all(varchar, varchar, bigint) -> array(varchar)", "trino_regexp_extract_all({0}, {1}, {2})"),
    scalar("regexp_replace(varchar, varchar) -> arg0", "trino_regexp_replace({0}, {1}, '')"),
    scalar("regexp_replace(varchar, varchar, varchar) -> varchar", "trino_regexp_replace({0}, {1}, {2})"),
    scalar("regexp_replace(varchar, varchar, function(array(varchar), varchar)) -> varchar", "{*}"),
    scalar("regexp_split(varchar, varchar) -> array(varchar)", "trino_regexp_split({0}, {1})"),
    scalar("regexp_count(varchar, varchar) -> bigint", "trino_regexp_count({0}, {1})"),
    scalar("regexp_position(varchar, varchar) -> integer", "trino_regexp_position({0}, {1}, 1, 1)"),
    scalar("regexp_position(varchar, varchar, bigint) -> integer", "trino_regexp_position({0}, {1}, {2}, 1)"),
    scalar("regexp_position(varchar, varchar, bigint, bigint) -> integer", "trino_regexp_position({0}, {1}, {2}, {3})"),
]
