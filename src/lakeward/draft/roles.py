"""Which columns identify a row, say which version is newer, and tell the day of the partition."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, combinations, count

from lakeward.draft.columns import Guess

CHANGED = re.compile(r"updat|modif|chang|revis|last")
HAPPENED = re.compile(r"time|date|day|creat|publish|occur|start|at$|on$")
DAYS = ("date", "timestamp")
MOST_KEY_COLUMNS = 24
"""Columns among which pairs that identify a row are looked for."""


@dataclass(frozen=True)
class Roles:
    """``partition`` is a date column, of its own or the UTC day of ``day_of``.

    ``of_the_run``: no value of the records tells a day, so ``day_of`` is a column that holds the start of the slot.
    """

    mode: str
    key: list[str]
    version: str | None
    partition: str
    day_of: str | None
    required: frozenset[str]
    note: str = ""
    of_the_run: bool = False


def roles_of(guesses: list[Guess]) -> Roles:
    """Guess them."""
    key = _key([guess for guess in guesses if guess.complete and guess.type not in ("double", "boolean")])
    note = "" if key else "nothing in the sample identifies a row, so a slot's rows are those of its last run"
    mode = "upsert" if key else "replace_slot"
    days = [guess for guess in guesses if guess.complete and guess.type in DAYS]
    if not days:
        start = _free("slot_start", guesses)
        return Roles(
            mode, key, start if key else None, _free("slot_day", guesses), start, frozenset(key), note, of_the_run=True
        )
    changed = [guess for guess in days if CHANGED.search(guess.name)]
    happened = [guess for guess in days if guess not in changed and HAPPENED.search(guess.name)]
    day = (happened or [guess for guess in days if guess not in changed] or changed)[0]
    version = (changed or [day])[0] if key else None
    partition, day_of = (day.name, None) if day.type == "date" else (_day_name(day.name, guesses), day.name)
    required = frozenset([*key, *([version.name] if version else []), day.name])
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
    return _free(re.sub(r"(_at|_on|_time|_timestamp|_date|_ts)$", "", name) + "_day", guesses)


def _free(name: str, guesses: list[Guess]) -> str:
    """A name that no column has."""
    taken = {guess.name for guess in guesses}
    return next(n for n in chain([name], (f"{name}_{number}" for number in count(2))) if n not in taken)
