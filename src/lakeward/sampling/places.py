"""Which places of a record a contract names, and which of them are personal; and a record with those places alone.

What stands at a place that is not named might be personal whatever it is called, so it goes. Where a place is named
and something else stands there than should, its kind stays and its content goes: what the transform makes of the record
is the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lakeward.contract import Column, Contract
from lakeward.contract.source_paging import KeysetPaging
from lakeward.contract.types import Type
from lakeward.errors import ContractInvalid
from lakeward.sampling.lossless import Members, Number

EACH = "*"
STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+|\*)\]")
Step = str | int
"""A member's name, an element's index, or ``EACH`` in brackets as index -1."""
ANY = -1
Visit = Callable[[Column, Any], Any]


@dataclass
class Place:
    """A place in a record, the columns that are read from it, and the places in it."""

    columns: list[Column] = field(default_factory=list)
    names: dict[str, "Place"] = field(default_factory=dict)
    elements: dict[int, "Place"] = field(default_factory=dict)
    kept: bool = False
    """Whether ingest reads it, though no column does."""

    @property
    def personal(self) -> Column | None:
        """The column whose value here is about a person."""
        return next((column for column in self.columns if column.personal is not None), None)

    @property
    def inner(self) -> list["Place"]:
        """The places in it."""
        return [*self.names.values(), *self.elements.values()]

    @property
    def holds_personal(self) -> bool:
        """Whether a place in it is personal."""
        return any(place.personal is not None or place.holds_personal for place in self.inner)

    def at(self, path: str) -> "Place":
        """The place at a contract's path, made where it is not there."""
        found = self
        for name, index in STEP.findall(path):
            if name:
                found = found.names.setdefault(name, Place())
            else:
                found = found.elements.setdefault(ANY if index == EACH else int(index), Place())
        return found


def places(contract: Contract) -> Place:
    """The places that a contract names in a record.

    Raises:
        ContractInvalid: a personal column is read from inside of another's value.
    """
    root = Place()
    for column in contract.columns:
        if column.at is not None:
            root.at(column.at).columns.append(column)
    if isinstance(contract.source.paging, KeysetPaging):
        root.at(contract.source.paging.key_at).kept = True
    if contract.source.incremental is not None:
        root.at(contract.source.incremental.at).kept = True
    if contract.explode is not None:
        root.at(f"{contract.explode.at}[{EACH}]")
    for column in contract.personal_columns:
        if column.at is not None and root.at(column.at).holds_personal:
            raise ContractInvalid(
                f"{contract.dataset}: expected personal columns that are not read from inside of one another, found "
                f"that one is read from inside of {column.at}; leave one of the two out of the contract"
            )
    return root


def values_at(value: Any, path: str) -> list[Any]:
    """All that stands at a path: nothing, one value, or one of each element."""
    found = [value]
    for name, index in STEP.findall(path):
        if name:
            found = [inner for outer in found if isinstance(outer, Members) for inner in outer.of(name)]
        elif index == EACH:
            found = [inner for outer in found if isinstance(outer, list) for inner in outer]
        else:
            lists = [outer for outer in found if isinstance(outer, list)]
            found = [outer[int(index)] for outer in lists if int(index) < len(outer)]
    return found


@dataclass(frozen=True)
class Shaper:
    """Makes of a record what a sample may hold: ``visit`` says what stands in the place of a personal value.

    ``keep_unnamed`` keeps what the contract does not name, but where something personal should be.
    """

    root: Place
    visit: Visit
    keep_unnamed: bool = False

    def shaped(self, value: Any, place: Place | None = None) -> Any:
        """A record, or what stands at one of its places."""
        place = self.root if place is None else place
        if place.personal is not None:
            return self.visit(place.personal, value)
        if isinstance(value, Members | list):
            return self._container(value, place)
        is_named = bool(place.columns) or place.kept
        return value if is_named or (self.keep_unnamed and not place.holds_personal) else blank(value)

    def _container(self, value: Members | list[Any], place: Place) -> Any:
        nested = [column.parsed_type for column in place.columns if column.parsed_type.nested]
        match value:
            case Members() | list() if nested and (len(nested) > 1 or place.inner or self.keep_unnamed):
                return value  # all of it is named, one way or the other, and nothing in it is personal
            case Members() | list() if nested:
                return of_type(value, nested[0])
            case Members() if place.names or (self.keep_unnamed and not place.holds_personal):
                return Members(tuple(self._members(value, place)))
            case list() if place.elements or (self.keep_unnamed and not place.holds_personal):
                return list(self._elements(value, place))
        return blank(value)

    def _members(self, value: Members, place: Place) -> Iterator[tuple[str, Any]]:
        for name, inner in value.pairs:
            if name in place.names:
                yield name, self.shaped(inner, place.names[name])
            elif self.keep_unnamed:
                yield name, inner

    def _elements(self, value: list[Any], place: Place) -> Iterator[Any]:
        """Elements keep their index: null stands for one that is not named, and nothing after the last that is."""
        last = max(place.elements, default=ANY)
        for index, inner in enumerate(value):
            named = place.elements.get(index, place.elements.get(ANY))
            if named is not None:
                yield self.shaped(inner, named)
            elif self.keep_unnamed:
                yield inner
            elif index < last:
                yield None


def of_type(value: Any, of: Type) -> Any:
    """A value with what its type names alone."""
    match value:
        case list() if of.kind == "list":
            return [of_type(inner, of.inner[0]) for inner in value]
        case Members() if of.kind == "map":
            return Members(tuple((name, of_type(inner, of.inner[0])) for name, inner in value.pairs))
        case Members() if of.kind == "struct":
            types = dict(zip(of.names, of.inner, strict=True))
            named = ((name, of_type(inner, types[name])) for name, inner in value.pairs if name in types)
            return Members(tuple(named))
        case Members() | list():
            return blank(value)
    return blank(value) if of.nested else value


def blank(value: Any) -> Any:
    """A value of the same kind that says nothing."""
    match value:
        case bool():
            return False
        case str():
            return ""
        case Number():
            return Number("0")
        case list():
            return []
        case Members():
            return Members(())
    return None
