"""The publish step: staged files become visible by one commit a table, exactly once."""

from lakeward.publish.run import publish_slot

__all__ = ["publish_slot"]
