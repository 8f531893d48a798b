"""Tables made and evolved from a design: the migration step's hands."""

import itertools

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import NestedField

from lakeward.adapters.iceberg_types import contract_type, iceberg_type
from lakeward.adapters.store_errors import store_errors
from lakeward.contract.changes import column_changes, widens
from lakeward.errors import CommitConflict, SchemaConflict
from lakeward.tables import TableDesign

COMMENT = "comment"
"""The property that describes a table."""
PROPERTIES = {
    "format-version": "2",
    "write.format.default": "parquet",
    "write.parquet.compression-codec": "zstd",
    "write.delete.mode": "copy-on-write",
    "write.update.mode": "copy-on-write",
    "write.merge.mode": "copy-on-write",
    "commit.retry.num-retries": "0",  # see lakeward.adapters.iceberg: whoever commits decides on a retry, not PyIceberg
}


def ensure_table(glue: GlueCatalog, bucket: str, database: str, design: TableDesign) -> str:
    """Make the table as designed, or add the columns that it lacks, widen types, and take over what is said of it.

    Returns:
        ``created``, ``evolved`` or ``unchanged``.

    Raises:
        SchemaConflict: the table has a column that the design lacks or types otherwise, or another partition.
        CommitConflict: somebody changed the table between our read and our write; call again.
        StoreUnavailable: Glue or S3 did not answer; call again.
    """
    name = (database, design.name)
    with store_errors(f"table {'.'.join(name)}", "make or evolve"):
        try:
            return _evolve(glue.load_table(name), design)
        except NoSuchTableError:
            pass
        try:
            _create(glue, name, f"s3://{bucket}/{design.folder}", design)
        except TableAlreadyExistsError:  # somebody was faster, or the answer to our own request was lost
            return _evolve(glue.load_table(name), design)
        return "created"


def schema_of(design: TableDesign) -> Schema:
    """The schema of a new table: columns have the ids 1, 2 and so on, what is inside them has those that follow."""
    inside = itertools.count(len(design.columns) + 1)
    fields = [
        NestedField(number, c.name, iceberg_type(c.type, inside), required=False, doc=c.description)
        for number, c in enumerate(design.columns, start=1)
    ]
    return Schema(*fields)


def _create(glue: GlueCatalog, name: tuple[str, str], location: str, design: TableDesign) -> None:
    schema = schema_of(design)
    source = schema.find_field(design.partition_by).field_id
    spec = PartitionSpec(PartitionField(source, 1000, IdentityTransform(), design.partition_by))
    properties = {**PROPERTIES, COMMENT: design.description}
    glue.create_table(name, schema, location=location, partition_spec=spec, properties=properties)


def _evolve(table: Table, design: TableDesign) -> str:
    designed = {c.name for c in design.columns}
    there = {f.name: f for f in table.schema().fields if f.name in designed or f.name not in design.sometimes}
    types = {name: contract_type(field.field_type) for name, field in there.items()}
    wanted = {c.name: c.type for c in design.columns}
    # A table that is wider than its contract was widened by a release that was taken back: it holds all values still.
    wider = {name for name in (wanted.keys() & types.keys()) - design.exact if widens(wanted[name], types[name])}
    found = [change for change in column_changes(types, wanted, design.exact) if change[1] not in wider]
    problems = [f"column {name} {words}" for kind, name, words in found if kind == "breaking"]
    partitions = [f.name for f in table.spec().fields]
    if partitions != [design.partition_by]:
        problems.append(f"expected the partition {design.partition_by}, found {', '.join(partitions) or 'none'}")
    if problems:
        raise SchemaConflict(
            f"table {'.'.join(table.name())}: {'; '.join(sorted(problems))}. A table only gains columns and wider "
            "types; for any other change raise the major version of the contract, which makes a new table. "
            "`lakeward dataset plan` says what a change comes to"
        )
    changed = {name for _, name, _ in found}
    new = [c for c in design.columns if c.name not in there]
    widened = [c for c in design.columns if c.name in there and c.name in changed]
    described = [c for c in design.columns if c.name in there and there[c.name].doc != c.description]
    if not new and not widened and not described and table.properties.get(COMMENT) == design.description:
        return "unchanged"
    try:
        with table.transaction() as change:
            with change.update_schema() as schema:
                for column in new:
                    schema.add_column(column.name, iceberg_type(column.type), doc=column.description)
                for column in widened:
                    schema.update_column(column.name, iceberg_type(column.type))
                for column in described:
                    schema.update_column(column.name, doc=column.description)
            change.set_properties({COMMENT: design.description})
    except CommitFailedException as problem:
        raise CommitConflict(
            f"table {'.'.join(table.name())}: expected the version that was read, found a newer one: {problem}"
        ) from problem
    return "evolved"
