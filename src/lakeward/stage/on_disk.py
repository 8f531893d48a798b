"""An engine on one machine: all pages are brought to its disk, its files go up from there."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from lakeward.ports.lake import Engine, Files
from lakeward.ports.work import EngineName, Made, Work, received
from lakeward.stage.pages import fetch_texts


@dataclass(frozen=True)
class OnDisk:
    """Does a piece of work with an engine, below a folder of local disk."""

    engine: Engine
    raw: Files
    lake: Files
    workdir: Path

    @property
    def name(self) -> EngineName:
        """See ``lakeward.ports.work.Maker``."""
        return self.engine.name

    def make(self, work: Work) -> Made:
        """See ``lakeward.ports.work.Maker``."""
        with tempfile.TemporaryDirectory(dir=self.workdir) as temporary:
            folder = Path(temporary)
            pages = fetch_texts(work.pages, self.raw, folder, work.contract)
            ids = (work.curated.ids, work.quarantine.ids)
            made = self.engine.transform(work.contract, work.slot, pages, ids, folder, work.key, received(work.pages))
            work.prove(made.valid, sum(file.rows for file in made.quarantined), made.exploded)
            accepted = work.curated.upload(made.accepted, work.name, self.lake)
            refused = work.quarantine.upload(made.quarantined, work.name, self.lake)
            return Made(made.valid, accepted, refused, made.broken, made.measures, made.drift, made.exploded)
