"""Evidence from an end-to-end run: bound to the release that is deployed, kept whether it is green or red."""

from collections.abc import Sequence
from datetime import UTC, datetime

from lakeward.adapters.access import Deed, allowed, open_to_the_public, query_cutoff_bytes
from lakeward.cli.screen import console, plain
from lakeward.cli.target import Place, live_of, open_place
from lakeward.contract import load_dataset
from lakeward.errors import PromotionRefused
from lakeward.release.deploy import prove_functions
from lakeward.release.deployment import deployed_release
from lakeward.release.evidence import Check, Evidence, Judged, Proved, keep_evidence, next_number
from lakeward.release.make import released_dataset
from lakeward.release.proof import closed, in_time, may, may_not, within_cutoff
from lakeward.released import Release, short
from lakeward.serve.e2e import Verdict


def prepared(environment: str, release: Release | None) -> Place:
    """An environment in which a release can be proved.

    Args:
        release: which one; None for the one that is deployed.

    Raises:
        PromotionRefused: another release is deployed, or this working copy has other queries than it.
    """
    place = open_place(environment)
    deployed = deployed_release(place.store, environment)
    if release is not None and release.id != deployed.id:
        raise PromotionRefused(
            f"expected release {short(release.id)} in {environment}, found {short(deployed.id)}: evidence of one is "
            f"none of the other; deploy it first: lakeward deploy -e {environment} --release FILE"
        )
    for name, dataset in deployed.datasets.items():
        if released_dataset(load_dataset(place.root / "datasets" / name)) != dataset:
            raise PromotionRefused(
                f"datasets/{name}: expected the contract and the queries of release {short(deployed.id)}, found "
                f"others; check out its sources{f', commit {deployed.commit}' if deployed.commit else ''}"
            )
    prove_functions(deployed, live_of(place))
    return place


def keep(place: Place, release: Release | None, verdicts: Sequence[Verdict]) -> bool:
    """Make the other checks, keep it all, show it; returns whether it is green."""
    environment = place.values.environment
    proved = release or deployed_release(place.store, environment)
    judged = [
        Judged(
            dataset=verdict.query.dataset,
            name=verdict.query.name,
            differences=len(verdict.differences),
            milliseconds=verdict.milliseconds,
            scanned_bytes=verdict.scanned_bytes,
        )
        for verdict in verdicts
    ]
    evidence = Evidence(
        environment=environment,
        release=proved.id,
        number=next_number(place.store, environment, proved.id),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        datasets={
            name: Proved(contract_sha256=dataset.contract_sha256, queries_sha256=dataset.queries_sha256)
            for name, dataset in proved.datasets.items()
        },
        queries=judged,
        checks=[in_time(judged), *_looked_at(place, judged)],
    )
    key = keep_evidence(place.store, evidence)
    for check in evidence.checks:
        mark = plain("ok  ", "green") if check.holds else plain("no  ", "bold red")
        console.print(mark + plain(f"{check.name}: {check.found}"), soft_wrap=True)
    colour = "green" if evidence.green else "red"
    console.print(
        plain(f"{colour} evidence of release {short(proved.id)}: {place.store.where}/{key}", colour), soft_wrap=True
    )
    return evidence.green


def _looked_at(place: Place, judged: Sequence[Judged]) -> list[Check]:
    """Cost and access, as the account itself says."""
    boto, values = place.session.boto, place.values
    iam = boto.client("iam")
    policy = f"arn:{place.session.partition}:iam::{values.account_id}:policy/lakeward-{values.environment}-analyst"
    rights = {str(deed): holds for deed, holds in allowed(iam, policy, _rights(place)).items()}
    wrongs = {str(deed): holds for deed, holds in allowed(iam, policy, _wrongs(place)).items()}
    return [
        within_cutoff(judged, query_cutoff_bytes(place.session.athena, place.session.workgroup)),
        may(rights),
        may_not(wrongs),
        closed(values.buckets, open_to_the_public(boto.client("s3"), values.buckets)),
    ]


def _rights(place: Place) -> list[Deed]:
    """What analysts are there for."""
    names = _Names(place)
    return [
        Deed("athena:StartQueryExecution", names.arn("athena", f"workgroup/{place.session.workgroup}")),
        Deed("glue:GetTable", names.arn("glue", f"table/{names.database('serving')}/any")),
        Deed("s3:GetObject", names.object("curated", "curated/any/data/any.parquet")),
        Deed("s3:PutObject", names.object("results", "athena/any.csv")),
    ]


def _wrongs(place: Place) -> list[Deed]:
    """What analysts must not do: see what is not published, change what others read, run anything."""
    names = _Names(place)
    return [
        Deed("s3:GetObject", names.object("raw", "any/slot=any/certificate.json")),
        Deed("s3:GetObject", names.object("curated", "staging/any/staged.json")),
        Deed("s3:GetObject", names.object("artifacts", "releases/any.json")),
        Deed("s3:GetObject", names.object("state", "platform.tfstate")),
        Deed("s3:PutObject", names.object("curated", "curated/any/data/any.parquet")),
        Deed("s3:PutObject", names.object("artifacts", "evidence/any.json")),
        Deed("s3:DeleteObject", names.object("curated", "curated/any/data/any.parquet")),
        Deed("glue:UpdateTable", names.arn("glue", f"table/{names.database('serving')}/any")),
        Deed("glue:DeleteTable", names.arn("glue", f"table/{names.database('curated')}/any")),
        Deed("dynamodb:PutItem", names.arn("dynamodb", f"table/lakeward-{names.environment}-ledger")),
        Deed("lambda:InvokeFunction", names.arn("lambda", f"function:lakeward-{names.environment}-switch")),
        Deed("states:StartExecution", place.session.state_machine_arn),
        Deed("iam:AttachRolePolicy", f"arn:{place.session.partition}:iam::{place.values.account_id}:role/any"),
    ]


class _Names:
    """ARNs of an environment's things."""

    def __init__(self, place: Place) -> None:
        self._partition = place.session.partition
        self._values = place.values
        self.environment = place.values.environment

    def arn(self, service: str, what: str) -> str:
        return f"arn:{self._partition}:{service}:{self._values.region}:{self._values.account_id}:{what}"

    def object(self, role: str, key: str) -> str:
        return f"arn:{self._partition}:s3:::lakeward-{self.environment}-{self._values.account_id}-{role}/{key}"

    def database(self, role: str) -> str:
        return f"lakeward_{self.environment}_{role}"
