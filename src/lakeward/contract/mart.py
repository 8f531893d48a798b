"""A mart, as typed data: an SQL model over datasets and other marts, with what its rows must keep.

Written in ``datasets/<name>/marts/<mart>.yaml`` with its query beside it in ``<mart>.sql``. These models are the only
definition of the format: ``schemas/mart.schema.json`` is made from them.
"""

import difflib
from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from lakeward.contract.maintenance import Maintenance
from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import DatasetName, Name
from lakeward.contract.types import kind, type_problem

MOST_SLOTS_BACK = 31
MART_KINDS = ("boolean", "int", "bigint", "double", "decimal", "string", "date", "timestamp")


class MartInput(Part):
    """A dataset or another mart that the query reads."""

    name: DatasetName = Field(description="The dataset or mart, by the name of its view.")
    rows: Literal["slot", "all"] = Field(
        description=(
            "`slot`: rows of the slot that is built, so that a new load of them builds it again; "
            "`all`: whatever is there, as known when the mart is built."
        )
    )
    back: int = Field(
        default=0,
        ge=0,
        le=MOST_SLOTS_BACK,
        description="For `slot`: how many slots before its own the query reads too. Late data there builds it again.",
    )
    needed: bool = Field(
        default=True,
        description="Whether the mart waits until this was published. `false`: it is built without, and again with it.",
    )

    def problems(self) -> Iterator[Problem]:
        """A way back needs slots."""
        if self.back and self.rows != "slot":
            yield ("back",), f"expected this for `rows: slot` only, found it with {self.rows}"


class MartColumn(Part):
    """A column of the mart's table."""

    name: Name = Field(description="The column's name, as the query gives it.")
    type: str = Field(
        description="The type that the query gives it, as in a contract: `bigint`, `decimal(12,2)`, `timestamp`."
    )
    description: str = Field(
        min_length=3,
        max_length=255,  # of a column's comment in Glue
        pattern=r"^[^\r\n]*$",
        description="What the value means, with its unit: one line, at most 255 characters. Shown in the catalog.",
    )
    required: bool = Field(
        default=False, description="Whether every row has a value here, or the mart stays as it was."
    )

    @field_validator("type")
    @classmethod
    def _type_is_known(cls, value: str) -> str:
        problem = type_problem(value)
        if problem or kind(value) not in MART_KINDS:
            raise ValueError(problem or f"expected one of {', '.join(MART_KINDS)}")
        return value


class Mart(Part):
    """An SQL model whose rows are kept in a table, built again whenever what it reads was published."""

    mart: Literal[1] = Field(description="Version of this file format.")
    name: DatasetName = Field(description="Name of the mart, of its files, its table and its view.")
    owner: str = Field(min_length=2, description="The team that answers for it.")
    description: str = Field(
        min_length=10,
        max_length=2048,  # of a table's description in Glue
        description="What a row is, at most 2,048 characters. Shown in the catalog.",
    )
    mode: Literal["slot", "full"] = Field(
        description="`slot`: the query gives the rows of one slot, which it names; `full`: all rows."
    )
    inputs: list[MartInput] = Field(min_length=1, description="Everything that the query reads.")
    partition_by: Name = Field(description="A `date` column with a value in every row: the partition of the table.")
    unique: list[Name] = Field(
        min_length=1,
        description="Columns that name a row: no two rows of a build have the same values in them.",
        json_schema_extra={"uniqueItems": True},
    )
    min_rows: int = Field(default=0, ge=0, description="Rows of one build, at least.")
    maintenance: Maintenance = Field(default=Maintenance(), description="How the mart's table is kept in shape.")
    columns: list[MartColumn] = Field(min_length=1, description="The columns of the table, all that the query gives.")

    def problems(self) -> Iterator[Problem]:
        """Names that stand once and exist; inputs that suit the mode."""
        names = [column.name for column in self.columns]
        for number, name in enumerate(names):
            if name in names[:number]:
                yield ("columns", number, "name"), f"expected a name of its own, found {name!r} again"
        for number, given in enumerate(self.inputs):
            if any(other.name == given.name for other in self.inputs[:number]):
                yield ("inputs", number, "name"), f"expected every input once, found {given.name!r} again"
            if given.name == self.name:
                yield ("inputs", number, "name"), "expected another mart or a dataset, found this mart itself"
            if self.mode == "full" and given.rows == "slot":
                yield ("inputs", number, "rows"), "expected `all`, because `mode: full` has no slot; found 'slot'"
        if self.mode == "slot" and not any(given.rows == "slot" and given.needed for given in self.inputs):
            yield ("inputs",), "expected one with `rows: slot` that is needed, because it says which slots there are"
        places = [(("partition_by",), self.partition_by), *((("unique",), name) for name in self.unique)]
        for at, name in places:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"columns are {', '.join(names)}"
                yield at, f"expected the name of a column, found {name!r}; {hint}"
        partition = next((column for column in self.columns if column.name == self.partition_by), None)
        if partition is not None and (partition.type, partition.required) != ("date", True):
            yield ("partition_by",), f"expected a date column with `required: true`, found {partition.name}"
