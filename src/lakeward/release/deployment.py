"""Deployments: which release was brought into an environment when, and the state that can be come back to."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from lakeward.errors import PromotionRefused, ReleaseInvalid
from lakeward.ports.artifacts import Artifacts
from lakeward.ports.catalog import Point
from lakeward.release.documents import Document, keep, newest_document, newest_number, numbered_key, read_document
from lakeward.release.keys import begun_prefix, deployments_prefix, release_key
from lakeward.released import Release, Sha256, short

Kind = Literal["deploy", "promote", "rollback"]


class Begun(Document):
    """A deployment that began, kept before anything is changed. With one newer than the newest deployment, the last
    deployment did not come to its end."""

    begun: Literal[1] = 1
    environment: str
    number: int = Field(ge=1, description="Counts the beginnings; a deployment has the number of its own.")
    kind: Kind
    release: Sha256 = Field(description="What is to be deployed.")
    began_at: str = Field(description="ISO 8601, UTC. Runs that are recorded later may be of this release.")
    before: Point | None = Field(description="What readers saw; null where nothing could tell.")
    ringing: list[str] | None = Field(
        default=None, description="Names of the alarms that rang; null of beginnings from before that was kept."
    )


class Deployment(Document):
    """A deployment that came to its end."""

    deployment: Literal[1] = 1
    environment: str
    number: int = Field(ge=1, description="Grows; the newest deployment is what is deployed.")
    kind: Kind
    release: Sha256 = Field(description="What is deployed since.")
    previous: Sha256 | None = Field(description="What was deployed before; null for the first.")
    began_at: str
    deployed_at: str


def current_deployment(store: Artifacts, environment: str) -> Deployment | None:
    """What is deployed, or None when nothing ever was."""
    return newest_document(store, deployments_prefix(environment), Deployment)


def deployments(store: Artifacts, environment: str) -> list[Deployment]:
    """Every deployment to an environment, oldest first."""
    keys = store.keys(deployments_prefix(environment))
    return [found for key in keys if (found := read_document(store, key, Deployment)) is not None]


def beginnings(store: Artifacts, environment: str, after: int) -> list[Begun]:
    """Every beginning with a number above ``after``, oldest first."""
    keys = [
        key for key in store.keys(begun_prefix(environment)) if key > numbered_key(begun_prefix(environment), after)
    ]
    return [found for key in keys if (found := read_document(store, key, Begun)) is not None]


def rang_before(store: Artifacts, environment: str) -> frozenset[str]:
    """Alarms that rang when the newest deployment began. Where it took several attempts, when the first of them began:
    what rings since may be their doing."""
    last = newest_number(store, deployments_prefix(environment))
    former = [record.number for record in deployments(store, environment) if record.number < last]
    began = beginnings(store, environment, after=max(former, default=0))
    return frozenset(began[0].ringing or ()) if began else frozenset()


def begin(
    store: Artifacts,
    environment: str,
    kind: Kind,
    release_id: str,
    now: str,
    before: Point | None,
    ringing: Sequence[str] = (),
) -> Begun:
    """Keep that a deployment begins.

    Raises:
        CommitConflict: another one began at the same time.
    """
    number = next_number(store, environment)
    begun = Begun(
        environment=environment,
        number=number,
        kind=kind,
        release=release_id,
        began_at=now,
        before=before,
        ringing=list(ringing),
    )
    keep(store, numbered_key(begun_prefix(environment), number), begun)
    return begun


def next_number(store: Artifacts, environment: str) -> int:
    """The number of the next beginning or deployment."""
    return max(newest_number(store, prefix(environment)) for prefix in (begun_prefix, deployments_prefix)) + 1


def newest_begun(store: Artifacts, environment: str) -> int:
    """The number of the newest beginning; 0 when there is none."""
    return newest_number(store, begun_prefix(environment))


def finish(store: Artifacts, made: Deployment) -> Deployment:
    """Keep that a deployment came to its end.

    Raises:
        CommitConflict: somebody else deployed meanwhile.
    """
    keep(store, numbered_key(deployments_prefix(made.environment), made.number), made)
    return made


def deployed_release(store: Artifacts, environment: str) -> Release:
    """The release that is deployed.

    Raises:
        PromotionRefused: none is.
    """
    current = current_deployment(store, environment)
    if current is None:
        raise PromotionRefused(
            f"expected a deployment in {environment}, found none; lakeward deploy -e {environment} --release FILE"
        )
    return kept_release(store, current.release)


def kept_release(store: Artifacts, release_id: str) -> Release:
    """A release that was published to an environment.

    Raises:
        ReleaseInvalid: it was not, or its file is another one.
    """
    key = release_key(release_id)
    raw = store.read(key)
    if raw is None:
        raise ReleaseInvalid(
            f"{store.where}/{key}: expected the release file of {short(release_id)}, found none; publish it first: "
            "lakeward release publish --release FILE"
        )
    release = Release.from_bytes(raw, f"{store.where}/{key}")
    if release.id != release_id:
        raise ReleaseInvalid(
            f"{store.where}/{key}: expected the file whose sha256 is {release_id}, found {release.id}; "
            "find out from the bucket's versions who replaced it"
        )
    return release
