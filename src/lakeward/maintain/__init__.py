"""Maintenance: tables keep few files and few snapshots, and the bucket keeps what somebody may still read."""

from lakeward.maintain.former import Former, drop_former
from lakeward.maintain.run import Kept, Rules, maintain_table, mart_rules, rules_of
from lakeward.maintain.sweep import remove_queried, retire_lists
from lakeward.maintain.work import Work

__all__ = [
    "Former",
    "Kept",
    "Rules",
    "Work",
    "drop_former",
    "maintain_table",
    "mart_rules",
    "remove_queried",
    "retire_lists",
    "rules_of",
]
