"""What no file of this repository may hold: registries' host names, machines' paths, left-overs, heavy files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY_BYTES = 1_500_000

# Written in parts, so that this file passes its own test.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("pypi", "python", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("security", "ubuntu", "com"),
        ("anaconda", "org"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("maven", "org"),
        ("maven", "apache", "org"),
        ("proxy", "golang", "org"),
    )
]
MACHINE_PATHS = [
    *(re.escape(f"{folder}/") for folder in sorted({str(ROOT), str(Path.home())}) if folder != "/"),
    r"(?<![\w.*])/home/[a-z][\w-]*/",
    r"(?<![\w.*])/Users/[A-Za-z][\w-]*/",
    r"\b[A-Z]:\\\\?Users\\",
]
LEFT_OVERS = [rf"\b{word}\b" for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X")]


def files_of_the_repository() -> list[Path]:
    """All that is tracked, and what is new and not ignored: it would be tracked next."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in sorted(set(names) - {""}) if (ROOT / name).is_file()]


def text_of(file: Path) -> str:
    """The file's text; nothing for a binary file."""
    content = file.read_bytes()
    return "" if b"\0" in content[:8000] else content.decode("utf-8", errors="replace")


def lines_with(patterns: list[str]) -> list[str]:
    pattern = re.compile("|".join(patterns))
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for file in files_of_the_repository()
        for number, line in enumerate(text_of(file).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_the_host_of_a_package_registry():
    assert lines_with([re.escape(host) for host in REGISTRY_HOSTS]) == []


def test_no_file_holds_a_path_of_somebodys_machine():
    assert lines_with(MACHINE_PATHS) == []


def test_no_file_leaves_work_for_later():
    assert lines_with(LEFT_OVERS) == []


def test_no_file_is_heavy():
    sizes_bytes = {str(file.relative_to(ROOT)): file.stat().st_size for file in files_of_the_repository()}

    assert {name: size for name, size in sizes_bytes.items() if size > HEAVY_BYTES} == {}


@pytest.mark.parametrize(
    ("patterns", "line"),
    [
        ([re.escape(host) for host in REGISTRY_HOSTS], f"--index-url https://{REGISTRY_HOSTS[0]}/simple"),
        (MACHINE_PATHS, "data lies in /ho" + "me/somebody/data"),
        (MACHINE_PATHS, f"cd {ROOT}/src"),
        (LEFT_OVERS, "# TO" + "DO: later"),
    ],
)
def test_the_patterns_find_what_they_are_for(patterns: list[str], line: str):
    assert re.search("|".join(patterns), line)
