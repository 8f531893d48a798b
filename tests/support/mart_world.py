"""Marts and their inputs in memory."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lakeward.contract.mart import Mart
from lakeward.contract.marts import MartModel
from lakeward.slot import Slot


def day(number: int) -> Slot:
    return Slot(datetime(2024, 3, 1, tzinfo=UTC) + timedelta(days=number - 1))


def model(name: str, *inputs: dict[str, Any], mode: str = "slot") -> MartModel:
    """A mart over these inputs."""
    declared = {
        "mart": 1,
        "name": name,
        "owner": "team",
        "description": "Something by day.",
        "mode": mode,
        "inputs": list(inputs),
        "partition_by": "day",
        "unique": ["day"],
        "columns": [{"name": "day", "type": "date", "required": True, "description": "Day."}],
    }
    return MartModel(Mart.model_validate(declared), "SELECT …", name * 2, "day" if mode == "slot" else None)


def by_name(*models: MartModel) -> dict[str, MartModel]:
    return {model.name: model for model in models}


class Tables:
    """Inputs in memory: run ids by slot, by name."""

    def __init__(self, **runs: dict[Slot, str]) -> None:
        self.runs = runs

    def run_id(self, name: str, slot: Slot) -> str | None:
        return self.runs.get(name, {}).get(slot)

    def snapshot(self, name: str) -> str | None:
        return repr(sorted(self.runs[name].items())) if self.runs.get(name) else None

    def slots(self, name: str) -> set[str]:
        return {str(slot) for slot in self.runs.get(name, {})}
