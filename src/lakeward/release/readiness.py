"""Whether a table may be read: it holds every slot that raw holds, and its end-to-end queries answer as they should."""

from collections.abc import Sequence

from lakeward.contract import Dataset
from lakeward.ports.deployment import SlotRecord
from lakeward.release.evidence import Judged
from lakeward.slot import Slot

MOST_NAMED = 5


def why_not_ready(
    of: Dataset, certified: Sequence[Slot], records: Sequence[SlotRecord], judged: Sequence[Judged]
) -> list[str]:
    """Why readers must not see the table of the deployed contract yet; nothing when they may.

    Args:
        certified: slots of which raw holds a certificate.
        records: the ledger's entries.
        judged: the end-to-end queries, run over the table itself.
    """
    table = of.contract.table
    held = {r.slot for r in records if r.succeeded and r.contract_sha256 == of.contract_sha256}
    missing = [slot for slot in certified if slot not in held]
    problems = []
    if not certified:
        problems.append(f"expected slots in {table}, found none in raw; run some: lakeward run {of.name}")
    if missing:
        named = ", ".join(str(slot) for slot in missing[:MOST_NAMED]) + (", …" if len(missing) > MOST_NAMED else "")
        problems.append(
            f"expected all {len(certified)} certified slots in {table} by the deployed contract, found {len(missing)} "
            f"missing ({named}); run: lakeward replay {of.name}"
        )
    problems += [
        f"queries/{query.name}.sql over {table}: expected its result, found {query.differences} difference(s)"
        for query in judged
        if query.differences
    ]
    if not judged:
        problems.append(f"expected end-to-end queries for {table}, found none; write datasets/{of.name}/queries/")
    return problems
