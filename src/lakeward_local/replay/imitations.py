"""From the datasets' declarations to the imitations that answer for them."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.replay.clinical_trials import ClinicalTrials
from lakeward_local.replay.declaration import Recording, recordings
from lakeward_local.replay.ecb_csv import EcbCsv
from lakeward_local.replay.geojson import read_feature_collection
from lakeward_local.replay.github_releases import GithubReleases
from lakeward_local.replay.model import Imitation
from lakeward_local.replay.nycflights13 import Nycflights13
from lakeward_local.replay.samples import read_array, read_lines, read_separated
from lakeward_local.replay.usgs import UsgsEvents


def _usgs(host: str, path: str, group: Sequence[Recording]) -> Imitation:
    return UsgsEvents(host, path, [read_feature_collection(recording.file) for recording in group])


def _github_releases(host: str, path: str, group: Sequence[Recording]) -> Imitation:
    return GithubReleases(host, path, tuple(r for recording in group for r in read_array(recording.file)))


def _clinical_trials(host: str, path: str, group: Sequence[Recording]) -> Imitation:
    return ClinicalTrials(host, path, tuple(r for recording in group for r in read_lines(recording.file)))


def _ecb_csv(host: str, path: str, group: Sequence[Recording]) -> Imitation:
    files = [read_separated(recording.file) for recording in group]
    return EcbCsv(host, path, files[0][0], tuple(record for _, records in files for record in records))


def _nycflights13(host: str, path: str, group: Sequence[Recording]) -> Imitation:
    return Nycflights13(host, path, {recording.file.name: recording.file for recording in group}.values())


_KINDS: dict[str, Callable[[str, str, Sequence[Recording]], Imitation]] = {
    "usgs": _usgs,
    "github_releases": _github_releases,
    "clinical_trials": _clinical_trials,
    "ecb_csv": _ecb_csv,
    "nycflights13": _nycflights13,
}


def imitations(datasets: Path) -> list[Imitation]:
    """One imitation for every path that some dataset declares.

    Raises:
        DeclarationInvalid: a declaration is wrong, or two that share a path stand for different upstreams.
    """
    found = sorted(recordings(datasets), key=lambda recording: recording.declaration.path)
    return [_imitation(path, list(group)) for path, group in groupby(found, key=lambda r: r.declaration.path)]


def _imitation(path: str, group: Sequence[Recording]) -> Imitation:
    upstreams = {(recording.declaration.imitation, recording.declaration.host) for recording in group}
    if len(upstreams) > 1:
        who = ", ".join(f"{r.dataset}: {r.declaration.imitation} {r.declaration.host}" for r in group)
        raise DeclarationInvalid(
            f"expected the datasets that are replayed below {path} to share one upstream, found {who}. "
            "The replay server is one host, so two upstreams cannot have the same path."
        )
    ((kind, host),) = upstreams
    return _KINDS[kind](host, path, group)
