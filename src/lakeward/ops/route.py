"""Which engine a slot goes to: DuckDB in Lambda while it surely fits, Spark in Glue beyond.

What one Lambda can do has two ends: its time and its disk. Memory is no third one, because DuckDB's is bounded and what
does not fit goes to disk. Every constant is here or in ``throughput``, with where it comes from; a dataset's own past
runs, where the ledger has them, come before the constant for time.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lakeward.certificate import CertifiedPage
from lakeward.contract.engine import Use
from lakeward.errors import ConfigurationMissing
from lakeward.ops import throughput
from lakeward.ports.ledger import Entry
from lakeward.transform.size import text_bytes

LAMBDA_SECONDS = 900
"""AWS: the longest that a function may run (Lambda quotas)."""
LAMBDA_DISK_BYTES = 10_240 << 20
"""AWS: the largest /tmp that a function can have, and what Terraform gives the transform."""
SHARE = 0.5
"""Of time and disk that a slot may be expected to take: a guess that is wrong by half must still fit."""
TEXT_BYTES_PER_SECOND = throughput.STRICT_TEXT_BYTES_PER_CPU_SECOND * throughput.TRANSFORM_CORES
"""The slower of the two ways, because a slot that is sent to Lambda must surely fit; past runs know better."""
DISK_BYTES_PER_TEXT_BYTE = 2.0
"""An estimate: the decoded pages themselves, DuckDB's table of accepted rows, what sorting spills, the files."""
TELLING_SECONDS = 10.0
"""Runs that took less say more about starting than about throughput."""
PAST_RUNS = 10
WORKER_TEXT_BYTES = 8_000_000_000
"""Text that one Glue worker (four tasks at once) is given: about two minutes of reading at the rate above."""
_FORCED: dict[str, Literal["lambda", "glue"]] = {"lambda": "lambda", "glue": "glue"}
FEWEST_WORKERS, MOST_WORKERS = 2, 50
"""AWS: a Glue job has two workers at least. The most is a limit on what one slot can cost."""


@dataclass(frozen=True)
class Route:
    """Where a slot goes and why, in words for the ledger. ``workers`` are Glue's (G.1X: 4 vCPU, 16 GB)."""

    engine: Literal["lambda", "glue"]
    reason: str
    workers: int
    text_bytes: int

    def as_event(self) -> dict[str, Any]:
        """As the state machine passes it on."""
        return asdict(self)


def route(use: Use, asked: str, pages: Sequence[CertifiedPage], past: Iterable[Entry], *, has_glue: bool) -> Route:
    """Decide.

    Args:
        use: the contract's ``engine.use``.
        asked: what whoever started the run asked for: one of the same words; comes before the contract.
        pages: all that the certificate names.
        past: the dataset's runs from the ledger, in any order.
        has_glue: whether the environment has the Glue job.

    Raises:
        ConfigurationMissing: Glue is forced where there is no Glue job, or another engine than there is.
    """
    text, raw = text_bytes(pages), sum(page.bytes for page in pages)
    forced = asked if asked != "auto" else use
    if forced in _FORCED:
        return _decided(_FORCED[forced], f"forced by the {'run' if asked != 'auto' else 'contract'}", text, has_glue)
    if forced != "auto":
        raise ConfigurationMissing(f"expected the run's engine to be auto, lambda or glue, found {forced!r}")
    seconds, source = _expected_seconds(text, raw, past)
    disk_bytes = text * DISK_BYTES_PER_TEXT_BYTE
    limit_seconds, limit_bytes = LAMBDA_SECONDS * SHARE, LAMBDA_DISK_BYTES * SHARE
    fits = seconds <= limit_seconds and disk_bytes <= limit_bytes
    found = (
        f"{seconds:,.0f} s ({source}) of {limit_seconds:,.0f} and {_megabytes(disk_bytes)} of disk of "
        f"{_megabytes(limit_bytes)} expected in Lambda"
    )
    if fits:
        return _decided("lambda", found, text, has_glue)
    if not has_glue:
        return _decided("lambda", f"{found}; too large, and the environment has no Glue job", text, has_glue)
    return _decided("glue", found, text, has_glue)


def _decided(engine: Literal["lambda", "glue"], reason: str, text: int, has_glue: bool) -> Route:
    if engine == "glue" and not has_glue:
        raise ConfigurationMissing(
            f"expected a Glue job in this environment, because Glue is {reason}, found none; deploy a release that was "
            "built with it, or let the slot go to Lambda"
        )
    workers = max(FEWEST_WORKERS, min(MOST_WORKERS, math.ceil(text / WORKER_TEXT_BYTES)))
    return Route(engine, reason, workers, text)


def _expected_seconds(text: int, raw: int, past: Iterable[Entry]) -> tuple[float, str]:
    """Seconds in Lambda, by the slowest of the newest runs there that were long enough to tell."""
    told = [entry for entry in past if _tells(entry)]
    newest = sorted(told, key=lambda entry: entry.started_at)[-PAST_RUNS:]
    if not newest:
        return text / TEXT_BYTES_PER_SECOND, "by measurement"
    slowest = min(entry.facts["raw_bytes"] / entry.facts["transform_seconds"] for entry in newest)
    return raw / slowest, "by past runs"


def _tells(entry: Entry) -> bool:
    facts = entry.facts
    return bool(
        entry.status == "SUCCEEDED"
        and facts.get("engine") == "duckdb"
        and (facts.get("transform_seconds") or 0) >= TELLING_SECONDS
        and facts["raw_bytes"] > 0
    )


def _megabytes(count: float) -> str:
    return f"{count / 1e6:,.0f} MB"
