"""How a column's value is read from what stands in a record: the options of each type."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from lakeward.contract.column_source import ColumnSource
from lakeward.contract.formats import parse_format
from lakeward.contract.literals import Constant, literal_of, literal_problem
from lakeward.contract.part import Problem
from lakeward.contract.shapes import Shape, ZoneName
from lakeward.contract.template import zone_problem
from lakeward.contract.types import INSTANTS, NUMERIC, PARSES, SIMPLE_TYPES, Parse

Mark = Annotated[str, Shape(r"[^0-9A-Za-z+\-\s]|[ \u00a0\u202f]", "one character that is no letter, digit or sign")]
Sign = Annotated[str, Shape(r"[^0-9\s]([^0-9]{0,18}[^0-9\s])?", "a sign or a word without digits, such as EUR or %")]


def _scalar(value: Any) -> Any:
    if not isinstance(value, str | int | float | bool):
        raise ValueError("expected text, a number, true or false")  # noqa: TRY004 -- pydantic wants a ValueError
    return value


Scalar = Annotated[Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})]

_SCALARS = (*SIMPLE_TYPES, "decimal")
_DATED = ("date", *INSTANTS)
OPTIONS: dict[str, tuple[str, ...]] = {
    "formats": _DATED,
    "zone": INSTANTS,
    "repeated": INSTANTS,
    "decimal_mark": NUMERIC,
    "group_mark": NUMERIC,
    "signs": NUMERIC,
    "true_words": ("boolean",),
    "false_words": ("boolean",),
    "map_values": (*NUMERIC, *_DATED, "string"),
    "null_words": _SCALARS,
    "trim": _SCALARS,
    "default": tuple(name for name in _SCALARS if name != "binary"),
}
"""Option -> kinds of values that it is for. In a list, map or struct it is about the values in it."""
OF_TEXT = ("decimal_mark", "group_mark", "signs")


class ColumnParse(ColumnSource):
    """How the value is read. Options of a list, map or struct are about the values in it."""

    parse: Parse | None = Field(
        default=None,
        description=(
            "How the value is read. Numbers know `plain` (the default) and `text` (a number, or a text that is one); "
            "instants `iso8601` (the default; the text must have an offset, or the column a `zone`), "
            "`epoch_milliseconds`, `epoch_seconds` and `epoch_microseconds`; days `iso8601` and `epoch_days`; "
            "`binary` knows `base64` (the default) and `hex`; every other type `plain`."
        ),
    )
    formats: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Instead of `parse`: how days or instants are written, such as `%d.%m.%Y`. The first that fits.",
        json_schema_extra={"uniqueItems": True},
    )
    zone: ZoneName | None = Field(
        default=None,
        description=(
            "The zone of texts without an offset, such as `Europe/Berlin`. A time that its clocks skip is no instant."
        ),
    )
    repeated: Literal["refuse", "earlier", "later"] = Field(
        default="refuse", description="What a time is that the clocks of `zone` show twice: no instant, or one of both."
    )
    decimal_mark: Literal[".", ","] = Field(default=".", description="For `parse: text`: what stands before decimals.")
    group_mark: Mark | None = Field(
        default=None,
        description=(
            "For `parse: text`: what may stand between groups of three digits, such as a comma. A space stands for a "
            "no-break one too."
        ),
    )
    signs: list[Sign] | None = Field(
        default=None,
        min_length=1,
        description=(
            "For `parse: text`: signs or words of which one may stand before or after the number, such as `€` or `%`. "
            "They are left out; 5% is 5."
        ),
        json_schema_extra={"uniqueItems": True},
    )
    true_words: list[str] | None = Field(
        default=None,
        min_length=1,
        description='For `boolean`: words that mean true, such as `Y` or `"1"`; a number is meant as it is written.',
        json_schema_extra={"uniqueItems": True},
    )
    false_words: list[str] | None = Field(
        default=None,
        min_length=1,
        description="For `boolean`: words that mean false. Any other word is quarantined.",
        json_schema_extra={"uniqueItems": True},
    )
    map_values: dict[str, str] | None = Field(
        default=None,
        min_length=1,
        description="Words of the source, each with the text that is read in its place. Any other is quarantined.",
    )
    null_words: list[str] | None = Field(
        default=None,
        min_length=1,
        description='Texts, or numbers as they are written, that stand for no value, such as `NA` or `"-999"`.',
        json_schema_extra={"uniqueItems": True},
    )
    trim: bool = Field(
        default=False, description="Whether spaces, tabs and line ends around a text are left out before it is read."
    )
    default: Scalar | None = Field(
        default=None, description="The value where a record has none, written as the type's own; instants in UTC."
    )

    @property
    def reading(self) -> str:
        """The parse in force: the declared one, or the type's own."""
        return self.parse or PARSES.get(self.parsed_type.kind, ("plain",))[0]

    @property
    def default_value(self) -> Constant | None:
        """The default as the type's own value."""
        return None if self.default is None else literal_of(self.parsed_type, self.default)

    def problems(self) -> Iterator[Problem]:
        """Options that suit the type and one another."""
        yield from super().problems()
        kinds = {scalar.kind for scalar in self.parsed_type.scalars()}
        for key, known in OPTIONS.items():
            if key in self.model_fields_set and not kinds & set(known):
                yield (key,), f"expected this for {', '.join(known)} only, found it on type {self.type}"
        if self.parse is not None and not any(self.parse in PARSES[kind] for kind in kinds):
            known = tuple(dict.fromkeys(parse for kind in sorted(kinds) for parse in PARSES[kind]))
            yield ("parse",), f"expected {', '.join(known)}, which are for {self.type}; found {self.parse!r}"
        yield from self._problems_of_time()
        yield from self._problems_of_words()
        yield from self._problems_of_the_default()

    def _problems_of_time(self) -> Iterator[Problem]:
        if self.formats is not None and self.parse is not None:
            yield ("formats",), "expected either `parse` or `formats`, found both"
        for number, text in enumerate(self.formats or ()):
            for problem in parse_format(text).problems():
                yield ("formats", number), f"{problem}; found {text!r}"
            if parse_format(text).has_time and not self._has_instants:
                words = "expected directives of a day only, because the type is date"
                yield ("formats", number), f"{words}; found {text!r}"
        if self.zone is not None and (unknown := zone_problem(self.zone)):
            yield ("zone",), unknown
        local = [text for text in self.formats or () if not parse_format(text).has_offset]
        if local and self.zone is None and self._has_instants:
            yield (), f"expected the `zone` of texts without an offset, such as {local[0]}; found none"
        if self.zone is not None and (self.reading.startswith("epoch") or (self.formats and not local)):
            yield ("zone",), "expected this for texts without an offset only, found that there are none"
        if "repeated" in self.model_fields_set and self.zone in (None, "UTC"):
            yield ("repeated",), "expected this with a `zone` whose clocks change only, found none"

    @property
    def _has_instants(self) -> bool:
        return any(scalar.kind in INSTANTS for scalar in self.parsed_type.scalars())

    def _problems_of_words(self) -> Iterator[Problem]:
        for key in OF_TEXT:
            if key in self.model_fields_set and self.parse != "text":
                yield (key,), "expected this with `parse: text` only, found it without"
        if self.map_values is not None and self.parsed_type.kind in NUMERIC and self.parse != "text":
            yield ("map_values",), "expected this with `parse: text`, because its values are texts; found it without"
        if self.group_mark is not None and self.group_mark == self.decimal_mark:
            yield ("group_mark",), f"expected another mark than decimal_mark, found {self.group_mark!r} again"
        if (self.true_words is None) != (self.false_words is None):
            yield (), "expected true_words and false_words, or neither; found one of them"
        words = {key: getattr(self, key) or [] for key in ("true_words", "false_words", "null_words")}
        words["map_values"] = list(self.map_values or {})
        seen: dict[str, str] = {}
        for key, texts in words.items():
            for text in texts:
                if text in seen:
                    yield (key,), f"expected every word once, found {text!r} in {seen[text]} too"
                seen[text] = key

    def _problems_of_the_default(self) -> Iterator[Problem]:
        if self.default is None:
            return
        if self.parsed_type.nested:
            yield ("default",), f"expected this for single values only, found it on type {self.type}"
            return
        problem = literal_problem(self.parsed_type, self.default)
        if problem:
            yield ("default",), f"{problem}, because the type is {self.type}; found {self.default!r}"
