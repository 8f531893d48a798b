"""Expressions: Trino's precedence, from OR down to the primary expression."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax.cursor import Cursor

COMPARISONS: Final = ("=", "<>", "!=", "<=", ">=", "<", ">")
_NILADIC: Final = {"current_date", "current_timestamp", "current_time", "localtime", "localtimestamp", "current_user",
                   "current_catalog", "current_schema", "current_role", "current_path"}  # fmt: skip
_TYPED_LITERALS: Final = {
    "date",
    "time",
    "timestamp",
    "real",
    "double",
    "bigint",
    "integer",
    "smallint",
    "tinyint",
    "decimal",
    "varchar",
    "char",
    "json",
    "boolean",
    "ipaddress",
    "uuid",
    "varbinary",
}
_EXTRACT_FIELDS: Final = frozenset(
    {"year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
     "year_of_week", "yow", "hour", "minute", "second", "timezone_hour", "timezone_minute"}
)  # fmt: skip
_INTERVAL_UNITS: Final = ("year", "month", "week", "day", "hour", "minute", "second")


class ExpressionParser(Cursor):
    """Reads expressions; queries inside them are read by the subclass."""

    def query(self) -> n.Query:
        raise NotImplementedError

    def expression(self) -> n.Expression:
        return self._logical("or", lambda: self._logical("and", self._negation))

    def expressions(self) -> tuple[n.Expression, ...]:
        items = [self.expression()]
        while self.take(","):
            items.append(self.expression())
        return tuple(items)

    def _logical(self, word: str, operand: Callable[[], n.Expression]) -> n.Expression:
        terms = [operand()]
        at = self.here.at
        while self.take(word):
            terms.append(operand())
        return terms[0] if len(terms) == 1 else n.Logical(word, tuple(terms), at=at)

    def _negation(self) -> n.Expression:
        at = self.here.at
        return n.Not(self._negation(), at=at) if self.take("not") else self._predicate()

    # ---- predicates

    def _predicate(self) -> n.Expression:
        left = self._concatenation()
        while True:
            at = self.here.at
            operator = self.take_any(*COMPARISONS)
            if operator:
                left = self._comparison("<>" if operator == "!=" else operator, left, at)
                continue
            negated = self.take("not") if self.ahead().word in {"between", "in", "like"} else False
            found = self._suffix(left, at)
            if found is None:
                return left
            left = n.Not(found, at=at) if negated else found

    def _comparison(self, operator: str, left: n.Expression, at: Position) -> n.Expression:
        quantifier = self.here.word
        if quantifier in {"all", "any", "some"} and self.ahead().text == "(":
            self.advance()
            self.expect("(")
            query = self.query()
            self.expect(")")
            return n.Quantified(operator, "all" if quantifier == "all" else "any", left, query, at=at)
        return n.Binary(operator, left, self._concatenation(), at=at)

    def _suffix(self, left: n.Expression, at: Position) -> n.Expression | None:
        if self.take("between"):
            low = self._concatenation()
            self.expect("and")
            return n.Between(left, low, self._concatenation(), at=at)
        if self.take("in"):
            return self._in(left, at)
        if self.take("like"):
            pattern = self._concatenation()
            return n.Like(left, pattern, self._concatenation() if self.take("escape") else None, at=at)
        if self.take("is"):
            negated = self.take("not")
            if self.take("null"):
                found: n.Expression = n.IsNull(left, at=at)
            else:
                self.expect("distinct", "from")
                found = n.IsDistinct(left, self._concatenation(), at=at)
            return n.Not(found, at=at) if negated else found
        return None

    def _in(self, left: n.Expression, at: Position) -> n.Expression:
        self.expect("(")
        if self.at_query():
            found: n.Expression = n.InQuery(left, self.query(), at=at)
        else:
            found = n.InList(left, self.expressions(), at=at)
        self.expect(")")
        return found

    def at_query(self) -> bool:
        """Whether a query starts here, possibly behind brackets."""
        distance = 0
        while self.ahead(distance).text == "(":
            distance += 1
        return self.ahead(distance).word in {"select", "with", "values", "table"}

    # ---- values

    def _concatenation(self) -> n.Expression:
        return self._chain(("||",), lambda: self._chain(("+", "-"), lambda: self._chain(("*", "/", "%"), self._unary)))

    def _chain(self, operators: tuple[str, ...], operand: Callable[[], n.Expression]) -> n.Expression:
        left = operand()
        while True:
            at = self.here.at
            operator = self.take_any(*operators)
            if operator is None:
                return left
            left = n.Binary(operator, left, operand(), at=at)

    def _unary(self) -> n.Expression:
        at = self.here.at
        operator = self.take_any("-", "+")
        if operator:
            return n.Unary(operator, self._unary(), at=at)
        value = self._postfix()
        while self.at_words("at", "time", "zone"):
            at = self.here.at
            self.expect("at", "time", "zone")
            value = n.AtTimeZone(value, self._postfix(), at=at)
        return value

    def _postfix(self) -> n.Expression:
        value = self._primary()
        while True:
            at = self.here.at
            if self.take("["):
                value = n.Subscript(value, self._concatenation(), at=at)
                self.expect("]")
            elif self.here.text == "." and self.ahead().kind in {"word", "quoted"}:
                self.advance()
                value = n.Dereference(value, self._field_name(), at=at)
            else:
                return value

    def _field_name(self) -> n.Name:
        return self.name()

    # ---- primary expressions

    def _primary(self) -> n.Expression:  # noqa: PLR0911 - one kind a line
        token = self.here
        match token.kind:
            case "integer" | "decimal" | "double":
                return n.Literal(token.kind, self.advance().text, at=token.at)
            case "string":
                return n.Literal("string", self.string(), at=token.at)
            case "binary":
                return n.Literal("binary", self.advance().text[2:-1], at=token.at)
            case "unicode":
                return self._unicode()
            case "operator":
                return self._bracketed() if token.text == "(" else self._sign()
            case "word":
                special = self._word(token.word)
                if special is not None:
                    return special
        return self._name_or_call()

    def _unicode(self) -> n.Expression:
        """``U&'\\0041 \\+01F600'``, the escape character a backslash unless UESCAPE says otherwise."""
        token = self.advance()
        text = token.text[3:-1].replace("''", "'")
        escape = re.escape(self.string() if self.take("uescape") else "\\")
        pattern = rf"{escape}(?:({escape})|([0-9A-Fa-f]{{4}})|\+([0-9A-Fa-f]{{6}})|(.?))"

        def one(found: re.Match[str]) -> str:
            itself, short, long, wrong = found.groups()
            if wrong is not None:
                raise QueryError("SYNTAX_ERROR", f"Invalid escape in Unicode literal {token.text}", token.at)
            return itself or chr(int(short or long, 16))

        return n.Literal("string", re.sub(pattern, one, text), at=token.at)

    def _sign(self) -> n.Expression:
        at = self.here.at
        if self.take("?"):
            self.parameters += 1
            return n.Parameter(self.parameters - 1, at=at)
        raise self.fail("<expression>")

    def _bracketed(self) -> n.Expression:
        at = self.here.at
        if self._at_lambda():
            self.expect("(")
            params: list[str] = []
            while not self.take(")"):
                params.append(self.name().text)
                self.take(",")
            self.expect("->")
            return n.Lambda(tuple(params), self.expression(), at=at)
        self.expect("(")
        if self.at_query():
            query = self.query()
            self.expect(")")
            return n.ScalarQuery(query, at=at)
        items = self.expressions()
        self.expect(")")
        return items[0] if len(items) == 1 else n.RowOf(items, at=at)

    def _at_lambda(self) -> bool:
        distance = 1
        while self.ahead(distance).kind in {"word", "quoted"} or self.ahead(distance).text == ",":
            distance += 1
        return self.ahead(distance).text == ")" and self.ahead(distance + 1).text == "->"

    def _word(self, word: str) -> n.Expression | None:  # noqa: PLR0911 - one kind a line
        at = self.here.at
        following = self.ahead()
        if word in {"null", "true", "false"}:
            self.advance()
            return n.Literal("null" if word == "null" else "boolean", word, at=at)
        if following.kind == "string" and word in _TYPED_LITERALS:
            self.advance()
            return n.Literal(word, self.string(), at=at)
        if word == "double" and following.word == "precision" and self.ahead(2).kind == "string":
            self.expect("double", "precision")
            return n.Literal("double", self.string(), at=at)
        if word in _NILADIC:
            return self._niladic(word)
        handler = _WORD_FORMS.get(word)
        if handler and (following.text in {"(", "["} or word in {"case", "interval"}):
            if word == "array" and following.text != "[":
                return None
            if word == "interval" and following.kind != "string" and following.text not in {"+", "-"}:
                return None
            return handler(self)
        return None

    def _niladic(self, word: str) -> n.Expression:
        at = self.advance().at
        precision: tuple[n.Expression, ...] = ()
        if self.here.text == "(" and self.ahead().kind == "integer":
            self.advance()
            precision = (n.Literal("integer", str(self.integer()), at=at),)
            self.expect(")")
        return n.Call(word, precision, at=at)

    def _name_or_call(self) -> n.Expression:
        at = self.here.at
        if self.here.word in {"grouping", "listagg"} and self.ahead().text == "(":
            return self.call(self.advance().word)
        name = self.name()
        if self.take("->"):
            return n.Lambda((name.text,), self.expression(), at=at)
        if self.here.text == "(" and self.tokens[self.position - 1].kind != "string":
            return self.call(name.text, at)
        return name

    def call(self, name: str, at: Position | None = None) -> n.Expression:
        """The arguments of a function and what may follow them; the cursor stands on the bracket."""
        raise NotImplementedError


def _case(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    operand = None if p.here.word == "when" else p.expression()
    whens = []
    while p.take("when"):
        condition = p.expression()
        p.expect("then")
        whens.append((condition, p.expression()))
    if not whens:
        raise p.fail("'WHEN'")
    default = p.expression() if p.take("else") else None
    p.expect("end")
    return n.Case(operand, tuple(whens), default, at=at)


def _cast(p: ExpressionParser) -> n.Expression:
    token = p.advance()
    p.expect("(")
    value = p.expression()
    p.expect("as")
    type_text = p.type_text()
    p.expect(")")
    return n.Cast(value, type_text, safe=token.word == "try_cast", at=token.at)


def _extract(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    token = p.advance()
    field = token.text.lower()
    if field not in _EXTRACT_FIELDS:
        raise QueryError("SYNTAX_ERROR", f"Invalid EXTRACT field: {token.text}", token.at)
    p.expect("from")
    value = p.expression()
    p.expect(")")
    return n.Extract(field, value, at=at)


def _interval(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    negative = p.take_any("-", "+") == "-"
    value = p.string()
    start = p.here.word.removesuffix("s") if p.here.word.removesuffix("s") in _INTERVAL_UNITS else ""
    if p.here.word not in _INTERVAL_UNITS:
        raise p.fail("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")
    p.advance()
    end = p.advance().word if p.take("to") else None
    return n.Interval(value, negative, start, end, at=at)


def _exists(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    query = p.query()
    p.expect(")")
    return n.Exists(query, at=at)


def _array(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("[")
    items = () if p.here.text == "]" else p.expressions()
    p.expect("]")
    return n.ArrayOf(items, at=at)


def _row(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    items = p.expressions()
    p.expect(")")
    return n.RowOf(items, at=at)


def _substring(p: ExpressionParser) -> n.Expression:
    token = p.advance()
    p.expect("(")
    args = [p.expression()]
    if p.take("from"):
        args.append(p.expression())
        if p.take("for"):
            args.append(p.expression())
    else:
        while p.take(","):
            args.append(p.expression())
    p.expect(")")
    return n.Call("substring", tuple(args), at=token.at)


def _position(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    needle = p._concatenation()
    p.expect("in")
    haystack = p.expression()
    p.expect(")")
    return n.Call("strpos", (haystack, needle), at=at)


def _trim(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    side = p.take_any("leading", "trailing", "both")
    function = {"leading": "ltrim", "trailing": "rtrim"}.get(side or "", "trim")
    if side and p.take("from"):
        args: tuple[n.Expression, ...] = (p.expression(),)
    else:
        args = (p.expression(),)
        if p.take("from"):
            args = (p.expression(), args[0])
        elif p.take(","):
            args = (args[0], p.expression())
    p.expect(")")
    return n.Call(function, args, at=at)


def _normalize(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    args = [p.expression()]
    if p.take(","):
        form = p.take_any("nfd", "nfc", "nfkd", "nfkc")
        if form is None:
            raise p.fail("'NFC', 'NFD', 'NFKC', 'NFKD'")
        args.append(n.Literal("string", form, at=at))
    p.expect(")")
    return n.Call("normalize", tuple(args), at=at)


def _json(p: ExpressionParser) -> n.Expression:
    token = p.advance()
    p.expect("(")
    value = p.expression()
    if p.take("format", "json"):
        pass
    p.expect(",")
    path = p.string()
    passing = _passing(p)
    returning = p.type_text() if p.take("returning") else None
    options: list[tuple[str, n.Expression | None]] = []
    while not p.take(")"):
        options.append(json_option(p))
    return n.JsonPath(token.word, value, path, returning, tuple(options), passing, at=token.at)


def _passing(p: ExpressionParser) -> tuple[tuple[str, n.Expression, bool], ...]:
    """``PASSING 1 AS "a"``: an unquoted name counts in upper case."""
    found: list[tuple[str, n.Expression, bool]] = []
    while p.take(",") if found else p.take("passing"):
        value = p.expression()
        formatted = p.take("format", "json")
        p.expect("as")
        quoted = p.here.kind == "quoted"
        name = p.name().written
        found.append((name if quoted else name.upper(), value, formatted))
    return tuple(found)


def _json_object(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    members: list[tuple[n.Expression | None, n.Expression, bool]] = []
    while not _at_constructor_end(p):
        p.take("key") if p.here.word == "key" and p.ahead().text not in {":", "value"} else None
        key = p.expression()
        if not p.take(":"):
            p.expect("value")
        members.append((key, p.expression(), p.take("format", "json")))
        if not p.take(","):
            break
    absent = p.take("absent", "on", "null")
    if not absent:
        p.take("null", "on", "null")
    unique = p.take("with", "unique")
    if unique or p.take("without", "unique"):
        p.take("keys")
    _returning_varchar(p)
    return n.JsonConstructor("json_object", tuple(members), absent, unique, at=at)


def _json_array(p: ExpressionParser) -> n.Expression:
    at = p.advance().at
    p.expect("(")
    members: list[tuple[n.Expression | None, n.Expression, bool]] = []
    while not _at_constructor_end(p):
        members.append((None, p.expression(), p.take("format", "json")))
        if not p.take(","):
            break
    keep = p.take("null", "on", "null")
    if not keep:
        p.take("absent", "on", "null")
    _returning_varchar(p)
    return n.JsonConstructor("json_array", tuple(members), not keep, at=at)


def _at_constructor_end(p: ExpressionParser) -> bool:
    return p.here.text == ")" or p.at_words("returning") or p.at_words("null", "on") or p.at_words("absent", "on")


def _returning_varchar(p: ExpressionParser) -> None:
    if p.take("returning"):
        at = p.here.at
        if p.type_text().lower() != "varchar":
            raise unsupported("RETURNING another type than varchar here", at)
        p.take("format", "json")
    p.expect(")")


def json_option(p: ExpressionParser) -> tuple[str, n.Expression | None]:
    words: list[str] = []
    default: n.Expression | None = None
    if p.take("default"):
        words.append("default")
        default = p.expression()
    while p.here.kind == "word":
        words.append(p.advance().word)
        if words[-1] in {"empty", "error", "wrapper", "quotes"} and (len(words) > 1 and words[-2] != "default"):
            break
    if not words:
        raise p.fail("')'")
    return "_".join(words), default


_WORD_FORMS: Final[dict[str, Callable[[ExpressionParser], n.Expression]]] = {
    "case": _case,
    "cast": _cast,
    "try_cast": _cast,
    "extract": _extract,
    "interval": _interval,
    "exists": _exists,
    "array": _array,
    "row": _row,
    "substring": _substring,
    "position": _position,
    "trim": _trim,
    "normalize": _normalize,
    "json_value": _json,
    "json_query": _json,
    "json_exists": _json,
    "json_object": _json_object,
    "json_array": _json_array,
}
