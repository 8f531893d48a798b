"""A contract's types as Iceberg's and back, and the field ids of a schema."""

import itertools
from collections.abc import Iterator

from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
)

from lakeward.contract.types import Type, parse_type
from lakeward.ports.lake import FieldIds

SIMPLE: dict[str, IcebergType] = {
    "boolean": BooleanType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "float": FloatType(),
    "double": DoubleType(),
    "string": StringType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "timestamptz": TimestamptzType(),
    "binary": BinaryType(),
}
NAMES = {found: name for name, found in SIMPLE.items()}


def iceberg_type(name: str, ids: Iterator[int] | None = None) -> IcebergType:
    """A contract's type as Iceberg's. Timestamps are UTC without a zone, microseconds.

    Args:
        name: as contracts write it.
        ids: for what is inside it; only a new table's schema needs them to be unlike those of its columns.
    """
    return _made(parse_type(name), ids or itertools.count(1))


def contract_type(found: IcebergType) -> str:
    """An Iceberg type as a contract names it; one that contracts do not know, as Iceberg does."""
    match found:
        case DecimalType():
            return f"decimal({found.precision},{found.scale})"
        case ListType():
            return f"list<{contract_type(found.element_type)}>"
        case MapType():
            return f"map<{contract_type(found.key_type)},{contract_type(found.value_type)}>"
        case StructType():
            return f"struct<{','.join(f'{f.name}:{contract_type(f.field_type)}' for f in found.fields)}>"
    return NAMES.get(found, str(found))


def field_ids(schema: Schema) -> FieldIds:
    """The ids of all columns in the table's order, then of what is inside them."""
    columns = {field.name: field.field_id for field in schema.fields}
    inside = {way: number for field in schema.fields for way, number in _inside(field.field_type, field.name)}
    return columns | inside


def _inside(found: IcebergType, way: str) -> Iterator[tuple[str, int]]:
    for field in _members(found):
        yield f"{way}.{field.name}", field.field_id
        yield from _inside(field.field_type, f"{way}.{field.name}")


def _members(found: IcebergType) -> tuple[NestedField, ...]:
    match found:
        case ListType():
            return (found.element_field,)
        case MapType():
            return (found.key_field, found.value_field)
        case StructType():
            return found.fields
    return ()


def _made(of: Type, ids: Iterator[int]) -> IcebergType:
    match of.kind:
        case "decimal":
            return DecimalType(*of.numbers)
        case "list":
            return ListType(next(ids), _made(of.inner[0], ids), element_required=False)
        case "map":
            return MapType(next(ids), StringType(), next(ids), _made(of.inner[0], ids), value_required=False)
        case "struct":
            members = zip(of.names, of.inner, strict=True)
            return StructType(*(NestedField(next(ids), name, _made(t, ids), required=False) for name, t in members))
    return SIMPLE[of.kind]
