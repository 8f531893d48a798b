"""A process that ingests one slot and dies at a moment of one put: ``python ingest_and_die.py BUCKET ORIGIN MOMENT N``.

MOMENT is ``before`` or ``after``; N counts puts from 1, and 0 is never. Death is SIGKILL: nothing is cleaned up.
"""

import itertools
import os
import signal
import sys
from collections.abc import Mapping
from typing import IO

from ingest_over_http import ORIGIN
from ingest_world import DAY, RELEASE, clock, dataset

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.raw_s3 import S3RawStore, raw_client
from lakeward.ingest import Deps, ingest_slot


class DeadlyStore(S3RawStore):
    """Raw on S3, in a process that dies at one put."""

    def __init__(self, bucket: str, moment: str, number: int) -> None:
        super().__init__(raw_client(), bucket)
        self._deadly = (moment, number)
        self._puts = itertools.count(1)

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        number = next(self._puts)
        self._reach("before", number)
        stored = super().put_once(key, body, sha256=sha256, content_type=content_type, metadata=metadata)
        self._reach("after", number)
        return stored

    def _reach(self, moment: str, number: int) -> None:
        if (moment, number) == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Ingest until the moment comes."""
    bucket, origin, moment, number = sys.argv[1:]
    deps = Deps(DeadlyStore(bucket, moment, int(number)), HttpUpstream({ORIGIN: origin}), clock(), RELEASE)
    ingest_slot(dataset(), DAY, deps, lambda: 900.0)


if __name__ == "__main__":
    main()
