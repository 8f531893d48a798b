"""What a statement's handler is given."""

from __future__ import annotations

from dataclasses import dataclass

from lakeward_local.athena.executions import Execution
from lakeward_local.athena.run import Engine, Run
from lakeward_local.athena.syntax import nodes as n


@dataclass
class Task:
    """The engine, the run, the database that bare names mean, and the values of ``?``."""

    engine: Engine
    run: Run
    database: str
    execution: Execution
    parameters: tuple[n.Expression, ...] = ()

    def table(self, parts: tuple[str, ...]) -> tuple[str, str]:
        """Database and name of a dotted name."""
        return (parts[-2] if len(parts) > 1 else self.database), parts[-1]
