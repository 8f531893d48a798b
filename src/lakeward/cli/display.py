"""Show how far a long command is: bars on a terminal, a line now and then anywhere else."""

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from lakeward.adapters.terraform import events

_LINE_SECONDS: Final = 10.0
"""How often a run of Terraform says how far it is where there is no terminal."""


class Display:
    """Tells how far the work is on a console; to be used in a ``with`` statement."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[doing]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
            console=console,
            transient=True,
            expand=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._bars.stop()

    def say(self, line: str) -> None:
        """Print a line with the seconds since the beginning."""
        self._bars.console.print(
            f"[dim]{time.monotonic() - self._started:5.0f} s[/dim]  {line}", highlight=False, soft_wrap=True
        )

    def progress(self, label: str) -> events.Progress:
        """Where a run of Terraform reports to; its bar appears with its first report."""
        bar: TaskID | None = None
        spoke = time.monotonic()

        def report(step: events.Step) -> None:
            nonlocal bar, spoke
            doing = _doing(step)
            if self._console.is_terminal:
                bar = self._bars.add_task(label, total=None, doing=doing) if bar is None else bar
                self._bars.update(bar, completed=step.done, total=step.total or None, doing=doing)
            elif time.monotonic() - spoke > _LINE_SECONDS:
                spoke = time.monotonic()
                far = f"{step.done} of {step.total} resources done, " if step.total else ""
                self.say(f"  {label}: {far}{doing}")

        return report


def _doing(step: events.Step) -> str:
    if not step.working_on:
        return "planning" if step.done == 0 else "finishing"
    first, *others = step.working_on
    return (f"{len(others)} more and " if others else "") + first.removeprefix("module.").removesuffix(".this")
