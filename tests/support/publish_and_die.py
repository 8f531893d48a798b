"""A process that publishes one staged slot and dies at a moment of one Glue call: ``python publish_and_die.py …``.

The test gives: the lake as JSON, the staged list as JSON, the moment (before-send or after-call), and which UpdateTable
call it is, counted from 1.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from lake_world import Lake, slot
from transform_world import contract

from lakeward.adapters import iceberg
from lakeward.staged import Staged

DIED = 42


def main() -> None:
    """Publish until the moment comes."""
    described, staged_text, moment, number = sys.argv[1:]
    staged = Staged.from_bytes(staged_text.encode())
    seen = {"calls": 0}

    def die(**_: Any) -> None:
        seen["calls"] += 1
        if seen["calls"] == int(number):
            os._exit(DIED)

    make = iceberg.glue_client

    def client() -> Any:
        made = make()
        made.meta.events.register(f"{moment}.glue.UpdateTable", die)
        return made

    import lake_world

    lake_world.glue_client = client
    facts = json.loads(described)
    lake = Lake(contract(), facts["bucket"], facts["curated"], facts["quarantine"], Path(facts["folder"]))
    lake.publish(slot(int(staged.slot[8:10])), staged)


if __name__ == "__main__":
    main()
