"""Values of staged files looked up in another dataset's published table. Of both sides only the one column is read."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import AlwaysTrue, BooleanExpression, IsNull, NotEqualTo, Or

from lakeward.adapters.store_errors import store_errors
from lakeward.errors import SchemaConflict
from lakeward.ports.history import Lookup
from lakeward.staged import StagedFile
from lakeward.tables import TableDesign


def look_up(
    glue: GlueCatalog, database: str, files: list[StagedFile], column: str, design: TableDesign, to: str
) -> Lookup:
    """Count the staged rows whose value the table lacks; rows without a value are left out.

    The table's distinct values are held in memory; the staged ones pass through in batches.

    Args:
        files: staged, of one load.
        column: theirs.
        design: of the other dataset's curated table.
        to: its column, of the same type.

    Raises:
        SchemaConflict: there is no such table.
        StoreUnavailable: Glue or S3 did not answer.
    """
    name = (database, design.name)
    with store_errors(f"table {'.'.join(name)}", "read"):
        try:
            table = glue.load_table(name)
        except NoSuchTableError:
            raise SchemaConflict(
                f"expected table {'.'.join(name)}, found none; call the migrate function, which makes every "
                "contract's tables"
            ) from None
        shown = _shown(design)
        batches = table.scan(row_filter=shown, selected_fields=(to,)).to_arrow_batch_reader()
        known = _distinct(batches, to)
        rows = missing = 0
        for file in files:
            with table.io.new_input(file.uri).open() as stream:
                for batch in pq.ParquetFile(stream).iter_batches(columns=[column]):
                    values = batch.column(0).drop_null()
                    there = pc.is_in(values.cast(known.type), value_set=known)
                    rows += len(values)
                    missing += len(values) - (pc.sum(there).as_py() or 0)
    return Lookup(rows, missing)


def _shown(design: TableDesign) -> BooleanExpression:
    """What readers see of the table: no tombstones."""
    if design.deleted_when is None:
        return AlwaysTrue()
    column, value = design.deleted_when
    return Or(IsNull(term=column), NotEqualTo(term=column, value=value))


def _distinct(batches: pa.RecordBatchReader, column: str) -> pa.Array:
    known = pa.array([], batches.schema.field(column).type)
    for batch in batches:
        known = pc.unique(pa.concat_arrays([known, batch.column(column)]))
    return known
