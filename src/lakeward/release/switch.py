"""Switch: serving views move from one table to another, in one ordered plan that can be taken up where it stopped.

Each view moves by compare-and-set, so a reader gets the old table or the new one, whole. The plan is kept before the
first view moves and after each one: whoever calls again goes on with it. The definition that a view had is kept too,
so that the way back is as short.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from lakeward.errors import CommitConflict, SwitchRefused
from lakeward.ports.catalog import Definition, Journal, Move, SwitchPlan, Views
from lakeward.release.comparison import Readiness

ATTEMPTS = 5
_WORD = re.compile(r"(?P<dataset>[^=\s]+)(=(?P<version>[1-9][0-9]{0,5}))?")


@dataclass(frozen=True)
class Goal:
    """What a view shall show.

    ``definition`` is None when only the journal can know it: for a table of a version that is not deployed.
    ``readiness`` says whether readers of the table that it is given may see this one; it is asked once, before anything
    moves.
    """

    dataset: str
    table: str
    definition: Definition | None
    readiness: Callable[[str], Readiness]
    keep_old_days: int


@dataclass(frozen=True)
class Moved:
    """What became of one view: ``moved``, or ``unchanged`` when it was there already.

    ``told`` is what was found of the table before it moved, where that was asked by this call.
    """

    dataset: str
    from_table: str
    to_table: str
    outcome: Literal["moved", "unchanged"]
    keep_until: str | None
    told: tuple[str, ...] = ()


def asked_versions(words: Sequence[str], otherwise: int | None = None) -> dict[str, int | None]:
    """The major version that each dataset's view shall show, in the order of the words.

    Args:
        words: ``parcels`` or ``parcels=1``.
        otherwise: for datasets that name none; None for that of the deployed contract.

    Raises:
        SwitchRefused: a word is something else, or names a dataset once more; nothing was moved.
    """
    found: dict[str, int | None] = {}
    for word in words:
        asked = _WORD.fullmatch(word)
        if asked is None:
            raise SwitchRefused(
                f"expected DATASET or DATASET=VERSION, such as parcels=1, found {word!r}; readers see what they saw"
            )
        if asked["dataset"] in found:
            raise SwitchRefused(
                f"expected every dataset once, found {asked['dataset']} again; readers see what they saw"
            )
        found[asked["dataset"]] = int(asked["version"]) if asked["version"] else otherwise
    return found


def switch(goals: Sequence[Goal], views: Views, journal: Journal, now: datetime) -> list[Moved]:
    """Move the views of several datasets in the order given, or go on with that where it stopped.

    Raises:
        SwitchRefused: a table is not ready, a view is not ours, or another plan is open; nothing was moved.
        CommitConflict: somebody else moves the same view; what was moved before stays, and a second call goes on.
    """
    resumed = _resume({goal.dataset: goal.table for goal in goals}, views, journal)
    moves, told = _moves(goals, views, journal, now)
    if moves:
        newest = journal.newest()
        number = newest.number + 1 if newest else 1
        plan = SwitchPlan(number=number, moves=moves, done=0, made_at=now.isoformat(timespec="seconds"))
        journal.write(plan, newest)
        _finish(plan, views, journal)
    moved = {move.dataset: move for move in (*resumed, *moves)}
    return [_told(goal, moved.get(goal.dataset), told.get(goal.dataset, [])) for goal in goals]


def _resume(wanted: Mapping[str, str], views: Views, journal: Journal) -> list[Move]:
    """Go on with a plan that did not come to its end; returns the moves that were left of it."""
    plan = journal.newest()
    if plan is None or not plan.open:
        return []
    if {move.dataset: move.to_table for move in plan.moves}.items() - wanted.items():
        raise SwitchRefused(
            f"expected no other switch to be under way, found plan {plan.number} with {len(plan.moves) - plan.done} of "
            f"{len(plan.moves)} moves left; finish it first: lakeward switch "
            f"{' '.join(map(_word, plan.moves))}, or give it up: lakeward switch --abandon"
        )
    _finish(plan, views, journal)
    return plan.moves[plan.done :]


def _word(move: Move) -> str:
    """What a move is asked for with."""
    return f"{move.dataset}={move.to_table.rpartition('_v')[2]}"


def abandon(journal: Journal) -> SwitchPlan | None:
    """Give up what is left of the newest plan; what was moved stays. Returns the plan; None when none was open."""
    newest = journal.newest()
    if newest is None or not newest.open:
        return None
    journal.write(newest.model_copy(update={"abandoned": True}), newest)
    return newest


def _told(goal: Goal, move: Move | None, told: Sequence[str]) -> Moved:
    if move is None:
        return Moved(goal.dataset, goal.table, goal.table, "unchanged", None)
    return Moved(goal.dataset, move.from_table, move.to_table, "moved", move.keep_until, tuple(told))


def _moves(
    goals: Sequence[Goal], views: Views, journal: Journal, now: datetime
) -> tuple[list[Move], dict[str, list[str]]]:
    """The moves that are left to make, every one of them allowed; and what is told of their tables, by dataset."""
    moves, problems, told = [], [], {}
    for goal in goals:
        state = views.find(goal.dataset)
        if state is None or state.table is None:
            problems.append(
                f"{goal.dataset}: expected a view that Lakeward made, found "
                f"{'none' if state is None else 'one that somebody else made'}; call the migrate function"
            )
            continue
        definition = goal.definition or journal.definition(goal.dataset, goal.table)
        if definition is None:
            problems.append(
                f"{goal.dataset}: expected a table that the deployed contract makes or that was read here before, "
                f"found {goal.table}; deploy the release that makes it"
            )
        elif state.table != goal.table:
            found = goal.readiness(state.table)
            problems += [f"{goal.dataset}: {text}" for text in found.problems]
            told[goal.dataset] = found.told
            until = (now + timedelta(days=goal.keep_old_days)).date().isoformat()
            moves.append(
                Move(
                    dataset=goal.dataset,
                    from_table=state.table,
                    to_table=goal.table,
                    definition=definition,
                    keep_until=until,
                )
            )
    if problems:
        raise SwitchRefused("readers see what they saw; not ready:\n" + "\n".join(f"  {text}" for text in problems))
    return moves, told


def _finish(plan: SwitchPlan, views: Views, journal: Journal) -> None:
    """Make the moves that are left, one after the other."""
    for position, move in enumerate(plan.moves[plan.done :], start=plan.done + 1):
        _move(move, views, journal)
        done = plan.model_copy(update={"done": position})
        journal.write(done, plan)
        plan = done


def _move(move: Move, views: Views, journal: Journal) -> None:
    """Move one view. Found moved already, by a call that came no further, it is done."""
    for _ in range(ATTEMPTS):
        state = views.find(move.dataset)
        if state is not None and state.table == move.to_table and same_definition(state.definition, move.definition):
            return
        if state is None or state.table not in (move.from_table, move.to_table):
            found = "none" if state is None else state.table or "a view that somebody else made"
            raise CommitConflict(
                f"view {move.dataset}: expected one over {move.from_table}, found {found}; "
                "somebody moved it meanwhile: find out who; then switch again, or lakeward switch --abandon"
            )
        if state.table == move.from_table:
            journal.keep_definition(move.dataset, move.from_table, state.definition)
        try:
            views.replace(move.definition, state.version_id)
        except CommitConflict:
            continue
        return
    raise CommitConflict(f"view {move.dataset}: expected to be the one that changes it, found others {ATTEMPTS} times")


def same_definition(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two definitions show the same: Glue adds keys of its own to what it was given."""
    keys = ("Description", "ViewOriginalText", "ViewExpandedText")
    columns = [definition.get("StorageDescriptor", {}).get("Columns") for definition in (one, other)]
    return columns[0] == columns[1] and all(one.get(key) == other.get(key) for key in keys)
