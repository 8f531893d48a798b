"""The transform step: certified raw pages become staged files that no table names yet."""

from lakeward.stage.on_disk import OnDisk
from lakeward.stage.run import StageDeps, stage_slot

__all__ = ["OnDisk", "StageDeps", "stage_slot"]
