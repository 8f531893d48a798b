"""``masked.json`` beside a recorded sample: which file was masked, by its digest, and at which places.

A file that was changed afterwards, or a contract that has more personal places since, makes the mark worth nothing.
"""

import hashlib
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lakeward.contract import Contract

FILE_NAME = "masked.json"


class Marker(BaseModel):
    """What was masked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    masked: int = Field(default=1, ge=1, le=1, description="Version of this format.")
    file: str = Field(description="Name of the sample beside this.")
    sha256: str = Field(description="Of its bytes.")
    places: list[str] = Field(description="Paths of the contract whose values were masked.")

    def to_bytes(self) -> bytes:
        """The stored form."""
        return (json.dumps(self.model_dump(), indent=2) + "\n").encode()


def personal_places(contract: Contract) -> list[str]:
    """The paths of a contract's personal columns."""
    return [column.at for column in contract.personal_columns if column.at is not None]


def marker_of(contract: Contract, name: str, body: bytes) -> Marker:
    """The mark of a file that has just been masked."""
    digest = hashlib.sha256(body).hexdigest()
    return Marker(file=name, sha256=digest, places=personal_places(contract))


def is_masked(contract: Contract, file: Path) -> bool:
    """Whether a recorded file is marked as masked, as it is, at every place that the contract calls personal."""
    try:
        marker = Marker.model_validate_json((file.parent / FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return False
    same = (marker.file, marker.sha256) == (file.name, hashlib.sha256(file.read_bytes()).hexdigest())
    return same and set(personal_places(contract)) <= set(marker.places)
