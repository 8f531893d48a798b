"""The values of an environment that Python needs too, read from ``environments/<environment>/platform.tfvars``."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from lakeward.errors import ConfigurationMissing

TFVARS = "platform.tfvars"
_TEXT = re.compile(r'^(?P<name>\w+)\s*=\s*"(?P<value>[^"$\\]*)"', re.MULTILINE)

_FIRES = re.compile(r"^schedules_enabled\s*=\s*true\b", re.MULTILINE)


@dataclass(frozen=True)
class EnvironmentValues:
    """Where an environment lies."""

    environment: str
    account_id: str
    region: str
    schedules_enabled: bool

    @property
    def artifacts_bucket(self) -> str:
        """What terraform/bootstrap made for releases."""
        return f"lakeward-{self.environment}-{self.account_id}-artifacts"

    @property
    def state_bucket(self) -> str:
        """What terraform/bootstrap made for Terraform's state."""
        return f"lakeward-{self.environment}-{self.account_id}-state"

    @property
    def buckets(self) -> list[str]:
        """Every bucket of the environment."""
        roles = ("raw", "curated", "results", "artifacts", "state")
        return [f"lakeward-{self.environment}-{self.account_id}-{role}" for role in roles]


def environment_values(root: Path, environment: str) -> EnvironmentValues:
    """Read an environment's values.

    Raises:
        ConfigurationMissing: there is no such environment, or its file lacks a value.
    """
    path = root / "environments" / environment / TFVARS
    if not path.is_file():
        known = sorted(folder.parent.name for folder in root.glob(f"environments/*/{TFVARS}"))
        near = difflib.get_close_matches(environment, known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigurationMissing(
            f"expected the environment {environment!r} at {path}, found none; there are {', '.join(known)}{meant}"
        )
    values = {found["name"]: found["value"] for found in _TEXT.finditer(path.read_text())}
    missing = [name for name in ("environment", "account_id", "region") if not values.get(name)]
    if missing or values["environment"] != environment:
        raise ConfigurationMissing(
            f'{path}: expected environment = "{environment}", account_id and region, found {values}; mend the file'
        )
    fires = _FIRES.search(path.read_text()) is not None
    return EnvironmentValues(environment, values["account_id"], values["region"], fires)
