"""Lambda entrypoint: make and evolve the tables and views of all datasets and marts.

The release calls it after each deployment.
"""

from typing import Any

from aws_lambda_powertools import Logger

from lakeward import tables
from lakeward.adapters.glue_views import GlueViews, ensure_view
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_schema import ensure_table
from lakeward.contract import dataset, default_root, names
from lakeward.contract.marts import marts
from lakeward.handlers.settings import setting
from lakeward.views import view_of

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Bring the catalog to what the contracts say; a second call changes nothing. Readers are not moved to another
    table: that is for the switch, when the table holds what it should."""
    glue = glue_client()
    lake, bucket = catalog(glue), setting("CURATED_BUCKET")
    curated_db, quarantine_db, serving = (setting(f"{n}_DATABASE") for n in ("CURATED", "QUARANTINE", "SERVING"))
    marts_db = setting("MARTS_DATABASE")
    views = GlueViews(glue, serving)
    done: dict[str, dict[str, str]] = {}
    for name in names(default_root()):
        contract = dataset(name).contract
        rows, refused = tables.curated(contract), tables.quarantine(contract)
        done[name] = {
            "table": ensure_table(lake, bucket, curated_db, rows),
            "quarantine_table": ensure_table(lake, bucket, quarantine_db, refused),
            "view": ensure_view(views, serving, view_of(name, rows, curated_db)),
            "quarantine_view": ensure_view(views, serving, view_of(f"{name}_quarantine", refused, quarantine_db)),
        }
    built: dict[str, dict[str, str]] = {}
    for name, model in marts().items():
        rows = tables.mart(model.declared)
        built[name] = {
            "table": ensure_table(lake, bucket, marts_db, rows),
            "view": ensure_view(views, serving, view_of(name, rows, marts_db)),
        }
    logger.info("migrated", extra={"datasets": done, "marts": built})
    return {"datasets": done, "marts": built}
