"""Lakeward: HTTP endpoints in, exact bytes kept, typed Iceberg tables out, SQL through Athena."""

__version__ = "0.1.0"
