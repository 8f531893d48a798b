"""Look at what readers see, and bring it back: views first, then tables, each by compare-and-set."""

from lakeward.errors import CommitConflict
from lakeward.ports.catalog import Definition, Point, Tables, Views
from lakeward.release.switch import ATTEMPTS, same_definition


def look(views: Views, tables: Tables) -> Point:
    """The state of the catalog now."""
    states = {name: state for name in tables.names() if (state := tables.state(name)) is not None}
    return Point(views=views.all(), tables=states)


def restore(point: Point, views: Views, tables: Tables) -> list[str]:
    """Make a former state the current one; says what was changed. A second call changes nothing.

    Views come first: one that shows columns which its table is about to lose would fail its readers.

    Raises:
        CommitConflict: a view or a table was changed by somebody else, again and again.
    """
    done = [f"view {name}" for name, definition in point.views.items() if _restore_view(name, definition, views)]
    return done + [f"table {name}" for name, state in point.tables.items() if tables.restore(name, state)]


def _restore_view(name: str, definition: Definition, views: Views) -> bool:
    for _ in range(ATTEMPTS):
        now = views.find(name)
        if now is not None and same_definition(now.definition, definition):
            return False
        try:
            views.replace(definition, None if now is None else now.version_id)
        except CommitConflict:
            continue
        return True
    raise CommitConflict(f"view {name}: expected to be the one that changes it, found others {ATTEMPTS} times")
