"""``lakeward dataset sample``: a recorded sample of what raw holds, with nothing personal in the clear."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from lakeward.adapters.raw_s3 import S3RawStore
from lakeward.cli.screen import amount, console, error_console, plain
from lakeward.cli.session import RETRYING, Environment, open_session, repository
from lakeward.contract import dataset
from lakeward.sampling import Choice, take_sample
from lakeward.slot import Slot

KEY_BYTES = 32


def sample(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's name.")],
    slot: Annotated[list[str], typer.Option(help="A slot that raw holds, such as 2018-01-31. May be given again.")],
    records: Annotated[int | None, typer.Option(min=1, help="At most so many records; all, unless given.")] = None,
    fraction: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="The part of all records, chosen by their keys, such as 0.05.")
    ] = 1.0,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to write; the dataset's own sample/ unless given.", file_okay=False),
    ] = None,
    keep_unnamed: Annotated[
        bool, typer.Option("--keep-unnamed-fields", help="Keep, as they are, fields that the contract does not name.")
    ] = False,
    environment: Environment = "local",
) -> None:
    """Record a sample from certified raw pages, with every personal value masked.

    What the contract calls personal is replaced by masks of the same form; what it does not name is left out. The same
    value has the same mask, and the key of the masks is used once and thrown away. Records are chosen by their keys
    alone, so the same command chooses the same ones. Raw is only read.

    [bold]Example:[/bold] lakeward dataset sample earthquakes --slot 2018-01-31 --slot 2018-02-01 --records 200 -e prod
    """
    of = dataset(name, repository() / "datasets")
    slots = [Slot.parse(text, of.contract.slot) for text in slot]
    session = open_session(environment)
    raw = S3RawStore(session.boto.client("s3", config=RETRYING), f"lakeward-{environment}-{session.account_id}-raw")
    choice = Choice(fraction, records)
    taken = take_sample(of, slots, raw, secrets.token_bytes(KEY_BYTES), choice, keep_unnamed=keep_unnamed)
    for file in taken.write(to or of.folder / "sample"):
        console.print(f"wrote {file}", highlight=False, soft_wrap=True)
    masked = ", ".join(column.name for column in of.contract.personal_columns) or "nothing, as no column is personal"
    found = f"{taken.records:,} of {amount(taken.seen_records, 'record')} in {amount(taken.slots, 'slot')}"
    console.print(plain(f"{name}: {found}; masked: {masked}"), soft_wrap=True)
    for path, count in sorted(taken.elsewhere.items()):
        words = f"{path} holds a personal value of another column in {amount(count, 'record')}: is it personal too?"
        error_console.print(plain(words, "yellow"), soft_wrap=True)
