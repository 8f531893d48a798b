"""Walking over tokens: shared by the parsers of expressions, queries and statements."""

from __future__ import annotations

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.syntax.lexer import RESERVED, Token, tokenize
from lakeward_local.athena.syntax.nodes import Name


class Cursor:
    """The tokens of one statement and the place reached in them."""

    def __init__(self, sql: str, *, backquotes: bool = False) -> None:
        self.sql = sql
        self.tokens = tokenize(sql)
        self.position = 0
        self.parameters = 0
        self.backquotes = backquotes

    @property
    def here(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.position + distance, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.here
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def fail(self, expecting: str = "", token: Token | None = None) -> QueryError:
        """The error for an unexpected token; the caller raises it."""
        found = token or self.here
        if found.kind == "backquoted":
            return QueryError(
                "SYNTAX_ERROR",
                "backquoted identifiers are not supported; use double quotes to quote identifiers",
                found.at,
            )
        hint = f". Expecting: {expecting}" if expecting else ""
        return QueryError("SYNTAX_ERROR", f"mismatched input '{found.text}'{hint}", found.at)

    # ---- words and signs

    def at_words(self, *words: str) -> bool:
        """Whether the next tokens are exactly these unquoted words (signs count by their text)."""
        return all(
            (t := self.ahead(i)).word == w or (t.kind == "operator" and t.text == w) for i, w in enumerate(words)
        )

    def take(self, *words: str) -> bool:
        """Step over these words when they come next."""
        if not self.at_words(*words):
            return False
        self.position += len(words)
        return True

    def take_any(self, *words: str) -> str | None:
        """Step over one of these words when it comes next, and say which."""
        return next((w for w in words if self.take(w)), None)

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise self.fail(f"'{word.upper()}'")

    # ---- names and constants

    def at_name(self) -> bool:
        kind = self.here.kind
        return (
            kind == "quoted"
            or (kind == "word" and self.here.word not in RESERVED)
            or (kind == "backquoted" and self.backquotes)
        )

    def name(self) -> Name:
        if not self.at_name():
            raise self.fail("<identifier>")
        token = self.advance()
        quote = token.text[0] if token.kind in {"quoted", "backquoted"} else ""
        written = token.text[1:-1].replace(quote * 2, quote) if quote else token.text
        return Name(written.lower(), written, at=token.at)

    def dotted_name(self) -> tuple[str, ...]:
        parts = [self.name().text]
        while self.take("."):
            parts.append(self.name().text)
        return tuple(parts)

    def name_list(self) -> tuple[str, ...]:
        """Names in brackets."""
        self.expect("(")
        names = [self.name().text]
        while self.take(","):
            names.append(self.name().text)
        self.expect(")")
        return tuple(names)

    def string(self) -> str:
        if self.here.kind != "string":
            raise self.fail("<string>")
        return self.advance().text[1:-1].replace("''", "'")

    def integer(self) -> int:
        if self.here.kind != "integer":
            raise self.fail("<integer>")
        return int(self.advance().text)

    def end(self) -> None:
        """Nothing may follow but one semicolon."""
        is_closed = self.take(";")
        if self.here.kind != "end":
            if is_closed:
                raise QueryError("SYNTAX_ERROR", f"Only one sql statement is allowed. Got: {self.sql}")
            raise self.fail("<EOF>")

    def rest(self) -> str:
        """The text from here on, without a closing semicolon; the cursor ends."""
        start = self.here.start
        last = self.tokens[-2] if self.tokens[-2].text == ";" else self.tokens[-1]
        self.position = len(self.tokens) - 1
        return self.sql[start : last.start].rstrip()

    # ---- types

    def type_text(self) -> str:
        """Step over a type and give its text in Trino's form."""
        start = self.position
        self._skip_type()
        return " ".join(t.text for t in self.tokens[start : self.position])

    def _skip_type(self) -> None:
        if self.here.kind not in {"word", "quoted"}:
            raise self.fail("<type>")
        word = self.advance().word
        if word == "interval":
            self.position += 3
            return
        if word == "double":
            self.take("precision")
        if self.take("("):
            depth = 1
            while depth:
                if self.here.kind == "end":
                    raise self.fail("')'")
                depth += (self.here.text == "(") - (self.here.text == ")")
                self.advance()
        if word in {"timestamp", "time"} and not self.take("with", "time", "zone"):
            self.take("without", "time", "zone")
