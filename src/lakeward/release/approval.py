"""Approvals: a person's leave to bring one release into one environment."""

from typing import Literal

from lakeward.ports.artifacts import Artifacts
from lakeward.release.documents import Document, keep, read_document
from lakeward.release.keys import approval_key
from lakeward.released import Sha256, short


class Approval(Document):
    """One leave."""

    approval: Literal[1] = 1
    environment: str
    release: Sha256
    by: str
    note: str | None
    approved_at: str


def approve(store: Artifacts, approval: Approval) -> Approval:
    """Keep an approval. One that is there already stands: it is returned as it was given."""
    key = approval_key(approval.environment, approval.release)
    there = read_document(store, key, Approval)
    if there is None:
        keep(store, key, approval)
    return there or approval


def why_not_approved(store: Artifacts, environment: str, release_id: str) -> list[str]:
    """Why an environment's approval does not allow a release; nothing when it does."""
    found = read_document(store, approval_key(environment, release_id), Approval)
    advice = f"have it given: lakeward approve -e {environment} --release FILE --by NAME"
    wanted = f"approval: expected one for release {short(release_id)} in {environment}"
    if found is None:
        return [f"{wanted}, found none; {advice}"]
    if (found.environment, found.release) != (environment, release_id):
        return [f"{wanted}, found at its place one for {short(found.release)} in {found.environment}; {advice}"]
    return []
