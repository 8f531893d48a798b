"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from lakeward.released import Release

DEFAULT_FILE = Path("dist/release/release.json")

ReleaseFile = Annotated[
    Path,
    typer.Option(
        "--release",
        metavar="FILE",
        help="The release file; its artifacts lie beside it.",
        exists=True,
        dir_okay=False,
    ),
]
Canary = Annotated[
    str | None,
    typer.Option(
        "--canary", metavar="SLOT", help="The slot that is run again; the contract's own, or the newest, unless given."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def read_release(path: Path) -> Release:
    """The release that a file names.

    Raises:
        ReleaseInvalid: it is none.
    """
    return Release.from_bytes(path.read_bytes(), str(path))
