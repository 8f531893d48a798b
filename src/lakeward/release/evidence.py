"""Evidence: what came of a release's end-to-end checks in an environment. Bound to the release by its digest."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lakeward.ports.artifacts import Artifacts
from lakeward.release.documents import Document, keep, newest_document, newest_number, numbered_key
from lakeward.release.keys import EVIDENCE, evidence_prefix
from lakeward.released import Release, Sha256, short

CHECKS = (
    "queries answer in time",
    "queries scan within the cutoff",
    "analysts may read",
    "analysts may do nothing else",
    "no bucket is public",
)
"""What evidence says besides the queries; one that lacks any of them proves too little."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Part):
    """One thing that was looked at."""

    name: str
    expected: str
    found: str
    holds: bool


class Judged(_Part):
    """One end-to-end query and what came of it. Values of rows are not kept: they may be personal."""

    dataset: str
    name: str
    differences: int = Field(ge=0, description="0 means that the whole result is as expected.")
    milliseconds: int
    scanned_bytes: int


class Proved(_Part):
    """By which contract and which queries a dataset was proved."""

    contract_sha256: Sha256
    queries_sha256: Sha256


class Evidence(Document):
    """One run of all checks of one release in one environment."""

    evidence: Literal[1] = 1
    environment: str
    release: Sha256
    number: int = Field(ge=1, description="Counts the runs for this release here; the newest decides.")
    made_at: str = Field(description="ISO 8601, UTC.")
    datasets: dict[str, Proved]
    queries: list[Judged]
    checks: list[Check]

    @property
    def green(self) -> bool:
        """Whether all held."""
        return not list(self.red())

    def red(self) -> Iterator[str]:
        """What did not hold, in words."""
        for query in self.queries:
            if query.differences:
                yield f"{query.dataset}/queries/{query.name}.sql: {query.differences} difference(s)"
        for check in self.checks:
            if not check.holds:
                yield f"{check.name}: expected {check.expected}, found {check.found}"


def next_number(store: Artifacts, environment: str, release_id: str) -> int:
    """The number of the next evidence."""
    return newest_number(store, evidence_prefix(environment, release_id)) + 1


def keep_evidence(store: Artifacts, evidence: Evidence) -> str:
    """Store evidence; returns its key."""
    key = numbered_key(evidence_prefix(evidence.environment, evidence.release), evidence.number)
    keep(store, key, evidence)
    return key


def why_not_proved(store: Artifacts, environment: str, release: Release) -> list[str]:
    """Why a release's newest evidence in an environment does not allow to promote it; nothing when it does."""
    found = newest_document(store, evidence_prefix(environment, release.id), Evidence)
    advice = f"run: lakeward e2e -e {environment} --release FILE --evidence"
    if found is None:
        others = sorted({key.split("/")[2] for key in store.keys(f"{EVIDENCE}{environment}/")})
        there = f"that of {', '.join(map(short, others))}" if others else "none of any release"
        return [f"evidence: expected that of release {short(release.id)} in {environment}, found {there}; {advice}"]
    if (found.release, found.environment) != (release.id, environment):
        wrong = f"that of {short(found.release)} in {found.environment}: somebody copied it"
        return [f"evidence: expected that of release {short(release.id)} in {environment}, found {wrong}; {advice}"]
    name = f"evidence {found.number} of {environment}"
    problems = [f"{name} is red: {text}" for text in found.red()]
    problems += [f"{name} is not enough: {text}" for text in _gaps(found, release)]
    return problems and [*problems, f"mend what it names, and {advice}"]


def _gaps(evidence: Evidence, release: Release) -> Iterator[str]:
    """What evidence leaves open."""
    for name, dataset in release.datasets.items():
        proved = evidence.datasets.get(name)
        if proved != Proved(contract_sha256=dataset.contract_sha256, queries_sha256=dataset.queries_sha256):
            found = "others" if proved else "none"
            yield f"expected {name} proved by the release's own contract and queries, found {found}"
        if not any(query.dataset == name for query in evidence.queries):
            yield f"expected queries of {name}, found none"
    for missing in set(CHECKS) - {check.name for check in evidence.checks}:
        yield f"expected the check that {missing}, found none"
