"""The circumstances of one call of maintenance."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lakeward.ports.upkeep import Shelf, UpkeepTable


@dataclass(frozen=True)
class Work:
    """One call's circumstances: the table and its bucket, the hour, how much time is left, whether to look only."""

    table: UpkeepTable
    shelf: Shelf
    now: datetime
    seconds_left: Callable[[], float] = lambda: float("inf")
    dry_run: bool = False
    sleep: Callable[[float], None] = time.sleep
