"""The audit step: rules over the whole staged load. When one fails, nothing becomes visible."""

from lakeward.audit.run import audit_slot

__all__ = ["audit_slot"]
