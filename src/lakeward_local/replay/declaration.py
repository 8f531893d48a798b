"""``replay.yaml``: what a dataset folder says of its recorded upstream.

    imitation: usgs                                  how the API behaves: a module of this package
    host: https://earthquake.usgs.gov                scheme and host that the contract names
    path: /fdsnws/event/1                            below which the imitation answers
    recorded: sample/usgs_earthquakes_2018-02.geojson.gz

Datasets that stand on the same host and path share one imitation, which answers from the recordings of all of them.
A folder without a ``replay.yaml`` has no recorded upstream.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lakeward_local.errors import DeclarationInvalid

FILE_NAME = "replay.yaml"


class Declaration(BaseModel):
    """One dataset's recorded upstream."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    imitation: Literal["usgs", "github_releases", "clinical_trials", "ecb_csv", "nycflights13"]
    host: Annotated[str, Field(pattern=r"^https?://[a-z0-9.-]+(:\d+)?$")]
    path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)+$")]
    recorded: str


class Recording(BaseModel):
    """A declaration, and where its recorded file is."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    declaration: Declaration
    file: Path


def recordings(datasets: Path) -> list[Recording]:
    """Every recorded upstream below ``datasets/``, by the dataset's name.

    Raises:
        DeclarationInvalid: a ``replay.yaml`` breaks the format or names a file that is not there.
    """
    return [_recording(path) for path in sorted(datasets.glob(f"*/{FILE_NAME}"))]


def fingerprint(datasets: Path) -> str:
    """Changes when, and only when, a declaration or a recorded file does."""
    digest = hashlib.sha256()
    for recording in recordings(datasets):
        digest.update(recording.model_dump_json().encode())
        digest.update(hashlib.sha256(recording.file.read_bytes()).digest())
    return digest.hexdigest()


def overrides(datasets: Path, endpoint: str) -> dict[str, str]:
    """Where functions find each recorded upstream: the host of the contract -> the replay server."""
    return {recording.declaration.host: endpoint for recording in recordings(datasets)}


def _recording(path: Path) -> Recording:
    try:
        declaration = Declaration.model_validate(YAML(typ="safe").load(path))
    except YAMLError as error:
        raise DeclarationInvalid(f"expected YAML in {path}, found: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
        raise DeclarationInvalid(
            f"{path} breaks the format that lakeward_local.replay.declaration tells: {faults}"
        ) from error
    file = path.parent / declaration.recorded
    if not file.is_file():
        raise DeclarationInvalid(f"{path} names {declaration.recorded}, but there is no such file beside it")
    return Recording(dataset=path.parent.name, declaration=declaration, file=file)
