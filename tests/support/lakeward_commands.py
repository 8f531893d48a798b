"""Every command of ``lakeward``, for the tests that hold documents and help texts to it."""

from collections.abc import Iterator
from functools import cache

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from lakeward.cli.app import build


@cache
def lakeward_commands() -> dict[str, TyperCommand]:
    """Each command by its words, such as ``dataset check``; groups are left out."""
    return dict(_commands_below(get_command(build()), ()))


def _commands_below(command: TyperCommand | TyperGroup, words: tuple[str, ...]) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _commands_below(below, (*words, name))
    else:
        yield " ".join(words), command
