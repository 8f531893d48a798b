"""What to try next: with any dataset, and what the dataset's folder suggests."""

import re

from lakeward_local.report.declaration import Suggestion, filled
from lakeward_local.report.facts import Facts


def suggestions(facts: Facts, command: str) -> tuple[Suggestion, ...]:
    """Things to do, in the order to try them.

    Args:
        command: how ``lakeward`` is typed here.
    """
    name, first, last = facts.dataset.name, facts.outcomes[0].slot, facts.outcomes[-1].slot
    typed = f"{last.start:%Y-%m-%d}" if last.every == "day" else str(last)
    all_of_them = (
        Suggestion(do="Ask Athena", how=f'`lakeward sql "SELECT * FROM {name} LIMIT 3"`'),
        Suggestion(
            do="Run a slot again",
            how=f"`lakeward run {name} --slot {typed} --again` changes no row. The ledger: `lakeward runs {name}`",
        ),
        *facts.suggestions,
        Suggestion(do="Stop", how="`lakeward down` stops the local cloud. What it holds is there at the next start."),
    )
    days = first.start.date(), last.start.date()
    return tuple(
        Suggestion(do=filled(s.do, name, *days), how=re.sub(r"`lakeward ", f"`{command} ", filled(s.how, name, *days)))
        for s in all_of_them
    )
