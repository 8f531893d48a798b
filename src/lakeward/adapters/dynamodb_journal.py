"""The journal of switches, in the ledger's table: under hash keys that no dataset can have."""

import json
from typing import TYPE_CHECKING

from lakeward.adapters.store_errors import store_errors
from lakeward.errors import CommitConflict
from lakeward.ports.catalog import Definition, SwitchPlan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PLANS, VIEWS, NEWEST = "#switch", "#view", "newest"


class DynamoDbJournal:
    """See ``lakeward.ports.catalog.Journal``."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def newest(self) -> SwitchPlan | None:
        """See ``lakeward.ports.catalog.Journal``."""
        document = self._document(PLANS, NEWEST)
        return None if document is None else SwitchPlan.model_validate_json(document)

    def write(self, plan: SwitchPlan, after: SwitchPlan | None) -> None:
        """See ``lakeward.ports.catalog.Journal``."""
        item: dict[str, str | int] = {
            "dataset": PLANS,
            "slot": NEWEST,
            "number": plan.number,
            "done": plan.done,
            "document": plan.model_dump_json(),
        }
        with store_errors(f"ledger {self._table.name}", "write"):
            try:
                if after is None:
                    self._table.put_item(Item=item, ConditionExpression="attribute_not_exists(dataset)")
                else:
                    self._table.put_item(
                        Item=item,
                        ConditionExpression="#number = :number AND #done = :done",
                        ExpressionAttributeNames={"#number": "number", "#done": "done"},
                        ExpressionAttributeValues={":number": after.number, ":done": after.done},
                    )
            except self._table.meta.client.exceptions.ConditionalCheckFailedException as problem:
                raise CommitConflict(
                    f"switch plan {plan.number}: expected to be the only switch, found another; run this again"
                ) from problem

    def keep_definition(self, view: str, table: str, definition: Definition) -> None:
        """See ``lakeward.ports.catalog.Journal``."""
        item = {"dataset": VIEWS, "slot": f"{view}/{table}", "document": json.dumps(definition)}
        with store_errors(f"ledger {self._table.name}", "write"):
            self._table.put_item(Item=item)

    def definition(self, view: str, table: str) -> Definition | None:
        """See ``lakeward.ports.catalog.Journal``."""
        document = self._document(VIEWS, f"{view}/{table}")
        return None if document is None else dict(json.loads(document))

    def _document(self, dataset: str, slot: str) -> str | None:
        with store_errors(f"ledger {self._table.name}", "read"):
            answer = self._table.get_item(Key={"dataset": dataset, "slot": slot}, ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else str(item["document"])
