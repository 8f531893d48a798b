"""What a page is made of: JSON, lines of JSON, or separated values; plain, compressed, or inside an archive."""

import codecs
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakeward.contract.explode import Explode
from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import FieldName, MemberPath, Path, Shape

TextEncoding = Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "iso-8859-15", "windows-1252"]
Compression = Literal["none", "gzip", "deflate", "zstd"]
MemberPattern = Annotated[str, Shape(r"[^\s/\\][^\\]{0,199}", "the name of a file in the archive, such as *.csv")]


class _AnyRecords(Part):
    """What all formats have in common."""

    text_encoding: TextEncoding = Field(
        default="utf-8", description="The encoding of the text. A byte order mark at its head is left out."
    )
    compression: Compression = Field(
        default="none", description="How the file itself is compressed, whatever the transfer does to it besides."
    )
    archive_member: MemberPattern | None = Field(
        default=None,
        description="The body is a zip archive, and this names its one file that is read; `*` stands for any text.",
    )

    def problems(self) -> Iterator[Problem]:
        """One wrapping."""
        if self.archive_member is not None and self.compression != "none":
            yield ("compression",), "expected none, because the archive compresses its files; found one"

    @property
    def codec(self) -> str:
        """Python's name of the text encoding, with which a byte order mark vanishes."""
        return "utf-8-sig" if self.text_encoding == "utf-8" else codecs.lookup(self.text_encoding).name


class JsonRecords(_AnyRecords):
    """A page is one JSON value, and the records are an array in it."""

    format: Literal["json"] = Field(description="What a page is: one JSON value.")
    at: MemberPath = Field(
        description="The array of records, such as `$.features`; `$` when the page itself is the array."
    )
    declared_count_at: Path | None = Field(
        default=None, description="Where a page says how many records it holds. It is then checked."
    )
    explode: Explode | None = Field(
        default=None, description="One row for each element of an array in the record. Left out: one for the record."
    )


class NdjsonRecords(_AnyRecords):
    """A page is lines, each of them one JSON value: a record."""

    format: Literal["ndjson"] = Field(description="What a page is: one JSON value a line.")
    explode: Explode | None = Field(
        default=None, description="One row for each element of an array in the record. Left out: one for the record."
    )

    @property
    def at(self) -> str:
        """The page itself is the list of records."""
        return "$"

    @property
    def declared_count_at(self) -> None:
        """Lines have no place for it."""
        return


class CsvRecords(_AnyRecords):
    """A page is lines of separated values. A record is an object of texts, one a field."""

    format: Literal["csv"] = Field(description="What a page is: lines of separated values (RFC 4180 and its kin).")
    delimiter: Literal[",", ";", "\t", "|"] = Field(default=",", description='Between values; `"\\t"` for TSV.')
    quote: Literal['"', "'"] | None = Field(
        default='"', description="Around values that hold a delimiter, a quote (doubled) or a line's end."
    )
    header: bool = Field(default=True, description="Whether the first line names the fields.")
    fields: list[FieldName] | None = Field(
        default=None,
        min_length=1,
        description="Names of the fields in order: instead of those in the header, or where there is none.",
        json_schema_extra={"uniqueItems": True},
    )
    skip_lines: int = Field(default=0, ge=0, le=1_000, description="Lines before the header, or the first record.")
    open_end: bool = Field(
        default=False,
        description="Whether the last line may lack its end. A page that is cut inside that line then looks whole.",
    )
    null_text: str = Field(default="", max_length=40, description="The text that stands for no value.")

    def problems(self) -> Iterator[Problem]:
        """Fields have names."""
        yield from super().problems()
        if not self.header and self.fields is None:
            yield ("fields",), "expected the names of the fields, because there is no header; found none"
        if self.fields is not None and len(set(self.fields)) < len(self.fields):
            yield ("fields",), "expected every name once, found one again"

    @property
    def at(self) -> str:
        """The page itself is the list of records."""
        return "$"

    @property
    def explode(self) -> None:
        """Texts hold no arrays."""
        return

    @property
    def declared_count_at(self) -> None:
        """Lines have no place for it."""
        return


Records = JsonRecords | NdjsonRecords | CsvRecords
