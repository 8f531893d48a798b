"""Commands about certificates: what proves that raw holds all of a slot."""

import json
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lakeward.adapters.raw_s3 import S3RawStore
from lakeward.certificate import Certificate, certificate_schema_text
from lakeward.cli.screen import amount, console, plain, print_table, size
from lakeward.cli.session import RETRYING, Environment, open_session, repository
from lakeward.contract import dataset
from lakeward.ingest.verify import verify_slot
from lakeward.slot import Slot

commands = typer.Typer(no_args_is_help=True, help="Check the proof that a slot is complete, and print its schema.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="certificate")


@commands.command()
def verify(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's name.")],
    slot: Annotated[str, typer.Option(help="The slot, such as 2018-01-31.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    environment: Environment = "local",
) -> None:
    """Check a slot's certificate against the bytes in raw. No upstream is asked and nothing is written.

    The proof is made anew from raw, as long as the contract is the one that asked; else the digests are checked.
    The exit code is 1 when raw is not what the certificate says.

    [bold]Example:[/bold] lakeward certificate verify earthquakes --slot 2018-01-31
    """
    of = dataset(name, repository() / "datasets")
    session = open_session(environment)
    bucket = f"lakeward-{environment}-{session.account_id}-raw"
    raw = S3RawStore(session.boto.client("s3", config=RETRYING), bucket)
    found = verify_slot(of, Slot.parse(slot, of.contract.slot), raw)
    certificate = found.certificate
    asked = "another contract asked" if certificate.certificate >= 2 else "it is of version 1, which shows no more"
    how = "its proof was made anew from raw" if found.proved else f"every digest holds; {asked}"
    if as_json:
        facts = {"certificate_sha256": found.certificate_sha256, "proved": found.proved}
        typer.echo(json.dumps(facts | certificate.model_dump(mode="json"), indent=2))
        return
    print_table(_pages(certificate))
    total = size(sum(page.bytes for page in certificate.pages))
    records = amount(certificate.counted_records, "record")
    console.print(f"{name} {certificate.slot}: {records} in {amount(len(certificate.pages), 'page')}, {total}; {how}")
    for told in certificate.warnings:
        console.print(Text.assemble(("warning ", "yellow"), plain(told)), soft_wrap=True)


@commands.command()
def schema() -> None:
    """Print the JSON Schema of certificate.json.

    [bold]Example:[/bold] lakeward certificate schema > schemas/certificate.schema.json
    """
    typer.echo(certificate_schema_text(), nl=False)


def _pages(certificate: Certificate) -> Table:
    stop = certificate.stop_condition.replace("_", " ")
    table = Table(title=f"{certificate.paging}, ended by: {stop}; attempt {certificate.attempt}")
    for heading in ("page", "position", "records", "bytes", "sha256"):
        table.add_column(heading, no_wrap=heading != "position", overflow="fold")
    for page in certificate.pages:
        position = ", ".join(f"{key} {value}" for key, value in page.position.items()) or "first"
        counted = f"({page.records:,})" if page.superseded else f"{page.records:,}"
        table.add_row(f"{page.number}", position, counted, f"{page.bytes:,}", page.sha256[:16])
    return table
