"""What an attempt begins from: what the runs before it left, fixed before the first question is asked.

A run that asks for changes only, or by condition, needs to know where the run before it ended. That stands in the
certificate of the newest earlier slot that has one, and is written down as ``begin.json`` first of all, so that a call
that resumes asks the same questions. Nothing is ever overwritten: a run that fails leaves every state as it was.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from lakeward.certificate import Certificate
from lakeward.contract.source import HttpSource, Incremental
from lakeward.contract.template import epoch_milliseconds
from lakeward.errors import IncompleteRun
from lakeward.formats.document import found_at

INSTANTS = ("iso8601", "epoch_seconds", "epoch_milliseconds")


@dataclass(frozen=True)
class Begin:
    """Where an attempt begins.

    ``since`` is the value to ask from (None: the contract's ``initial``), ``reached`` the greatest one seen so far;
    ``conditions`` are headers; ``after`` is the key of the certificate that they come from, with its sha256.
    """

    since: str | None = None
    reached: str | None = None
    conditions: dict[str, str] = field(default_factory=dict)
    after: str | None = None
    after_sha256: str | None = None

    def to_bytes(self) -> bytes:
        """The stored form."""
        return json.dumps(asdict(self), indent=2, sort_keys=True).encode() + b"\n"

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Begin":
        """Read it back.

        Raises:
            IncompleteRun: it was not stored by ingest.
        """
        try:
            return cls(**json.loads(stored))
        except (ValueError, TypeError):
            raise IncompleteRun("expected what the attempt began from, found something else") from None


def is_needed(source: HttpSource) -> bool:
    """Whether a contract asks for anything that depends on the runs before."""
    return source.incremental is not None or source.manners.conditional


def begin_after(source: HttpSource, key: str, stored: bytes) -> Begin:
    """Begin where the run of a certificate ended.

    Args:
        source: of the contract.
        key: of the certificate.
        stored: its bytes.
    """
    certificate = Certificate.from_bytes(stored)
    reached = certificate.reached if source.incremental else None
    since = None if source.incremental is None or reached is None else stepped_back(source.incremental, reached)
    conditions = {}
    if source.manners.conditional:
        names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        conditions = {names[name]: value for name, value in certificate.validators.items()}
    return Begin(since, reached, conditions, key, hashlib.sha256(stored).hexdigest())


class HighWater:
    """The greatest value of all records, starting from what the runs before had reached."""

    def __init__(self, incremental: Incremental, reached: str | None) -> None:
        self._incremental = incremental
        self.text = reached
        self._greatest = None if reached is None else _comparable(incremental, reached)

    def see(self, record: Any) -> None:
        """Take one record into account.

        Raises:
            IncompleteRun: it has no such value: nobody could say where the next run must begin.
        """
        value = found_at(record, self._incremental.at)
        if value is None or isinstance(value, bool | dict | list):
            raise IncompleteRun(f"expected a value at {self._incremental.at} in every record, found one without")
        comparable = _comparable(self._incremental, value)
        if self._greatest is None or comparable > self._greatest:
            self._greatest, self.text = comparable, str(value)


def stepped_back(incremental: Incremental, reached: str) -> str:
    """What to ask from: what was reached, less the contract's look-back."""
    if not incremental.lookback_seconds:
        return reached
    match incremental.value:
        case "epoch_seconds":
            return str(int(reached) - incremental.lookback_seconds)
        case "epoch_milliseconds":
            return str(int(reached) - 1000 * incremental.lookback_seconds)
        case _:
            instant = datetime.fromisoformat(reached) - timedelta(seconds=incremental.lookback_seconds)
            return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _comparable(incremental: Incremental, value: Any) -> Any:
    """A value as something that can be compared with another of its kind."""
    try:
        match incremental.value:
            case "text":
                return str(value)
            case "number" | "epoch_seconds" | "epoch_milliseconds":
                return Decimal(str(value))
            case "iso8601":
                instant = datetime.fromisoformat(str(value))
                return epoch_milliseconds(instant) if instant.tzinfo else _refuse(incremental)
    except (ValueError, ArithmeticError):
        return _refuse(incremental)


def _refuse(incremental: Incremental) -> Any:
    raise IncompleteRun(
        f"expected {incremental.value} at {incremental.at} in every record, found something else"
        + ("; an instant needs its offset" if incremental.value == "iso8601" else "")
    )
