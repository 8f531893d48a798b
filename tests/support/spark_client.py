"""Asks ``spark_session`` for pieces of work."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engines import FolderBuckets
from spark_session import receive, send

from lakeward.adapters.spark.plan import Sizes
from lakeward.ports.work import Made, Work


@dataclass(frozen=True)
class Spark:
    """A process with a SparkContext."""

    process: subprocess.Popen[bytes]

    @classmethod
    @contextmanager
    def started(cls, root: Path) -> Iterator["Spark"]:
        """Start it, and stop it at the end."""
        python = root / ".venv-spark" / "bin" / "python"
        assert python.exists(), f"expected a Python with Spark at {python}, found none; run: make spark"
        support = root / "tests" / "support"
        path = os.pathsep.join([str(root / "src"), str(support)])
        environment = {**os.environ, "PYTHONPATH": path, "SPARK_LOCAL_IP": "127.0.0.1"}
        process = subprocess.Popen(
            [str(python), str(support / "spark_session.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        with process:
            yield cls(process)
            assert process.stdin is not None
            process.stdin.close()

    def make(self, work: Work, buckets: FolderBuckets, sizes: Sizes) -> Made:
        """Have a piece of work done.

        Raises:
            RuntimeError: with the name and the words of the error that it failed with.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        send(self.process.stdin, (work, buckets, sizes))
        answer = receive(self.process.stdout)
        assert answer is not None, "Spark ended without an answer"
        if isinstance(answer, RuntimeError):
            raise answer
        return answer  # type: ignore[no-any-return]
