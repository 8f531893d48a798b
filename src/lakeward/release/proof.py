"""The checks that make evidence, besides the queries: how quick, how dear, and who may do what."""

from collections.abc import Mapping, Sequence

from lakeward.release.evidence import Check, Judged

LONGEST_QUERY_MILLISECONDS = 30_000
"""Nobody who asks one of these questions should wait longer."""


def in_time(judged: Sequence[Judged]) -> Check:
    """Every query answered in time."""
    slowest = max((query.milliseconds for query in judged), default=0)
    return Check(
        name="queries answer in time",
        expected=f"at most {LONGEST_QUERY_MILLISECONDS} ms each",
        found=f"{slowest} ms for the slowest of {len(judged)}",
        holds=bool(judged) and slowest <= LONGEST_QUERY_MILLISECONDS,
    )


def within_cutoff(judged: Sequence[Judged], cutoff_bytes: int | None) -> Check:
    """The workgroup limits what a query scans, and these stay below it."""
    most = max((query.scanned_bytes for query in judged), default=0)
    limit = "no limit that holds for every client" if cutoff_bytes is None else f"a limit of {cutoff_bytes} bytes"
    return Check(
        name="queries scan within the cutoff",
        expected="a limit for every client, and no query above it",
        found=f"{limit}, {most} bytes scanned at most",
        holds=cutoff_bytes is not None and most <= cutoff_bytes,
    )


def may(allowed: Mapping[str, bool]) -> Check:
    """Analysts may do what they are there for."""
    denied = [deed for deed, holds in allowed.items() if not holds]
    return Check(
        name="analysts may read",
        expected=f"{len(allowed)} deeds allowed",
        found=f"denied: {', '.join(denied)}" if denied else "all allowed",
        holds=bool(allowed) and not denied,
    )


def may_not(allowed: Mapping[str, bool]) -> Check:
    """Analysts may do nothing that they are not there for."""
    open_to_them = [deed for deed, holds in allowed.items() if holds]
    return Check(
        name="analysts may do nothing else",
        expected=f"{len(allowed)} deeds denied",
        found=f"allowed: {', '.join(open_to_them)}" if open_to_them else "all denied",
        holds=bool(allowed) and not open_to_them,
    )


def closed(buckets: Sequence[str], public: Sequence[str]) -> Check:
    """Nothing is public."""
    return Check(
        name="no bucket is public",
        expected=f"public access blocked in every way for {len(buckets)} buckets",
        found=f"open: {', '.join(public)}" if public else "blocked for all",
        holds=bool(buckets) and not public,
    )
