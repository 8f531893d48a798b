"""The part of EventBridge's cron language that starts every slot: a minute, an hour, every day, UTC.

A tick starts the run of the last slot that is over. A cron expression that skips a day (or, for hourly slots, an hour)
would leave a slot without a run and nobody would hear of it, so only expressions that reach every slot are accepted.
Syntax: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
"""

import re

from lakeward.slot import Every

_NUMBER = r"[0-5]?[0-9]"
_PART = rf"(\*|{_NUMBER}(-{_NUMBER})?)(/[1-9][0-9]?)?"
_FIELD = rf"{_PART}(,{_PART})*"
CRON = rf"cron\({_FIELD} {_FIELD} (\* \* \?|\? \* \*) \*\)"
"""The form: two lists of numbers, then every day of every month of every year."""


def cron_problem(expression: str, every: Every) -> str | None:
    """Say why this expression does not start every slot, or None when it does."""
    if not re.fullmatch(CRON, expression):
        return (
            "expected cron(<minutes> <hours> * * ? *), which fires every day so that no slot is left out, "
            "such as cron(0 3 * * ? *)"
        )
    minutes, hours, *_ = expression.removeprefix("cron(").split(" ")
    for name, field, most in (("minutes", minutes, 59), ("hours", hours, 23)):
        if _values(field, most) is None:
            return f"expected {name} from 0 to {most}, ranges upwards; found {field!r}"
    if every == "hour" and _values(hours, 23) != set(range(24)):
        return f"expected hours *, so that every hourly slot is run; found {hours!r}"
    return None


def _values(field: str, most: int) -> set[int] | None:
    """All numbers that a field names; None when one of them, or a step, is out of range."""
    values: set[int] = set()
    for part in field.split(","):
        reach, _, step = part.partition("/")
        low, _, high = (f"0-{most}" if reach == "*" else reach).partition("-")
        last = int(high or (most if step else low))
        if not int(low) <= last <= most or int(step or 1) > most:
            return None
        values |= set(range(int(low), last + 1, int(step or 1)))
    return values
