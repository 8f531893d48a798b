"""Expressions of computed columns: a small part of SQL, read into a tree of what is known and nothing else.

expression  or, and, not, comparisons (= <> < <= > >=), is [not] null, [not] in (…), [not] between … and …,
            ||, + - * / %, a sign, parentheses
values      1, 1.5, 'text' (a quote doubled), true, false, null, names of columns
forms       case when … then … else … end, cast(… as type), function(…)
"""

import difflib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WORDS = frozenset(
    "and or not is null in between case when then else end cast as true false".split()  # noqa: SIM905
)
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|'(?P<text>(?:[^']|'')*)'|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>\|\||<>|<=|>=|[-+*/%=<>(),]))"
)
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
MOST_CHARACTERS, MOST_DEPTH, MOST_STEPS = 2_000, 50, 100


@dataclass(frozen=True)
class Node:
    """A piece of an expression.

    ``op`` is ``column``, ``number``, ``text``, ``true``, ``false`` or ``null`` (with ``name`` the value as written),
    ``case`` (conditions and results in turn, then what else holds), ``cast`` (``name`` is the type), ``call`` (``name``
    is the function), or the operator itself. ``a and b and c`` is one of three; ``a + b + c`` is one inside another,
    and of those that need one another's results there are at most ``MOST_STEPS``.
    """

    op: str
    args: tuple["Node", ...] = ()
    name: str = ""
    steps: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", 1 + max((arg.steps for arg in self.args), default=-1))
        if self.steps > MOST_STEPS:
            words = f"expected at most {MOST_STEPS} operations that need one another's results, found more"
            raise ValueError(f"{words}; make a column of a part of it")

    def columns(self) -> list[str]:
        """The columns that it names, each once, in order."""
        own = [self.name] if self.op == "column" else []
        return list(dict.fromkeys([*own, *(name for arg in self.args for name in arg.columns())]))


def parse_expression(text: str) -> Node:
    """Read an expression.

    Raises:
        ValueError: it is none; the message says what was expected and where.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"expected at most {MOST_CHARACTERS} characters, found {len(text)}")
    return _Reader(text).whole()


class _Reader:
    """Reads tokens from left to right; each method reads what binds as tightly as its name says."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._or()
        if self._at < len(self._tokens):
            raise self._unexpected("the end")
        return node

    def _or(self) -> Node:
        with self._inside():
            return self._joined_by("or", self._and)

    def _and(self) -> Node:
        return self._joined_by("and", self._not)

    def _not(self) -> Node:
        if self._take("not"):
            with self._inside():
                return Node("not", (self._not(),))
        return self._comparison()

    def _comparison(self) -> Node:
        node = self._joined()
        if self._take("is"):
            negated = self._take("not")
            self._expect("null")
            return _negated(Node("is null", (node,)), negated)
        negated = self._take("not")
        if self._take("in"):
            self._expect("(")
            return _negated(Node("in", (node, *self._list())), negated)
        if self._take("between"):
            low = self._joined()
            self._expect("and")
            both = Node("and", (Node(">=", (node, low)), Node("<=", (node, self._joined()))))
            return _negated(both, negated)
        if negated:
            raise self._unexpected("in or between")
        for operator in COMPARISONS:
            if self._take(operator):
                return Node(operator, (node, self._joined()))
        return node

    def _joined(self) -> Node:
        return self._joined_by("||", self._sum)

    def _sum(self) -> Node:
        node = self._product()
        while operator := self._take_one("+", "-"):
            node = Node(operator, (node, self._product()))
        return node

    def _product(self) -> Node:
        node = self._signed()
        while operator := self._take_one("*", "/", "%"):
            node = Node(operator, (node, self._signed()))
        return node

    def _signed(self) -> Node:
        if self._take("-"):
            with self._inside():
                return Node("negative", (self._signed(),))
        return self._value()

    def _value(self) -> Node:
        if self._at >= len(self._tokens):
            raise ValueError("expected a value, found the end")
        if self._take("("):
            node = self._or()
            self._expect(")")
            return node
        if word := self._take_one("true", "false", "null"):
            return Node(word)
        if self._take("case"):
            return self._case()
        if self._take("cast"):
            return self._cast()
        kind, written = self._tokens[self._at]
        if kind == "mark" or (kind == "word" and written in WORDS):
            raise self._unexpected("a value")
        self._at += 1
        if kind != "word":
            return Node(kind, name=written)
        return Node("call", tuple(self._list()), written) if self._take("(") else Node("column", name=written)

    def _case(self) -> Node:
        parts = []
        while self._take("when"):
            parts.append(self._or())
            self._expect("then")
            parts.append(self._or())
        if not parts:
            raise self._unexpected("when")
        parts.append(self._or() if self._take("else") else Node("null"))
        self._expect("end")
        return Node("case", tuple(parts))

    def _cast(self) -> Node:
        self._expect("(")
        node = self._or()
        self._expect("as")
        kind, name = self._tokens[self._at] if self._at < len(self._tokens) else ("", "the end")
        if kind != "word":
            raise self._unexpected("the name of a type")
        self._at += 1
        if self._take("("):
            numbers = [arg.name for arg in self._list()]
            name += f"({','.join(numbers)})"
        self._expect(")")
        return Node("cast", (node,), name)

    def _list(self) -> list[Node]:
        """What follows an opening bracket, with the closing one."""
        if self._take(")"):
            return []
        nodes = [self._or()]
        while self._take(","):
            nodes.append(self._or())
        self._expect(")")
        return nodes

    def _joined_by(self, operator: str, read: Callable[[], Node]) -> Node:
        nodes = [read()]
        while self._take(operator):
            nodes.append(read())
        return nodes[0] if len(nodes) == 1 else Node(operator, tuple(nodes))

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ValueError(f"expected at most {MOST_DEPTH} expressions inside one another, found more")
        yield
        self._depth -= 1

    def _take(self, token: str) -> bool:
        kind, found = self._tokens[self._at] if self._at < len(self._tokens) else ("", None)
        if kind in ("word", "mark") and found == token:
            self._at += 1
            return True
        return False

    def _take_one(self, *tokens: str) -> str | None:
        return next((token for token in tokens if self._take(token)), None)

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._unexpected(token)

    def _unexpected(self, wanted: str) -> ValueError:
        found = self._tokens[self._at][1] if self._at < len(self._tokens) else "the end"
        return ValueError(f"expected {wanted}, found {found}")


def _negated(node: Node, negated: bool) -> Node:
    return Node("not", (node,)) if negated else node


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of every token; words in lower case, since names of columns are."""
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"expected numbers, 'texts', names and operators, found {text[at:].strip()[:20]!r}")
        kind = str(match.lastgroup)
        token = match[kind]
        found.append((kind, token.replace("''", "'") if kind == "text" else token.lower() if kind == "word" else token))
        at = match.end()
    return found


def nearest(name: str, known: list[str]) -> str:
    """What to say to whoever named something that is not there."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
