"""Recorded GeoJSON, taken apart without changing a byte of its records."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.replay.model import Record

_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class FeatureCollection:
    """A recorded answer: what it says of itself, and its features in the order in which they came."""

    metadata: dict[str, Any]
    features: tuple[Record, ...]


def read_feature_collection(path: Path) -> FeatureCollection:
    """Read a recorded FeatureCollection, gzipped when its name says so.

    Raises:
        DeclarationInvalid: the file is missing or is no FeatureCollection.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
        document = json.loads(text)
    except (OSError, EOFError, ValueError) as error:
        raise DeclarationInvalid(f"expected recorded GeoJSON in {path}, found: {error}") from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise DeclarationInvalid(f"expected {path} to hold a FeatureCollection, found something else")
    features = tuple(_features(text))
    if [feature.value for feature in features] != document["features"]:
        raise DeclarationInvalid(f'expected the first "features" of {path} to be its list of features, found another')
    return FeatureCollection(metadata=document.get("metadata", {}), features=features)


def _features(text: str) -> list[Record]:
    """The elements of the first ``"features": [...]``, each with its own bytes."""
    at = text.index("[", text.index('"features"')) + 1
    found: list[Record] = []
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return found
        value, end = _DECODER.raw_decode(text, at)
        found.append(Record(raw=text[at:end].encode(), value=value))
        at = end
