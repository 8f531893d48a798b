"""The datasets that came with the code: beside the package, or inside the zip that it is imported from."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import lakeward
from lakeward.contract.load import default_root


@contextmanager
def released_datasets() -> Iterator[Path]:
    """The ``datasets`` folder; unpacked from the functions' zip where Spark imports the package from that."""
    archive = getattr(lakeward.__loader__, "archive", None)
    if archive is None:
        yield default_root()
        return
    with TemporaryDirectory(prefix="lakeward-datasets-") as folder, zipfile.ZipFile(archive) as opened:
        opened.extractall(folder, [name for name in opened.namelist() if name.startswith("datasets/")])
        yield Path(folder) / "datasets"
