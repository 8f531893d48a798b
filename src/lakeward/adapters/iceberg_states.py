"""The states of Iceberg tables: which snapshot is current, and the way back to a former one."""

from collections.abc import Callable, Mapping

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, ValidationException
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.table import Table

from lakeward.adapters.iceberg_deleted import DELETED
from lakeward.adapters.iceberg_lineage import EMPTIED, lineage
from lakeward.adapters.store_errors import store_errors
from lakeward.errors import CommitConflict, SchemaConflict
from lakeward.ports.catalog import TableState


class IcebergStates:
    """The tables of some databases. See ``lakeward.ports.catalog.Tables``.

    Args:
        glue: a catalog whose client sends every request once, see ``lakeward.adapters.iceberg``.
        databases: by role.
        names: <role>.<table>, of the tables that are looked at.
    """

    def __init__(self, glue: GlueCatalog, databases: Mapping[str, str], names: list[str]) -> None:
        self._glue = glue
        self._databases = databases
        self._names = names

    def names(self) -> list[str]:
        """See ``lakeward.ports.catalog.Tables``."""
        return self._names

    def state(self, name: str) -> TableState | None:
        """See ``lakeward.ports.catalog.Tables``."""
        table = self._load(name)
        return None if table is None else _state(table)

    def restore(self, name: str, to: TableState) -> bool:
        """See ``lakeward.ports.catalog.Tables``."""
        table = self._load(name)
        if table is None:
            raise SchemaConflict(f"table {name}: expected it, to bring it back to what it was, found none")
        moved = self._restore_rows(name, table, to)
        surplus = [column for column in _state(table).columns if column not in to.columns]
        if surplus:
            self._commit(name, lambda: _drop(table, surplus))
        return moved or bool(surplus)

    def slots(self, name: str) -> set[str]:
        """The slots whose commits a table's current state comes from."""
        table = self._load(name)
        if table is None:
            return set()
        with store_errors(f"table {name}", "read the history of"):
            return {step.slot for step in lineage(table) if step.slot is not None}

    def _restore_rows(self, name: str, table: Table, to: TableState) -> bool:
        now = _state(table)
        if now.snapshot_id == to.snapshot_id or (to.snapshot_id is None and _is_empty(table)):
            return False
        if to.snapshot_id is None:  # nothing was published then: a table cannot go back to no snapshot, so rows go
            self._commit(name, lambda: _empty(table))
            return True
        snapshot_id = int(to.snapshot_id)
        if table.snapshot_by_id(snapshot_id) is None:
            raise SchemaConflict(
                f"table {name}: expected snapshot {snapshot_id} to come back to, found that it has expired; "
                "run the slots again that were run since"
            )
        self._commit(name, lambda: table.manage_snapshots().set_current_snapshot(snapshot_id=snapshot_id).commit())
        return True

    def _commit(self, name: str, change: Callable[[], None]) -> None:
        try:
            with store_errors(f"table {name}", "bring back"):
                change()
        except (CommitFailedException, ValidationException) as problem:
            raise CommitConflict(f"table {name}: expected the version that was read, found a newer one") from problem

    def _load(self, name: str) -> Table | None:
        role, _, table = name.partition(".")
        try:
            with store_errors(f"table {name}", "read"):
                return self._glue.load_table((self._databases[role], table))
        except NoSuchTableError:
            return None


def _state(table: Table) -> TableState:
    snapshot = table.current_snapshot()
    columns = [field.name for field in table.schema().fields]
    return TableState(snapshot_id=str(snapshot.snapshot_id) if snapshot else None, columns=columns)


def _is_empty(table: Table) -> bool:
    snapshot = table.current_snapshot()
    summary = snapshot.summary if snapshot else None
    return snapshot is None or (summary is not None and summary.additional_properties.get("total-records") == "0")


def _empty(table: Table) -> None:
    """Take all rows out, and what is remembered of tombstones that were rows once."""
    with table.transaction() as change:
        if DELETED in table.properties:
            change.remove_properties(DELETED)
        change.delete(AlwaysTrue(), snapshot_properties={EMPTIED: "true"})


def _drop(table: Table, columns: list[str]) -> None:
    """Columns that are added again later get new field ids, so nothing of these comes back with them."""
    with table.update_schema() as update:
        for column in columns:
            update.delete_column(column)
