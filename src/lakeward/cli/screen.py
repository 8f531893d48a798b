"""The two consoles: answers go to standard output, progress and errors to standard error."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

console = Console()
error_console = Console(stderr=True)

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) != "\n"}


def natural_width(of: Console, table: Table) -> int:
    """The columns that a table takes when nothing in it is wrapped."""
    return Measurement.get(of, of.options.update(max_width=1_000_000), table).maximum


def print_table(table: Table, to: Console = console) -> None:
    """Print a table: wrapped to the terminal's width, or whole where no terminal is (a file, a pipe)."""
    if to.is_terminal:
        to.print(table)
    else:
        Console(file=to.file, width=natural_width(to, table)).print(table)


def plain(text: str, style: str = "") -> Text:
    """Text from elsewhere for the screen: no markup is read in it, and no control character reaches the terminal."""
    return Text(text.translate(_CONTROLS), style)


def amount(number: int, noun: str, plural: str | None = None) -> str:
    """``1 row``, ``1,707 rows``; ``plural`` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(number_bytes: int) -> str:
    """``912 B``, ``12.4 kB``, ``3.1 GB``: powers of 1,000, as AWS's prices count."""
    if number_bytes < 1000:
        return f"{number_bytes} B"
    value = float(number_bytes)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:,.1f} TB"
