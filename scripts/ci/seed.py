#!/usr/bin/env python3
"""Put the recorded samples of all datasets into an environment's raw bucket, as if their upstreams had just been asked.

End-to-end queries compare whole results, so they need input that stays the same: the slots that report.yaml declares,
from the sample beside it, replayed by the local cloud's own server on this machine and brought in by the pipeline's own
ingest. What a contract calls personal is masked on its way in, unless the sample is marked as masked already by
`lakeward dataset sample`. Certificates say who served them. What raw holds already stays as it is. An environment that
releases are promoted to is refused: its raw is true. Datasets without a recorded upstream are left to `lakeward run`.
Run it with .venv/bin/python.
"""

import argparse
import re
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lakeward.contract import Dataset
    from lakeward.ports.raw import RawStore
    from lakeward.ports.upstream import Upstream
    from lakeward.slot import Slot

_REPOSITORY = Path(__file__).resolve().parents[2]
_POLL_SECONDS = 0.05
_KEY_BYTES = 32
_CALL_SECONDS = 900.0
"""As long as one call of ingest would have as a function; a slot that takes longer is called again."""


class NotToBeSeeded(Exception):
    """Nothing was stored; the message says why."""


def prove_seedable(root: Path, environment: str) -> None:
    """Check that no release is promoted to an environment.

    Raises:
        NotToBeSeeded: one is, or there is no such environment.
    """
    path = root / "environments" / environment / "bootstrap.tfvars"
    if not path.is_file() or not re.search(r"^promoted_from += null", path.read_text(), re.MULTILINE):
        raise NotToBeSeeded(
            f"{path}: expected promoted_from = null, found another value or no file; samples are for environments that "
            "releases are proved in"
        )


@contextmanager
def upstreams(root: Path) -> Iterator[dict[str, str]]:
    """A server of all samples while it lasts: where each recorded host is answered instead."""
    from lakeward_local.replay.declaration import overrides  # noqa: PLC0415 -- --help answers without .venv too
    from lakeward_local.replay.imitations import imitations  # noqa: PLC0415
    from lakeward_local.replay.server import ReplayServer  # noqa: PLC0415

    with ReplayServer(0, imitations(root / "datasets")) as server:
        threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()
        try:
            yield overrides(root / "datasets", f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()


def discreet(root: Path, of: "Dataset", upstream: "Upstream") -> "Upstream":
    """What answers for a dataset: the recordings as they are, where nothing in them is personal; else masked ones.

    Raises:
        ContractInvalid: they cannot be masked.
    """
    from lakeward.sampling import MaskingUpstream, is_masked  # noqa: PLC0415
    from lakeward_local.replay.declaration import recordings  # noqa: PLC0415

    found = recordings(root / "datasets")
    own = next(recording.declaration for recording in found if recording.dataset == of.name)
    # Datasets of one upstream are answered from the recordings of all of them.
    files = [r.file for r in found if (r.declaration.host, r.declaration.path) == (own.host, own.path)]
    if not of.contract.personal_columns or all(is_masked(of.contract, file) for file in files):
        return upstream
    return MaskingUpstream(of.contract, upstream, secrets.token_bytes(_KEY_BYTES))


def recorded_slots(root: Path) -> Iterator[tuple["Dataset", list["Slot"]]]:
    """The declared slots of every dataset that has a recorded upstream."""
    from lakeward.cli.runs import slots_of  # noqa: PLC0415
    from lakeward.contract import load_dataset  # noqa: PLC0415
    from lakeward_local.replay.declaration import recordings  # noqa: PLC0415
    from lakeward_local.report.declaration import load_declaration  # noqa: PLC0415

    for recording in recordings(root / "datasets"):
        of = load_dataset(root / "datasets" / recording.dataset)
        slots = load_declaration(of.folder).slots
        if slots is not None:
            yield of, slots_of(of, None, slots.first, slots.last)


def seed(root: Path, raw: "RawStore", release: str) -> Iterator[str]:
    """Bring every recorded slot into raw, and tell of each dataset.

    Args:
        release: sha256 of the functions that are deployed, for the certificates.

    Raises:
        LakewardError: a sample is not what its contract asks for or cannot be masked, or raw holds something else.
    """
    from lakeward.adapters.http import HttpUpstream  # noqa: PLC0415
    from lakeward.ingest import Deps, ingest_slot  # noqa: PLC0415

    with upstreams(root) as served:
        hasty = HttpUpstream(served, sleep=lambda _seconds: None)  # the server is ours, and is spared nothing by a pace
        for of, slots in recorded_slots(root):
            upstream = discreet(root, of, hasty)
            deps = Deps(raw=raw, upstream=upstream, clock=lambda: datetime.now(UTC), release=release)
            pages = records = 0
            for slot in slots:
                while not (progress := ingest_slot(of, slot, deps, lambda: _CALL_SECONDS)).complete:
                    pass
                pages, records = pages + progress.pages, records + progress.records
            yield f"{of.name}: {len(slots)} slots, {pages} pages, {records} records"


def main() -> int:
    """Seed; 1 and the reason when it may not or cannot be done."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: .venv/bin/python scripts/ci/seed.py --environment staging",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, help="a folder of environments/")
    environment = parser.parse_args().environment
    from lakeward.adapters.raw_s3 import S3RawStore  # noqa: PLC0415
    from lakeward.cli.session import open_session  # noqa: PLC0415
    from lakeward.errors import LakewardError  # noqa: PLC0415

    try:
        prove_seedable(_REPOSITORY, environment)
        session = open_session(environment)
        bucket = f"lakeward-{environment}-{session.account_id}-raw"
        for line in seed(_REPOSITORY, S3RawStore(session.boto.client("s3"), bucket), session.release):
            print(f"seed: {line}", flush=True)
    except (NotToBeSeeded, LakewardError) as problem:
        print(f"seed: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
