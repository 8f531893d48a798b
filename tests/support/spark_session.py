"""A process with a local Spark that does pieces of work: ``python spark_session.py``.

Reads pickled requests ``(work, buckets, sizes)`` from standard input, each behind its length (8 bytes, big endian), and
answers each with a pickled ``Made`` or the exception. It runs under a Python that has PySpark; the one that asks needs
none. Spark's own words go to standard error.
"""

import os
import pickle
import struct
import sys
from typing import Any, BinaryIO

SUBMIT = "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false --conf spark.log.level=ERROR"


def send(to: BinaryIO, value: Any) -> None:
    """Write one value."""
    raw = pickle.dumps(value)
    to.write(struct.pack(">Q", len(raw)) + raw)
    to.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one value; None at the end."""
    head = stream.read(8)
    return pickle.loads(stream.read(struct.unpack(">Q", head)[0])) if len(head) == 8 else None  # noqa: S301


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what Spark and Java print is no answer
    from pyspark import SparkContext, StorageLevel

    from lakeward.adapters.spark.engine import SparkMaker
    from lakeward.stage.pages import fetch_pages

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"{SUBMIT} pyspark-shell"
    context = SparkContext(appName="lakeward-tests")
    while (request := receive(sys.stdin.buffer)) is not None:
        work, buckets, sizes = request
        try:
            send(answers, SparkMaker(context, StorageLevel.DISK_ONLY, buckets, fetch_pages, sizes).make(work))
        except Exception as problem:  # noqa: BLE001 -- told to whoever asked
            send(answers, RuntimeError(f"{type(problem).__name__}: {problem}"))
    context.stop()


if __name__ == "__main__":
    from spark_session import main as run  # under its own name, so that executors can import what is pickled

    run()
