"""Trino's tokens.

Source: SqlBase.g4 of Trino; backquotes are read (Hive DDL has them) and refused by the query parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lakeward_local.athena.errors import Position, QueryError

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<unicode>[Uu]&'(?:[^']|'')*')
      | (?P<binary>[Xx]'[^']*')
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<backquoted>`(?:[^`]|``)*`)
      | (?P<double>(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d+)
      | (?P<decimal>\d+\.\d*|\.\d+)
      | (?P<integer>\d+(?![A-Za-z_]))
      | (?P<digit_word>\d\w*)
      | (?P<word>[A-Za-z_][\w@:$]*?(?=[^\w@$]|$))
      | (?P<operator><>|!=|<=|>=|->|=>|\|\||[-+*/%=<>(),.;?\[\]:|{}^@])
    """,
    re.VERBOSE | re.DOTALL,
)

#: Words that cannot be a name unless quoted. https://trino.io/docs/current/language/reserved.html
RESERVED: Final = frozenset(
    [
        "alter",
        "and",
        "as",
        "between",
        "by",
        "case",
        "cast",
        "constraint",
        "create",
        "cross",
        "cube",
        "current_catalog",
        "current_date",
        "current_path",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "deallocate",
        "delete",
        "describe",
        "distinct",
        "drop",
        "else",
        "end",
        "escape",
        "except",
        "execute",
        "exists",
        "extract",
        "false",
        "for",
        "from",
        "full",
        "group",
        "grouping",
        "having",
        "in",
        "inner",
        "insert",
        "intersect",
        "into",
        "is",
        "join",
        "json_array",
        "json_exists",
        "json_object",
        "json_query",
        "json_table",
        "json_value",
        "left",
        "like",
        "listagg",
        "localtime",
        "localtimestamp",
        "natural",
        "normalize",
        "not",
        "null",
        "on",
        "or",
        "order",
        "outer",
        "prepare",
        "recursive",
        "right",
        "rollup",
        "select",
        "skip",
        "table",
        "then",
        "trim",
        "true",
        "uescape",
        "union",
        "unnest",
        "using",
        "values",
        "when",
        "where",
        "with",
    ]
)


@dataclass(frozen=True)
class Token:
    """One token: its kind, its text as written, and where it stands."""

    kind: str
    text: str
    at: Position
    start: int
    end: int

    @property
    def word(self) -> str:
        """The lower-case word when this is an unquoted word, else an empty string."""
        return self.text.lower() if self.kind == "word" else ""


def tokenize(sql: str) -> list[Token]:
    """The tokens of a statement, ending in an ``end`` token.

    Raises:
        QueryError: SYNTAX_ERROR, a character that starts no token.
    """
    tokens: list[Token] = []
    offset, line, line_start = 0, 1, 0
    while offset < len(sql):
        found = _TOKEN.match(sql, offset)
        at = (line, offset - line_start + 1)
        if not found:
            raise QueryError("SYNTAX_ERROR", f"mismatched input '{sql[offset]}'", at)
        kind = str(found.lastgroup)
        if kind == "digit_word":
            raise QueryError(
                "SYNTAX_ERROR",
                "identifiers must not start with a digit; surround the identifier with double quotes",
                at,
            )
        if kind != "space":
            tokens.append(Token(kind, found.group(), at, offset, found.end()))
        newlines = found.group().count("\n")
        if newlines:
            line += newlines
            line_start = offset + found.group().rindex("\n") + 1
        offset = found.end()
    tokens.append(Token("end", "<EOF>", (line, offset - line_start + 1), offset, offset))
    return tokens
