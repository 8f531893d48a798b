"""Function calls with what may follow them: FILTER, WITHIN GROUP, OVER; windows; ORDER BY."""

from __future__ import annotations

from lakeward_local.athena.errors import Position
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax.expressions import ExpressionParser


class CallParser(ExpressionParser):
    """Reads calls, windows and sort items."""

    def call(self, name: str, at: Position | None = None) -> n.Expression:
        where = at or self.here.at
        self.expect("(")
        args: tuple[n.Expression, ...] = ()
        distinct = False
        order_by: tuple[n.SortItem, ...] = ()
        if name == "count" and self.take("*"):
            pass
        elif self.here.text != ")":
            distinct = self.take_any("distinct", "all") == "distinct"
            args = self.expressions()
            order_by = self._order_by()
        if name == "listagg" and self.take("on"):
            self._overflow()
        self.expect(")")
        if self.take("within"):
            self.expect("group", "(")
            order_by = self._order_by()
            self.expect(")")
        elif name == "listagg":
            raise self.fail("'WITHIN'")
        filtered = None
        if self.at_words("filter", "("):
            self.position += 2
            self.expect("where")
            filtered = self.expression()
            self.expect(")")
        nulls = None
        if self.at_words("ignore", "nulls") or self.at_words("respect", "nulls"):
            nulls = self.advance().word
            self.advance()
        if name == "listagg" and self.at_words("over"):
            raise self.fail()
        over = self._over() if self.take("over") else None
        return n.Call(name, args, distinct, order_by, filtered, over, nulls, at=where)

    def _overflow(self) -> None:
        """ON OVERFLOW of LISTAGG: what is longer than a mebibyte fails here either way."""
        self.expect("overflow")
        if self.take("error"):
            return
        self.expect("truncate")
        if self.here.kind == "string":
            self.advance()
        if self.take_any("with", "without") is None:
            raise self.fail("'WITH', 'WITHOUT'")
        self.expect("count")

    def _over(self) -> n.Window:
        if self.here.text != "(":
            return n.Window(name=self.name().text)
        return self._window()

    def _windows(self) -> tuple[tuple[str, n.Window], ...]:
        found = []
        while True:
            name = self.name().text
            self.expect("as")
            found.append((name, self._window()))
            if not self.take(","):
                return tuple(found)

    def _window(self) -> n.Window:
        at = self.here.at
        self.expect("(")
        name = None
        if self.at_name() and self.here.word not in {"partition", "rows", "range", "groups"}:
            name = self.name().text
        partition_by: tuple[n.Expression, ...] = ()
        if self.take("partition"):
            self.expect("by")
            partition_by = self.expressions()
        order_by = self._order_by()
        frame = self.take_any("rows", "range", "groups")
        start = end = None
        if frame:
            if self.take("between"):
                start = self._frame_bound()
                self.expect("and")
                end = self._frame_bound()
            else:
                start = self._frame_bound()
        self.expect(")")
        return n.Window(name, partition_by, order_by, frame, start, end, bracketed=True, at=at)

    def _frame_bound(self) -> n.FrameBound:
        at = self.here.at
        if self.take("unbounded"):
            word = self.take_any("preceding", "following")
            if word:
                return n.FrameBound(f"unbounded_{word}", at=at)
        elif self.take("current", "row"):
            return n.FrameBound("current", at=at)
        else:
            value = self.expression()
            word = self.take_any("preceding", "following")
            if word:
                return n.FrameBound(word, value, at=at)
        raise self.fail("'PRECEDING', 'FOLLOWING'")

    def _order_by(self) -> tuple[n.SortItem, ...]:
        if not self.take("order"):
            return ()
        self.expect("by")
        items = [self._sort_item()]
        while self.take(","):
            items.append(self._sort_item())
        return tuple(items)

    def _sort_item(self) -> n.SortItem:
        at = self.here.at
        expression = self.expression()
        descending = self.take_any("asc", "desc") == "desc"
        nulls_first = None
        if self.take("nulls"):
            word = self.take_any("first", "last")
            if word is None:
                raise self.fail("'FIRST', 'LAST'")
            nulls_first = word == "first"
        return n.SortItem(expression, descending, nulls_first, at=at)
