"""The imitated services, read by the datasets' own contracts: ingest, and the transform's rows."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from ingest_world import RELEASE, MemoryRaw

from lakeward.adapters.http import HttpUpstream
from lakeward.certificate import Certificate
from lakeward.contract import load_dataset
from lakeward.ingest import Deps, ingest_slot
from lakeward.ingest.verify import verify_slot
from lakeward.slot import Slot
from lakeward.stage.pages import fetch_pages, pages_to_read
from lakeward.transform.compile import compile_transform
from lakeward_local.replay.declaration import overrides
from lakeward_local.replay.imitations import imitations
from lakeward_local.replay.server import ReplayServer

DATASETS = Path(__file__).parents[4] / "datasets"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ReplayServer(0, imitations(DATASETS)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class RawFiles:
    """Raw in memory, as the transform reads it."""

    def __init__(self, raw: MemoryRaw) -> None:
        self._raw = raw

    def download(self, key: str, to: Path) -> bool:
        to.write_bytes(self._raw.objects[key].body)
        return True


@pytest.mark.parametrize(
    ("name", "day", "paging", "pages", "records"),
    [
        ("terraform_releases", datetime(2024, 1, 2, tzinfo=UTC), "link_header", 3, 137),
        ("clinical_trials", datetime(2024, 1, 3, tzinfo=UTC), "cursor_in_body", 3, 75),
        ("clinical_trials", datetime(2024, 1, 9, tzinfo=UTC), "cursor_in_body", 1, 0),
        ("exchange_rates", datetime(2024, 1, 12, tzinfo=UTC), "none", 1, 180),
        ("flights", datetime(2013, 3, 8, tzinfo=UTC), "offset_limit", 2, 979),
        ("flights", datetime(2013, 11, 3, tzinfo=UTC), "offset_limit", 2, 902),
        ("weather", datetime(2013, 3, 10, tzinfo=UTC), "none", 1, 69),
        ("airlines", datetime(2013, 3, 8, tzinfo=UTC), "none", 1, 16),
        ("airports", datetime(2013, 3, 8, tzinfo=UTC), "none", 1, 1458),
        ("planes", datetime(2013, 3, 8, tzinfo=UTC), "none", 1, 3322),
    ],
)
def test_a_slot_is_certified_proved_again_and_transformed_whole(
    name: str, day: datetime, paging: str, pages: int, records: int, endpoint: str, tmp_path: Path
):
    dataset, slot, raw = load_dataset(DATASETS / name), Slot(day), MemoryRaw()
    upstream = HttpUpstream(overrides(DATASETS, endpoint), sleep=lambda _s: None)
    deps = Deps(raw, upstream, lambda: datetime(2024, 2, 1, tzinfo=UTC), RELEASE)

    progress = ingest_slot(dataset, slot, deps, lambda: 900.0)

    upstream.close()
    certificate = Certificate.from_bytes(raw.objects[progress.certificate_key or ""].body)
    assert (certificate.paging, len(certificate.pages), certificate.counted_records) == (paging, pages, records)
    assert verify_slot(dataset, slot, raw).proved
    files = fetch_pages(pages_to_read(certificate), RawFiles(raw), tmp_path, dataset.contract)  # type: ignore[arg-type]
    if files:
        sql = compile_transform(dataset.contract, slot, files)
        assert duckdb.sql(f"SELECT count(*) FROM ({sql.accepted})").fetchall() == [(records,)]
        assert duckdb.sql(f"SELECT * FROM ({sql.quarantined})").fetchall() == []
