"""``lakeward dataset new``: a folder with a first contract, from a sample response or like another dataset."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from lakeward import tables
from lakeward.adapters.http import HttpUpstream
from lakeward.cli.screen import amount, console
from lakeward.cli.session import repository
from lakeward.contract import dataset, load_dataset
from lakeward.contract.shapes import DatasetName
from lakeward.draft import Drafted, Sample, draft_contract, read_sample
from lakeward.errors import ContractInvalid
from lakeward.ports.upstream import Bounds, Request

SAMPLE_BYTES = 33_554_432
QUERY = "-- No row is without its partition.\nSELECT count(*) AS without_day FROM {name} WHERE {partition} IS NULL\n"
EXPECTED = {
    "note": "Holds whatever the data are. Put queries here whose answers you have worked out by other means.",
    "columns": [{"name": "without_day", "type": "bigint"}],
    "rows": [["0"]],
}


def new(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="The new dataset's name.")],
    source: Annotated[
        str | None, typer.Option("--from", help="A sample response: a file, or the https URL that answers with one.")
    ] = None,
    like: Annotated[str | None, typer.Option(help="A dataset to copy the contract of, without its queries.")] = None,
    url: Annotated[str | None, typer.Option(help="The URL that the file of --from came from.")] = None,
    owner: Annotated[str, typer.Option(help="The team that answers for the data.")] = "data-platform",
) -> None:
    """Write a first contract: types, keys and paging as a sample response has them, every guess with what to check.

    The result passes `lakeward dataset check`. A URL is asked once, by GET, and what looks like a secret in it is left
    out of the contract.

    [bold]Example:[/bold] lakeward dataset new parcels --from parcels.json --url https://api.example.com/v1/parcels
    """
    if (source is None) == (like is None):
        raise typer.BadParameter("expected exactly one of --from and --like")
    folder = repository() / "datasets" / _checked(name)
    if folder.exists():
        raise ContractInvalid(f"expected a new name, found that {folder} is there; choose another, or edit that one")
    drafted = _copied(name, like) if like is not None else _drafted(name, source or "", url, owner)
    _write(folder, name, drafted)
    console.print(f"{folder / 'contract.yaml'}: {amount(drafted.to_check, 'place')} to check, each with a comment")
    console.print(f"then: lakeward dataset check {name}")


def _checked(name: str) -> str:
    try:
        return TypeAdapter[str](DatasetName).validate_python(name)
    except ValidationError as problem:
        raise ContractInvalid(f"{problem.errors()[0]['msg']}; found {name!r}") from None


def _drafted(name: str, source: str, url: str | None, owner: str) -> Drafted:
    if source.startswith(("https://", "http://")):
        return draft_contract(name, _asked(source), source, owner)
    try:
        body = Path(source).read_bytes()
    except OSError as problem:
        raise ContractInvalid(f"expected a sample in the file {source}, found {type(problem).__name__}") from None
    return draft_contract(name, read_sample(body, {}), url, owner)


def _asked(url: str) -> Sample:
    """Ask once, with the guards that runs have."""
    upstream = HttpUpstream({})
    try:
        request = Request(url, {"Accept-Encoding": "gzip", "Accept": "application/json, text/csv, */*"})
        with upstream.get(request, Bounds(SAMPLE_BYTES, 60.0, 120.0)) as answer:
            return read_sample(answer.body.read(), answer.headers)
    finally:
        upstream.close()


def _copied(name: str, like: str) -> Drafted:
    """The contract of another dataset under a new name, its comments as they are."""
    of = dataset(like, repository() / "datasets")
    text = (of.folder / "contract.yaml").read_text(encoding="utf-8")
    text = re.sub(rf"(?m)^dataset: *{re.escape(of.name)}\b", f"dataset: {name}", text, count=1)
    text = re.sub(r"(?m)^version: *\S+", "version: 1.0.0", text, count=1)
    text, notes = re.subn(
        r"(?m)^(description: .*)$", r"\1 # check: what is a row, and where does it come from?", text, count=1
    )
    return Drafted(text, of.contract.partition_by, notes)


def _write(folder: Path, name: str, drafted: Drafted) -> None:
    (folder / "queries").mkdir(parents=True)
    (folder / "contract.yaml").write_text(drafted.text, encoding="utf-8")
    query = QUERY.format(name=name, partition=drafted.partition_by)
    (folder / "queries" / "without_day.sql").write_text(query, encoding="utf-8")
    (folder / "queries" / "without_day.expected.json").write_text(json.dumps(EXPECTED, indent=2) + "\n")
    tables.curated(load_dataset(folder).contract)
