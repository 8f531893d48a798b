"""The two consoles: answers go to standard output, progress and errors to standard error."""

from rich.console import Console

console = Console()
error_console = Console(stderr=True)
