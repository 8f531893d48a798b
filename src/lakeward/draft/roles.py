"""Which columns identify a row, say which version is newer, and tell the day of the partition."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from lakeward.draft.columns import Guess
from lakeward.errors import ContractInvalid

CHANGED = re.compile(r"updat|modif|chang|revis|last")
HAPPENED = re.compile(r"time|date|day|creat|publish|occur|start|at$|on$")
DAYS = ("date", "timestamp")
MOST_KEY_COLUMNS = 24
"""Columns among which pairs that identify a row are looked for."""


@dataclass(frozen=True)
class Roles:
    """``partition`` is a date column, of its own or the UTC day of ``day_of``."""

    mode: str
    key: list[str]
    version: str | None
    partition: str
    day_of: str | None
    required: frozenset[str]
    note: str = ""


def roles_of(guesses: list[Guess]) -> Roles:
    """Guess them.

    Raises:
        ContractInvalid: no record's value tells a day.
    """
    days = [guess for guess in guesses if guess.complete and guess.type in DAYS]
    if not days:
        raise ContractInvalid(
            "expected a date or an instant with an offset in every record of the sample, to partition the table by; "
            "found none. Start from a dataset that is like it (--like), or give a sample whose records have one"
        )
    changed = [guess for guess in days if CHANGED.search(guess.name)]
    happened = [guess for guess in days if guess not in changed and HAPPENED.search(guess.name)]
    day = (happened or [guess for guess in days if guess not in changed] or changed)[0]
    key = _key([guess for guess in guesses if guess.complete and guess.type not in ("double", "boolean")])
    version = (changed or [day])[0] if key else None
    partition, day_of = (day.name, None) if day.type == "date" else (_day_name(day.name, guesses), day.name)
    note = "" if key else "nothing in the sample identifies a row, so a slot's rows are those of its last run"
    required = frozenset([*key, *([version.name] if version else []), day.name])
    mode = "upsert" if key else "replace_slot"
    return Roles(mode, key, version.name if version else None, partition, day_of, required, note)


def _key(exact: list[Guess]) -> list[str]:
    """A column whose values are all different, by name first, or a pair of columns."""
    unique = [guess for guess in exact if guess.is_unique and guess.type not in DAYS]
    for found in (
        [guess for guess in unique if guess.name == "id"],
        [guess for guess in unique if guess.seems_an_id],
        [guess for guess in unique if len(guess.values) > 1],
    ):
        if found:
            return [found[0].name]
    likely = sorted(exact, key=lambda guess: (not guess.seems_an_id, guess.type not in DAYS))[:MOST_KEY_COLUMNS]
    pairs: Iterable[tuple[Guess, Guess]] = combinations(likely, 2)
    for one, other in pairs:
        together = list(zip(map(str, one.values), map(str, other.values), strict=True))
        if len(together) > 1 and len(set(together)) == len(together):
            return [one.name, other.name]
    return []


def _day_name(name: str, guesses: list[Guess]) -> str:
    """A name for the UTC day of an instant."""
    base = re.sub(r"(_at|_on|_time|_timestamp|_date|_ts)$", "", name)
    taken = {guess.name for guess in guesses}
    return next(n for n in (f"{base}_day", f"{name}_day", f"{name}_utc_day", f"{name}_partition") if n not in taken)
