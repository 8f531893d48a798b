"""The commands of the demo, run as a person would run them, each with its seconds."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.markup import escape

from lakeward_local.errors import DemoFailed

_CLOCK: Final = re.compile(r"^ *\d+ s  ")
_TAIL_LINES: Final = 30


@dataclass(frozen=True)
class Step:
    """One command: when it began and ended (monotonic seconds), and all that it said."""

    act: str
    words: tuple[str, ...]
    began: float
    ended: float
    output: str
    status: int

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began

    @property
    def line(self) -> str:
        """The command as it is typed."""
        return typed(self.words)


def typed(words: Iterable[str]) -> str:
    """Words as they are typed."""
    return " ".join(["lakeward", *(f'"{word}"' if " " in word else word for word in words)])


@dataclass
class Steps:
    """Runs commands and remembers them."""

    tell: Callable[[str], None]
    note: Callable[[], str] | None = None
    """What is told when a command is over."""
    act: str = ""
    done: list[Step] = field(default_factory=list)

    def run(self, root: Path, *words: str, refused: bool = False) -> Step:
        """Run ``lakeward`` in a working copy.

        Args:
            refused: whether the command must fail; it is then part of the show.

        Raises:
            DemoFailed: it ended otherwise than it should; with the last that it said.
        """
        self.tell(f"[bold]$ {escape(typed(words))}[/bold]")
        command = [str(Path(sys.executable).parent / "lakeward"), *words]
        environment = {**os.environ, "COLUMNS": "160", "NO_COLOR": "1"}
        began, lines = time.monotonic(), []
        with subprocess.Popen(
            command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if _CLOCK.match(line):
                    self.tell(f"[dim]  {escape(_CLOCK.sub('', line.rstrip()))}[/dim]")
        step = Step(self.act, words, began, time.monotonic(), "\n".join(lines), process.returncode)
        self.done.append(step)
        if self.note is not None:
            self.tell(f"[dim]  {self.note()}[/dim]")
        if (process.returncode != 0) is not refused:
            wanted = "be refused" if refused else "succeed"
            tail = "\n".join(lines[-_TAIL_LINES:])
            raise DemoFailed(f"expected `{step.line}` to {wanted}, found status {process.returncode}:\n{tail}")
        return step
