"""The rules over a whole load, judged from what the transform measured, from former slots and from other tables."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from lakeward.audit.check import Check
from lakeward.audit.drift import psi
from lakeward.contract import Contract
from lakeward.contract.quality import Distribution, Fresh, Reference, Volume
from lakeward.measures import Spread
from lakeward.ports.history import FormerSlot, Look
from lakeward.slot import Slot
from lakeward.staged import Staged

LEAST_SLOTS = 3
"""Published slots that there must be before a load is judged against them."""
LEAST_VALUES = 100
"""Of a column in a slot, so that its spread says something."""


def load_checks(contract: Contract, staged: Staged, former: Sequence[FormerSlot], look: Look) -> Iterator[Check]:
    """Every rule over the whole load that the contract has, judged.

    Args:
        contract: has the rules.
        staged: the load, with its measures.
        former: published slots before this one, newest first; at least as many as the rules look back on, if there are.
        look: looks values up in another dataset's table.
    """
    quality, measures = contract.quality, staged.measures
    if quality.max_records is not None:
        most, found = quality.max_records, staged.records_in
        yield Check("quality.max_records", f"at most {most}", str(found), found <= most)
    if quality.volume is not None:
        yield _volume(quality.volume, staged.records_in, former)
    for unique in quality.unique:
        repeated = measures.repeated[",".join(unique.columns)]
        rule = f"quality.unique ({', '.join(unique.columns)})"
        yield Check(rule, "0 repeated rows", str(repeated), repeated == 0, unique.on_violation)
    for fresh in quality.fresh:
        end = Slot.parse(staged.slot, contract.slot).end
        yield _fresh(fresh, measures.newest[fresh.column], end)
    spreads = {spread.column: spread for spread in measures.spreads}
    for spread in quality.distribution:
        yield from _distribution(spread, spreads[spread.column], former[: spread.slots])
    for reference in quality.references:
        yield _reference(reference, staged, look)


def _volume(rule: Volume, records: int, former: Sequence[FormerSlot]) -> Check:
    most = f" and at most {rule.at_most:g}" if rule.at_most is not None else ""
    expected = f"at least {rule.at_least:g}{most} times the median of up to {rule.slots} slots before"
    known = [slot.records_in for slot in former[: rule.slots]]
    if len(known) < LEAST_SLOTS:
        return Check("quality.volume", expected, _too_few(len(known)), True, rule.on_violation)
    usual = median(known)
    holds = records >= rule.at_least * usual and (rule.at_most is None or records <= rule.at_most * usual)
    return Check("quality.volume", expected, f"{records}, the median is {usual:g}", holds, rule.on_violation)


def _fresh(rule: Fresh, newest: str | None, end: datetime) -> Check:
    """A day counts as its last instant."""
    name, expected = f"quality.fresh ({rule.column})", f"newest at most {rule.hours} h before {end:%Y-%m-%dT%H:%MZ}"
    if newest is None:
        return Check(name, expected, "no value", False, rule.on_violation)
    at = datetime.fromisoformat(newest)
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    if len(newest) == len("2018-01-31"):
        at += timedelta(days=1)
    hours = (end - at) / timedelta(hours=1)
    return Check(name, expected, f"{max(hours, 0):.1f} h before", hours <= rule.hours, rule.on_violation)


def _distribution(rule: Distribution, now: Spread, former: Sequence[FormerSlot]) -> Iterator[Check]:
    spreads = [slot.spreads[rule.column] for slot in former if rule.column in slot.spreads]
    if rule.max_null_change is not None:
        yield _judged(
            rule, "max_null_change", rule.max_null_change, [s for s in spreads if s.rows], now.rows, _nulls, now
        )
    if rule.max_psi is not None:
        known = [s for s in spreads if s.values >= LEAST_VALUES and bool(s.deciles) == bool(now.deciles)]
        enough = now.values if now.values >= LEAST_VALUES else 0
        yield _judged(rule, "max_psi", rule.max_psi, known, enough, psi, now)


def _judged(
    rule: Distribution,
    key: str,
    most: float,
    known: list[Spread],
    enough: int,
    measure: Callable[[Spread, Sequence[Spread]], float],
    now: Spread,
) -> Check:
    """One limit of a distribution: not judged without enough rows, or without enough slots before."""
    name, expected = f"quality.distribution ({rule.column}).{key}", f"at most {most:g} against up to {rule.slots} slots"
    if len(known) < LEAST_SLOTS:
        return Check(name, expected, _too_few(len(known)), True, rule.on_violation)
    if not enough:
        return Check(name, expected, f"not judged: {now.values} values in this load", True, rule.on_violation)
    found = measure(now, known)
    return Check(name, expected, f"{found:.4f} against {len(known)} slots", found <= most, rule.on_violation)


def _nulls(now: Spread, before: Sequence[Spread]) -> float:
    return abs(now.null_fraction - median(slot.null_fraction for slot in before))


def _reference(rule: Reference, staged: Staged, look: Look) -> Check:
    found = look(staged.accepted_files, rule)
    share = found.missing / found.rows if found.rows else 0.0
    name = f"quality.references ({rule.column} in {rule.dataset}.{rule.to})"
    told = f"{share:.4f}: {found.missing} of {found.rows} rows"
    if found.missing:
        told += f" (where {rule.dataset} is behind: run that first)"
    holds = share <= rule.max_missing_fraction
    return Check(name, f"at most {rule.max_missing_fraction:g} missing", told, holds, rule.on_violation)


def _too_few(slots: int) -> str:
    return f"not judged: {slots} of {LEAST_SLOTS} slots before it"
