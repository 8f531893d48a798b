"""Whether a table may be read: it holds every slot that raw holds, and answers as it should.

What it should answer follows from what its slots are. Where a recorded sample stood in for the service, each
end-to-end query has the result that was worked out for the sample. Live data has none: there the queries must answer,
and the table is held against the ledger and against the table that readers see now (``lakeward.release.comparison``).
"""

from collections.abc import Iterator, Sequence

from lakeward.contract import Dataset
from lakeward.ports.query import Queries
from lakeward.release.comparison import Asked, Held, Readiness, compare, some
from lakeward.slot import Slot


def readiness(
    of: Dataset,
    shown: str,
    certified: Sequence[Slot],
    held: Sequence[Held],
    asked: Sequence[Asked],
    queries: Queries,
    database: str,
) -> Readiness:
    """Whether readers may see the table of the deployed contract.

    Args:
        shown: the table that they see now.
        certified: slots of which raw holds a certificate.
        held: slots that ended well by the deployed contract, as the ledger has them.
        asked: the end-to-end queries, run over the table itself.
        queries: answers over the tables of ``database``; asked only where slots are live.
    """
    missing, problems = list(_missing(of, certified, held)), _unanswered(of, asked)
    unknown = [slot.slot for slot in held if slot.stand_ins is None]
    if unknown:
        told_not = (
            f"expected the ledger to say of every slot in {of.contract.table} who answered for its service, found "
            f"{len(unknown)} that an older release ran ({some(unknown)}); run: lakeward replay {of.name}"
        )
        return Readiness([*missing, *problems, told_not])
    if any(slot.stand_ins for slot in held):
        return Readiness([*missing, *problems, *_differing(of, asked)])
    if missing:
        return Readiness([*missing, *problems])
    compared = compare(of, shown, held, queries, database)
    return Readiness([*problems, *compared.problems], compared.told)


def _missing(of: Dataset, certified: Sequence[Slot], held: Sequence[Held]) -> Iterator[str]:
    table, there = of.contract.table, {slot.slot for slot in held}
    missing = [slot for slot in certified if slot not in there]
    if not certified:
        yield f"expected slots in {table}, found none in raw; run some: lakeward run {of.name}"
    if missing:
        yield (
            f"expected all {len(certified)} certified slots in {table} by the deployed contract, found {len(missing)} "
            f"missing ({some(missing)}); run: lakeward replay {of.name}"
        )


def _unanswered(of: Dataset, asked: Sequence[Asked]) -> list[str]:
    """Without a query there is no proof; one that fails over the table would fail its readers."""
    table = of.contract.table
    if not asked:
        return [f"expected end-to-end queries for {table}, found none; write datasets/{of.name}/queries/"]
    return [
        f"queries/{query.name}.sql over {table}: expected an answer, found {query.failure}"
        for query in asked
        if query.failure is not None
    ]


def _differing(of: Dataset, asked: Sequence[Asked]) -> list[str]:
    return [
        f"queries/{query.name}.sql over {of.contract.table}: expected its result, found {query.differences} "
        "difference(s)"
        for query in asked
        if query.failure is None and query.differences
    ]
