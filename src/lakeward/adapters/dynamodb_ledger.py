"""The ledger in DynamoDB."""

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lakeward.adapters.store_errors import store_errors
from lakeward.contract import Dataset
from lakeward.measures import Spread
from lakeward.ports.history import FormerSlot
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class DynamoDbLedger:
    """One table, hash key ``dataset``, range key ``slot``."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def write(self, entry: Entry) -> bool:
        """See ``lakeward.ports.ledger.Ledger``."""
        item = {
            "dataset": entry.dataset,
            "slot": str(entry.slot),
            "execution": entry.execution,
            "started_at": entry.started_at,
            "status": entry.status,
            "recorded_at": entry.recorded_at,
            "facts": _storable(entry.facts),
        }
        with store_errors(f"ledger {self._table.name}", "write"):
            try:
                self._table.put_item(
                    Item=item,
                    ConditionExpression="attribute_not_exists(started_at) OR started_at <= :started",
                    ExpressionAttributeValues={":started": entry.started_at},
                )
            except self._table.meta.client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def entries(self, dataset: Dataset) -> list[Entry]:
        """All entries of a dataset, oldest slot first."""
        found: list[Entry] = []
        request: dict[str, Any] = {
            "KeyConditionExpression": "dataset = :d",
            "ExpressionAttributeValues": {":d": dataset.name},
        }
        while True:
            page = self._table.query(**request)
            found += [_entry(item, dataset) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def published_before(self, dataset: Dataset, slot: Slot, most: int) -> list[FormerSlot]:
        """See ``lakeward.ports.history.History``."""
        found: list[FormerSlot] = []
        request: dict[str, Any] = {
            "KeyConditionExpression": "dataset = :d AND slot < :s",
            "FilterExpression": "#status = :ok",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":d": dataset.name, ":s": str(slot), ":ok": "SUCCEEDED"},
            "ScanIndexForward": False,
        }
        while len(found) < most:
            with store_errors(f"ledger {self._table.name}", "read"):
                page = self._table.query(**request)
            found += [_former(_plain(item["facts"])) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found[:most]


def _former(facts: dict[str, Any]) -> FormerSlot:
    spreads = [Spread.model_validate(spread) for spread in json.loads(facts.get("spreads", "[]"))]
    return FormerSlot(facts["records_in"], {spread.column: spread for spread in spreads})


def _entry(item: dict[str, Any], dataset: Dataset) -> Entry:
    slot = Slot.parse(item["slot"], dataset.contract.slot)
    return Entry(
        dataset=dataset.name,
        slot=slot,
        execution=item["execution"],
        started_at=item["started_at"],
        status=item["status"],
        recorded_at=item["recorded_at"],
        facts=_plain(item["facts"]),
    )


def _storable(value: Any) -> Any:
    """Floats become Decimals, which is what DynamoDB keeps."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {k: _storable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_storable(v) for v in value]
    return value


def _plain(value: Any) -> Any:
    """Decimals become ints where they are whole, floats elsewhere."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
