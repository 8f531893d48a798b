"""The dataset that roles are tried on: it uses all that a contract can ask a right for."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auth_world import Guarded
from privilege_world import Privileges

from lakeward.staged import LIST, RETIRED_LIST
from lakeward_local.home import Home

DATASET = "earthquakes"
TRIAL, TRIAL_TABLE, FORMER_TABLE = "trial", "trial_v2", "trial_v1"
"""The dataset, its table, and the one of the major version before."""
MART = "trial_by_day"
"""A mart of it."""
LOGIN = "https://login.example.com"
"""Where it asks for tokens."""
TOKENS, PEOPLE = "lakeward/local/trial", "lakeward/local/people"
"""Its secrets: how it logs in, and the key of its personal columns."""
SECRET = "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/"
LEFT = f"staging/{TRIAL}/slot=20180101T0000Z/left/"
FOLDERS = (f"curated/{TRIAL_TABLE}", f"quarantine/{TRIAL}", f"marts/{MART}")
OLD = (*(f"{folder}/data/nobody.parquet" for folder in FOLDERS), f"{LEFT}{LIST}")
"""Objects of the lake that are forty days old: files that nothing leads to, and a list of staged files."""
DAYS = 40


def of_every_right(contract: str) -> str:
    """The contract of a second major version that logs in, keeps what is about people to itself, and whose audit looks
    back, and into another dataset's table; whatever it finds there."""
    rules = f"""quality:
  volume: {{slots: 3, at_least: 0.1, on_violation: warn}}
  references: [{{column: id, dataset: {DATASET}, to: id, on_violation: warn}}]
"""
    login = f'  auth: {{kind: oauth2_refresh_token, secret: "{SECRET}trial", token_url: "{LOGIN}/token"}}\n'
    place = "    description: Where it happened"
    for old, new in (
        ("version: 1.0.0", "version: 2.0.0"),
        ("\n  params:\n    format", f"\n{login}  params:\n    format"),
        ("\nslot: day", f'\npersonal_key: "{SECRET}people"\nslot: day'),
        (place, f"    personal: hash\n{place}"),
        ("quality:\n", rules),
    ):
        assert contract.count(old) == 1, f"expected one {old!r} in the contract"
        contract = contract.replace(old, new)
    return contract


def add_mart(root: Path) -> None:
    """Give the trial a mart: what a person writes in its folder."""
    folder = root / "datasets" / TRIAL / "marts"
    folder.mkdir()
    column = "required: true, description: Something of the day."
    (folder / f"{MART}.yaml").write_text(
        f"mart: 1\nname: {MART}\nowner: team\ndescription: Events of the trial by day.\nmode: slot\n"
        f"inputs:\n  - {{name: {TRIAL}, rows: slot}}\npartition_by: event_date\nunique: [event_date]\n"
        f"columns:\n  - {{name: event_date, type: date, {column}}}\n  - {{name: events, type: bigint, {column}}}\n"
    )
    select = "SELECT event_date, count(*) AS events"
    where = "WHERE event_date = DATE '{slot.date}' GROUP BY event_date"
    (folder / f"{MART}.sql").write_text(f"{select} FROM {TRIAL} {where}\n")


@dataclass(frozen=True)
class Login:
    """Where the trial logs in, and what it shows there. Every token is too old at once, so each request asks anew."""

    world: Privileges
    service: Guarded

    def prepare(self) -> None:
        """Make the secrets, and let the function find the service."""
        client = self.world.client("secretsmanager")
        client.create_secret(Name=TOKENS, SecretString=self.known())
        client.create_secret(Name=PEOPLE, SecretString="a key of no less than 32 bytes, which is this")
        functions, name = self.world.client("lambda"), "lakeward-local-ingest"
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        assert self.service.server
        overrides = json.loads(variables["UPSTREAM_OVERRIDES"]) | {LOGIN: self.service.server.origin}
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | {"UPSTREAM_OVERRIDES": json.dumps(overrides)}}
        )

    def begin(self) -> None:
        """Store the refresh token that the service takes next."""
        self.world.client("secretsmanager").put_secret_value(SecretId=TOKENS, SecretString=self.known())

    def known(self) -> str:
        """What the secret is."""
        return json.dumps({"client_id": "lakeward", "client_secret": "-", "refresh_token": self.service.refresh})


def store_what_is_old(world: Privileges) -> None:
    """Store the objects that shall be old."""
    for key in OLD:
        world.client("s3").put_object(Bucket=world.outputs["buckets"]["curated"], Key=key, Body=b"{}")


def make_old(home: Home, bucket: str) -> None:
    """Let the objects have been stored long ago, in a local cloud that is down: what S3 keeps of each says when."""
    then = (datetime.now(UTC) - timedelta(days=DAYS)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for key in OLD:
        (path,) = home.objects.glob(f"*/{bucket}/{key}.meta.json")
        kept: dict[str, Any] = json.loads(path.read_text())
        for stored in (kept, *kept["versions"]):
            stored["last_modified"] = then
        path.write_text(json.dumps(kept))


def bring_back_what_is_old(world: Privileges) -> None:
    """Let nobody have removed or retired the old objects: without its delete marker, a version is as old as it was."""
    s3, bucket = world.client("s3"), world.outputs["buckets"]["curated"]
    world.forget("curated", f"{LEFT}{RETIRED_LIST}")
    for key in OLD:
        for marker in s3.list_object_versions(Bucket=bucket, Prefix=key).get("DeleteMarkers", []):
            s3.delete_object(Bucket=bucket, Key=key, VersionId=marker["VersionId"])
