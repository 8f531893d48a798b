"""Lambda entrypoint: what readers see. Look at it, move it to another table, bring it back.

The rules are in ``lakeward.release.switch`` and ``lakeward.release.restore``.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lakeward import tables
from lakeward.adapters.dynamodb_journal import DynamoDbJournal
from lakeward.adapters.glue_views import GlueViews
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_states import IcebergStates
from lakeward.contract import dataset, default_root, names
from lakeward.contract.marts import marts
from lakeward.errors import SwitchRefused
from lakeward.handlers.readiness import readiness_of
from lakeward.handlers.settings import setting
from lakeward.ports.catalog import Point
from lakeward.release.comparison import Readiness
from lakeward.release.restore import look, restore
from lakeward.release.switch import Goal, abandon, asked_versions, switch
from lakeward.views import table_input, view_of

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do one of five things: look, held, switch, restore, abandon. Each may be called again."""
    glue = glue_client()
    views = GlueViews(glue, setting("SERVING_DATABASE"))
    states = IcebergStates(catalog(glue), databases(), table_names())
    journal = DynamoDbJournal(boto3.resource("dynamodb").Table(setting("LEDGER_TABLE")))
    match event.get("action"):
        case "look":
            return look(views, states).model_dump(mode="json")
        case "held":
            deployed = [dataset(name).contract for name in names(default_root())]
            return {"slots": {c.dataset: sorted(states.slots(f"curated.{c.table}")) for c in deployed}}
        case "switch":
            asked = asked_versions(event["datasets"], event.get("to_version"))
            goals = [goal(name, version, states) for name, version in asked.items()]
            moved = switch(goals, views, journal, datetime.now(UTC))
            logger.info("switched", extra={"views": [asdict(m) for m in moved]})
            return {"views": [asdict(m) for m in moved]}
        case "restore":
            given_up = abandon(journal)
            done = restore(Point.model_validate(event["point"]), views, states)
            logger.info("restored", extra={"changed": done, "abandoned_plan": given_up and given_up.number})
            return {"changed": done}
        case "abandon":
            given_up = abandon(journal)
            return {"abandoned_plan": given_up and given_up.number}
        case other:
            raise SwitchRefused(f"expected the action look, held, switch, restore or abandon, found {other!r}")


def databases() -> dict[str, str]:
    """Databases by role."""
    return {role: setting(f"{role.upper()}_DATABASE") for role in ("curated", "quarantine", "marts")}


def table_names() -> list[str]:
    """Both tables of every deployed contract, and those of the marts."""
    found = [dataset(name).contract for name in names(default_root())]
    both = [f"{role}.{table}" for c in found for role, table in (("curated", c.table), ("quarantine", c.dataset))]
    return [*both, *(f"marts.{name}" for name in marts())]


def goal(name: str, to_version: int | None, states: IcebergStates) -> Goal:
    """What a dataset's view shall show: the deployed contract's table, or a former one."""
    of = dataset(name)
    keep_days = of.contract.serving.keep_old_days
    table = of.contract.table if to_version is None else f"{name}_v{to_version}"
    if table == of.contract.table:
        view = view_of(name, tables.curated(of.contract), setting("CURATED_DATABASE"))
        return Goal(name, table, table_input(view, setting("SERVING_DATABASE")), partial(readiness_of, of), keep_days)

    def still_there(_shown: str) -> Readiness:
        there = states.state(f"curated.{table}") is not None
        return Readiness([] if there else [f"expected table {table}, found that it is gone"])

    return Goal(name, table, None, still_there, keep_days)
