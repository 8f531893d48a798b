"""Numbers and names as people read them; the same on the terminal and on the page."""

from urllib.parse import urlsplit

from lakeward.slot import Slot


def count(value: float) -> str:
    """1,707; halves and the like keep up to two digits."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def seconds(value: float) -> str:
    """4.2 s; minutes from two minutes on."""
    return f"{value:.1f} s" if value < 120 else f"{int(value // 60)} min {value % 60:02.0f} s"


def dollars(value: float) -> str:
    """US dollars with three significant digits, for amounts that are far below a cent too."""
    if value == 0:
        return "$0"
    digits = 2
    while digits < 12 and value < 10 ** (2 - digits):
        digits += 1
    return f"${value:,.{digits}f}"


def share(part: float, whole: float) -> str:
    """42%; of nothing, nothing."""
    return f"{part / whole:.0%}" if whole else "0%"


def slot(value: Slot) -> str:
    """31 Jan for a day, 31 Jan 07:00 for an hour."""
    text = f"{value.start.day} {value.start:%b}"
    return text if value.every == "day" else f"{text} {value.start:%H:%M}"


def slots(first: Slot, last: Slot) -> str:
    """31 Jan 2018 to 7 Feb 2018, all UTC."""
    if first == last:
        return f"{slot(first)} {first.start:%Y}"
    return f"{slot(first)} {first.start:%Y} to {slot(last)} {last.start:%Y}"


def host(url: str) -> str:
    """The host of a URL, without the rest."""
    return urlsplit(url).hostname or url
