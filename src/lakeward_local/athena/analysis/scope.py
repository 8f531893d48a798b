"""Which names a query sees: fields of its relations, fields of the queries around it, lambda parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import Position, QueryError
from lakeward_local.athena.types import Type


@dataclass(frozen=True)
class Field:
    """A column that a name can mean.

    Attributes:
        qualifier: the relation's name parts, e.g. ``(awsdatacatalog, db, table)`` or ``(alias,)``; empty when only the
            bare name reaches it (USING).
        written: the column's name as the result shows it.
        hidden: reachable by name, not by ``*`` (``$path``).
    """

    name: str
    written: str
    qualifier: tuple[str, ...]
    value: p.Expr
    hidden: bool = False
    scan: p.Scan | None = None


@dataclass
class Scope:
    """The fields of one query level and the scope around it."""

    fields: list[Field] = field(default_factory=list)
    outer: Scope | None = None
    variables: dict[str, p.Variable] = field(default_factory=dict)

    def resolve(self, parts: tuple[str, ...], at: Position) -> p.Expr | None:
        """The column that a dotted name means, here or outside; None when there is none.

        Raises:
            QueryError: AMBIGUOUS_NAME.
        """
        found = [f for f in self.fields if _matches(f, parts)]
        if len(found) > 1:
            raise QueryError("AMBIGUOUS_NAME", f"Column '{'.'.join(parts)}' is ambiguous", at)
        if found:
            return use(found[0])
        return self.outer.resolve(parts, at) if self.outer else None

    def variable(self, name: str) -> p.Variable | None:
        return self.variables.get(name)

    def with_variables(self, names: tuple[str, ...], types: list[Type]) -> Scope:
        """The scope inside a lambda."""
        made = {
            n: p.Variable(t, f"v{len(self.variables) + i}_{i}")
            for i, (n, t) in enumerate(zip(names, types, strict=True))
        }
        return Scope(self.fields, self.outer, {**self.variables, **made})

    def visible(self, qualifier: tuple[str, ...]) -> list[Field]:
        """The fields that ``qualifier.*`` means."""
        return [
            f for f in self.fields if not f.hidden and (not qualifier or f.qualifier[-len(qualifier) :] == qualifier)
        ]


def _matches(f: Field, parts: tuple[str, ...]) -> bool:
    if f.name != parts[-1]:
        return False
    qualifier = parts[:-1]
    return not qualifier or f.qualifier[-len(qualifier) :] == qualifier


def use(f: Field) -> p.Expr:
    """The field's expression; a scanned table learns that the column is read."""
    if f.scan is not None and isinstance(f.value, p.Column):
        f.scan.used.setdefault(f.value.label, f.value.name)
    return f.value
