"""Datasets for which a deployment must keep its promises: personal ones, dear ones, some whose rows are deleted, some
whose source asks who is there."""

from collections.abc import Callable
from pathlib import Path

from deployed_world import add_dataset

LEFT_OUT = ("clinical_trials", "exchange_rates", "terraform_releases")
"""Datasets that these tests ask nothing of."""
SECRET = "lakeward/local/witnesses"
PERSONAL = {
    "place": "personal: hash, max_length: 200",
    "title": "personal: tokenise, max_length: 200",
    "details_url": "personal: redact, max_length: 200, on_violation: fail",
    "network_code": "personal: drop, max_length: 200",
}
LOGIN = "lakeward/local/visitors"
LOGIN_CANARY = "login-canary-7f3a-never-to-be-seen"
"""What the secret of those who log in holds."""
BY_HEADER = "secret_key: key, header: X-Visitor"
BY_PARAM = "secret_key: key, param: visitor"
MART = "sightings_by_day"


def personal(contract: str) -> str:
    """The contract of earthquakes with four personal columns; any share of records may be quarantined."""
    for column, said in PERSONAL.items():
        lines = "".join(f"    {line}\n" for line in said.split(", "))
        contract = _once(contract, f"  - name: {column}\n    type: string\n", lines, after=True)
    key = f'personal_key: "arn:aws:secretsmanager:{{region}}:{{account_id}}:secret:{SECRET}"\n'
    contract = _once(contract, "quality:\n", key)
    return contract.replace("max_quarantined_fraction: 0.05", "max_quarantined_fraction: 1")


def dear(contract: str) -> str:
    """The contract with a limit that no run keeps."""
    return contract + "\ncost:\n  max_run_dollars: 0.0001\n"


def with_tombstones(contract: str) -> str:
    """The contract with events that are deleted, and former states that go soon."""
    mark = "  deleted_when: {column: status, equals: deleted}\n"
    contract = _once(contract, "  newest_by: updated_at\n", mark, after=True)
    return contract + "\nmaintenance: {keep_days: 1, keep_snapshots: 1}\n"


def logging_in(how: str) -> Callable[[str], str]:
    """The contract with a key that says who asks."""
    arn = f"arn:aws:secretsmanager:{{region}}:{{account_id}}:secret:{LOGIN}"
    return lambda contract: _once(contract, "  paging:\n", f'  auth: {{kind: api_key, secret: "{arn}", {how}}}\n')


def add_mart(root: Path) -> None:
    """Give the sightings a mart."""
    folder = root / "datasets" / "sightings" / "marts"
    folder.mkdir()
    said = "required: true, description: Something of the day."
    (folder / f"{MART}.yaml").write_text(
        f"mart: 1\nname: {MART}\nowner: team\ndescription: Sightings by day and network.\nmode: slot\n"
        "inputs:\n  - {name: sightings, rows: slot}\npartition_by: event_date\nunique: [event_date, network]\n"
        "maintenance: {keep_days: 1, keep_snapshots: 1}\n"
        f"columns:\n  - {{name: event_date, type: date, {said}}}\n  - {{name: network, type: string, {said}}}\n"
        f"  - {{name: events, type: bigint, {said}}}\n"
    )
    (folder / f"{MART}.sql").write_text(
        "SELECT event_date, network, count(*) AS events FROM sightings\n"
        "WHERE event_date = DATE '{slot.date}' GROUP BY event_date, network\n"
    )


def add_datasets(root: Path) -> None:
    """Put the datasets of these tests into a copy of the repository."""
    made: dict[str, Callable[[str], str]] = {
        "witnesses": personal,
        "costly": dear,
        "sightings": with_tombstones,
        "visitors": logging_in(BY_HEADER),
        "strangers": logging_in(BY_PARAM),
    }
    for name, edit in made.items():
        add_dataset(root, name, edit)
    add_mart(root)


def _once(contract: str, place: str, more: str, *, after: bool = False) -> str:
    assert contract.count(place) == 1, f"expected {place!r} once in the contract"
    return contract.replace(place, place + more if after else more + place)
