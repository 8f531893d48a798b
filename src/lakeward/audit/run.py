"""Judge a staged load before anything of it is published."""

from collections.abc import Iterator, Sequence

from lakeward.audit.check import Check
from lakeward.audit.load_rules import load_checks
from lakeward.contract import Contract
from lakeward.contract.row_rules import ROW
from lakeward.errors import AuditFailed, StagedMissing
from lakeward.ports.history import FormerSlot, Look, nothing_to_look_up
from lakeward.ports.lake import Files
from lakeward.staged import Staged


def audit_slot(
    contract: Contract, staged: Staged, lake: Files, former: Sequence[FormerSlot] = (), look: Look = nothing_to_look_up
) -> list[Check]:
    """Check a staged load: its files are whole, its counts add up, the contract's load rules hold.

    Args:
        contract: has the rules.
        staged: the load.
        lake: where its files are.
        former: published slots before this one, newest first, as many as ``contract.quality.looks_back`` asks for.
        look: looks values up in another dataset's table, where a rule asks for that.

    Returns:
        Every check. Those that do not hold are warnings.

    Raises:
        StagedMissing: a staged file is not there or has another size.
        AuditFailed: a rule does not hold; the message lists all that failed.
    """
    for file in (*staged.accepted_files, *staged.quarantined_files):
        found = lake.size(file.uri)
        if found != file.bytes:
            raise StagedMissing(
                f"{file.uri}: expected {file.bytes} bytes as staged, found {'no object' if found is None else found}; "
                f"run the slot again, the transform makes it anew"
            )
    checks = [
        _adds_up(staged),
        *_all_exploded(staged),
        _enough(contract, staged),
        _few_quarantined(contract, staged),
        *_unbroken(contract, staged),
        *_drift(contract, staged),
        *load_checks(contract, staged, former, look),
    ]
    failed = [c for c in checks if c.stops]
    if failed:
        lines = "; ".join(f"{c.rule}: expected {c.expected}, found {c.found}" for c in failed)
        raise AuditFailed(
            f"{staged.dataset} {staged.slot}: {lines}. Nothing was published. The quarantined rows are staged at "
            f"{', '.join(f.uri for f in staged.quarantined_files) or 'no file'}; mend the contract "
            f"and run the slot again",
            failed=[c.rule for c in failed],
        )
    return checks


def _adds_up(staged: Staged) -> Check:
    total = staged.accepted + staged.quarantined + staged.deduplicated
    whole = "records_in" if staged.exploded is None else "rows of exploded records"
    by_file = (sum(f.rows for f in staged.accepted_files), sum(f.rows for f in staged.quarantined_files))
    holds = total == staged.rows_in and by_file == (staged.accepted, staged.quarantined)
    return Check(f"{whole} = accepted + quarantined + deduplicated", str(staged.rows_in), str(total), holds)


def _all_exploded(staged: Staged) -> Iterator[Check]:
    """Of contracts that explode an array: every record was looked into."""
    if staged.exploded is not None:
        found = staged.exploded.records
        yield Check("records_in = records exploded", str(staged.records_in), str(found), found == staged.records_in)


def _enough(contract: Contract, staged: Staged) -> Check:
    least = contract.quality.min_records
    return Check("quality.min_records", f"at least {least}", str(staged.records_in), staged.records_in >= least)


def _few_quarantined(contract: Contract, staged: Staged) -> Check:
    most = contract.quality.max_quarantined_fraction
    share = staged.quarantined / staged.rows_in if staged.rows_in else 0.0
    return Check("quality.max_quarantined_fraction", f"at most {most:g}", f"{share:.4f}", share <= most)


def _unbroken(contract: Contract, staged: Staged) -> Iterator[Check]:
    """The rules of columns and rows that no record may break."""
    broken = {(rule.column, rule.rule): rule.records for rule in staged.broken_rules}
    for column, policies in contract.policies.items():
        for rule, policy in policies.items():
            if policy == "fail":
                found = broken.get((column, rule), 0)
                name = f"rules.{rule}" if column == ROW else f"columns.{column}.{rule}"
                yield Check(name, "0 records that break it", str(found), found == 0)


def _drift(contract: Contract, staged: Staged) -> Iterator[Check]:
    """Fields that may not come or go."""
    found = {
        "new": (contract.drift.new, list(staged.drift.new), "no field that no column is read from"),
        "missing": (contract.drift.missing, staged.drift.missing, "every path of a column in some record"),
    }
    for key, (policy, paths, expected) in found.items():
        if policy == "fail":
            told = ", ".join(paths) or f"so in {staged.drift.looked_at} records"
            yield Check(f"drift.{key}", expected, told, not paths)
