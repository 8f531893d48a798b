"""The ``lakeward`` command."""

from lakeward.cli.app import main

__all__ = ["main"]
