"""Masks: what stands in a sample in the place of a personal value.

The same value has the same mask, wherever it stands and whatever column reads it, as long as the rules of its column
allow that; two values never share one, and no mask is a value that somebody has. Masks are made with a key that is used
for one sample and thrown away, so nobody can make the mask of a guess. A mask keeps and breaks the rules of its column
as the value did. Where they leave too little room (a flag, a word of a list), all values that keep them get the same
mask, which then tells nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from lakeward.contract import Column, Contract
from lakeward.contract.personal import WITH_TEXT
from lakeward.contract.source_records import CsvRecords
from lakeward.contract.types import Type
from lakeward.errors import ContractInvalid
from lakeward.sampling.lossless import Members, Number
from lakeward.sampling.mask_values import Fits, days, numbers, texts, words
from lakeward.sampling.places import blank
from lakeward.sampling.verdicts import Broken, Reader

LEAST_KEY_BYTES = 32


@dataclass
class Masks:
    """The masks of one sample.

    Args:
        contract: says how values are read, and which rules they keep.
        key: random, of at least 32 bytes; whoever has it can find out whose mask a mask is.
    """

    contract: Contract
    key: bytes = field(repr=False)
    _known: set[str] = field(default_factory=set, repr=False)
    _given: dict[tuple[str, str], list[str]] = field(default_factory=dict, repr=False)
    _taken: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    _common: dict[tuple[str, str, frozenset[Broken]], list[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < LEAST_KEY_BYTES:
            raise ValueError(f"expected a key of at least {LEAST_KEY_BYTES} bytes, found a shorter one")
        self._all_texts = isinstance(self.contract.source.records, CsvRecords)
        self._reader = Reader(self._all_texts)
        self._formed: set[str] = set()
        unique = {name for rule in self.contract.quality.unique for name in rule.columns}
        self._keys = {*self.contract.load.primary_key, *unique}

    def learn(self, column: Column, value: Any) -> Any:
        """Remember a personal value, so that no mask becomes it; it is given back."""
        match value:
            case Members():
                for name, inner in value.pairs:
                    self._known.add(name)
                    self.learn(column, inner)
            case list():
                for inner in value:
                    self.learn(column, inner)
            case str() | Number():
                text = self._reader.text(column, value)
                self._known.add(text)
                if column.pattern or column.min_length or column.max_length:
                    self._formed.add(text)
        return value

    def knows(self, value: Any) -> bool:
        """Whether a text or number is a personal value that was learnt."""
        return (value.text if isinstance(value, Number) else value) in self._known

    def mask(self, column: Column, value: Any) -> Any:
        """What stands in the place of a value: of its kind, and of its column's type if the value was.

        Raises:
            ContractInvalid: the column's rules leave no room for a mask.
        """
        return self._of(column, column.parsed_type, value)

    def _of(self, column: Column, of: Type, value: Any) -> Any:
        match value:
            case None:
                return None
            case list() if of.kind == "list":
                return [self._of(column, of.inner[0], inner) for inner in value]
            case Members() if of.kind == "map":
                pairs = ((self._name(name), self._of(column, of.inner[0], inner)) for name, inner in value.pairs)
                return Members(tuple(pairs))
            case Members() if of.kind == "struct":
                types = dict(zip(of.names, of.inner, strict=True))
                named = ((name, self._of(column, types[name], v)) for name, v in value.pairs if name in types)
                return Members(tuple(named))
            case Members() | list():
                return blank(value)
        return blank(value) if of.nested else self._single(column, of, value)

    def _name(self, name: str) -> str:
        """A map's key, which might be somebody's."""
        return self._own("text", name, texts(self.key, name, bool, has_form=False), lambda _mask: True) or ""

    def _single(self, column: Column, of: Type, value: Any) -> Any:
        text = self._reader.text(column, value)
        if text in (column.null_words or ()) or (text == "" and isinstance(value, str)):
            return value
        if of.kind == "string" and not isinstance(value, str) and column.map_values is None:
            return blank(value)
        broken = self._reader.verdict(column, of, value)

        def fits(mask: str) -> bool:
            return self._reader.verdict(column, of, _as(value, mask)) == broken

        is_word = text in (column.map_values or ()) or text in (column.allowed or ())
        if is_word or "type" in broken or of.kind not in WITH_TEXT:
            return _as(value, self._shared(column, of, broken, words(column, of), fits))
        read = self._reader.read(column, of, value)
        family = {"string": "text", "date": "day"}.get(of.kind, "number")
        mask = self._own(family, str(read), self._candidates(column, of, read, text, broken, fits), fits)
        if mask is None:
            mask = self._shared(column, of, broken, self._candidates(column, of, read, text, broken, fits), fits)
        return _as(value, mask)

    def _candidates(
        self, column: Column, of: Type, read: Any, text: str, broken: frozenset[Broken], fits: Fits
    ) -> Iterator[str]:
        match of.kind:
            case "string":
                return texts(self.key, text, fits, has_form=text in self._formed)
            case "date":
                return days(self.key, column, read, text, broken)
        return numbers(self.key, column, of, read, broken)

    def _own(self, family: str, value: str, candidates: Iterator[str], fits: Fits) -> str | None:
        """The mask that is this value's alone, one that it has already where that fits; None when there is none."""
        given = self._given.setdefault((family, value), [])
        for mask in filter(fits, chain(tuple(given), candidates)):
            if mask in given:
                return mask
            if mask not in self._known and self._taken.setdefault(mask, (family, value)) == (family, value):
                given.append(mask)
                return mask
        return None

    def _shared(
        self, column: Column, of: Type, broken: frozenset[Broken], candidates: Iterator[str], fits: Fits
    ) -> str:
        """The mask of all values of a column that break the same rules, or none."""
        if column.name in self._keys and "type" not in broken:
            raise self._refused(column, "and it is part of a key, so that two values cannot have the same mask")
        common = self._common.setdefault((column.name, str(of), broken), [])
        found = next(filter(fits, chain(tuple(common), candidates)), None)
        if found is None:
            raise self._refused(column, "so that not even the same mask for all would keep them")
        common.append(found)
        return found

    def _refused(self, column: Column, consequence: str) -> ContractInvalid:
        rules = ", ".join(rule for rule in column.rules if rule != "required")
        return ContractInvalid(
            f"{self.contract.dataset}: expected rules of {column.name} ({rules}) that leave room for masks, found too "
            f"little, {consequence}; loosen them in the contract, or sample other slots. Nothing was written"
        )


def _as(value: Any, text: str) -> Any:
    """A text as the kind of value whose place it takes: a number, true or false, where it is one and that was one."""
    if isinstance(value, bool) and text in ("true", "false"):
        return text == "true"
    return Number(text) if isinstance(value, Number) and text.lstrip("-").replace(".", "", 1).isdecimal() else text
