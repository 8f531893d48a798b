"""Workgroups: what queries run under. https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from lakeward_local.athena.errors import ApiError

ENGINE_VERSION: Final = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
_ENGINES: Final = ("AUTO", "Athena engine version 3")
_MIN_CUTOFF_BYTES: Final = 10_000_000


@dataclass
class Workgroup:
    """A workgroup with its configuration as the API shows it."""

    name: str
    configuration: dict[str, Any]
    description: str | None = None
    state: str = "ENABLED"
    created: float = field(default_factory=time.time)

    def described(self) -> dict[str, Any]:
        found = {
            "Name": self.name,
            "State": self.state,
            "Configuration": self.configuration,
            "CreationTime": self.created,
        }
        return found | ({"Description": self.description} if self.description is not None else {})

    def summary(self) -> dict[str, Any]:
        return {
            "Name": self.name,
            "State": self.state,
            "Description": self.description or "",
            "CreationTime": self.created,
            "EngineVersion": self.configuration["EngineVersion"],
        }

    @property
    def is_enforced(self) -> bool:
        return bool(self.configuration.get("EnforceWorkGroupConfiguration"))

    @property
    def cutoff_bytes(self) -> int | None:
        value = self.configuration.get("BytesScannedCutoffPerQuery")
        return None if value is None else int(value)

    def results(self, requested: dict[str, Any]) -> dict[str, Any]:
        """Where and how a query's results are written: the workgroup's word if it is enforced, else the client's first.

        Raises:
            ApiError: neither names a location.
        """
        own = self.configuration.get("ResultConfiguration") or {}
        chosen = dict(own) if self.is_enforced else {**own, **requested}
        if not chosen.get("OutputLocation"):
            raise ApiError.invalid(
                "No output location provided. An output location is required either through the Workgroup "
                "result configuration setting or as an API input."
            )
        if not str(chosen["OutputLocation"]).startswith("s3://"):
            raise ApiError.invalid(f"outputLocation is not a valid S3 path: {chosen['OutputLocation']}")
        return {
            k: v
            for k, v in chosen.items()
            if k in {"OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration"}
        }


class Workgroups:
    """All workgroups of an account in a region; ``primary`` is always there."""

    def __init__(self) -> None:
        self.by_name: dict[str, Workgroup] = {
            "primary": Workgroup("primary", _complete({"EnforceWorkGroupConfiguration": False}))
        }

    def get(self, name: str) -> Workgroup:
        if name not in self.by_name:
            raise ApiError.invalid(f"WorkGroup {name} is not found.")
        return self.by_name[name]

    def usable(self, name: str) -> Workgroup:
        found = self.get(name)
        if found.state == "DISABLED":
            raise ApiError.invalid(f"WorkGroup {name} is disabled.")
        return found

    def create(self, request: dict[str, Any]) -> Workgroup:
        name = request["Name"]
        if name in self.by_name:
            raise ApiError.invalid(f"WorkGroup {name} is already created")
        configuration = request.get("Configuration") or {}
        _check(configuration)
        self.by_name[name] = Workgroup(name, _complete(configuration), request.get("Description"))
        return self.by_name[name]

    def update(self, request: dict[str, Any]) -> None:
        group = self.get(request["WorkGroup"])
        updates = dict(request.get("ConfigurationUpdates") or {})
        configuration = dict(group.configuration)
        results = _updated(
            configuration.get("ResultConfiguration") or {}, updates.pop("ResultConfigurationUpdates", {}) or {}
        )
        if updates.pop("RemoveBytesScannedCutoffPerQuery", False):
            configuration.pop("BytesScannedCutoffPerQuery", None)
        if updates.pop("RemoveCustomerContentEncryptionConfiguration", False):
            configuration.pop("CustomerContentEncryptionConfiguration", None)
        configuration |= updates
        configuration["ResultConfiguration"] = results
        _check(configuration)
        group.configuration = _complete(configuration)
        group.description = request.get("Description", group.description)
        group.state = request.get("State", group.state)

    def delete(self, name: str, *, holds: bool, recursive: bool) -> None:
        self.get(name)
        if name == "primary":
            raise ApiError.invalid("Cannot delete primary WorkGroup")
        if holds and not recursive:
            raise ApiError.invalid(f"WorkGroup {name} is not empty")
        del self.by_name[name]

    def state(self) -> list[dict[str, Any]]:
        return [asdict(g) for g in self.by_name.values()]

    def restore(self, state: list[dict[str, Any]]) -> None:
        self.by_name |= {g["name"]: Workgroup(**g) for g in state}


def _complete(configuration: dict[str, Any]) -> dict[str, Any]:
    """The configuration with AWS's defaults."""
    selected = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion", "AUTO")
    return {
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "ResultConfiguration": {},
        **configuration,
        "EngineVersion": {**ENGINE_VERSION, "SelectedEngineVersion": selected},
    }


def _updated(results: dict[str, Any], updates: dict[str, Any]) -> dict[str, Any]:
    """ResultConfigurationUpdates: each member has a Remove... twin."""
    results = dict(results)
    for name, value in updates.items():
        if name.startswith("Remove"):
            if value:
                results.pop(name.removeprefix("Remove"), None)
        else:
            results[name] = value
    return results


def _check(configuration: dict[str, Any]) -> None:
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and int(cutoff) < _MIN_CUTOFF_BYTES:
        raise ApiError.invalid(
            f"BytesScannedCutoffPerQuery: expected at least {_MIN_CUTOFF_BYTES} bytes, found {cutoff}"
        )
    selected = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion", "AUTO")
    if selected not in _ENGINES:
        raise ApiError.invalid(f"EngineVersion: expected one of {', '.join(_ENGINES)}, found {selected}")
