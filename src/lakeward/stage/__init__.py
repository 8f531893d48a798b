"""The transform step: certified raw pages become staged files that no table names yet."""

from lakeward.stage.run import StageDeps, stage_slot

__all__ = ["StageDeps", "stage_slot"]
