"""README and CONTRIBUTING name only files, commands and targets that exist; the README is short."""

import re
from pathlib import Path

import pytest
from lakeward_commands import lakeward_commands

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md"]
MAKEFILE = (ROOT / "Makefile").read_text()
# Made by make or at run time, so not there in a fresh clone.
MADE = (".venv/", ".lakeward/", "dist/")


def text_of(document: str) -> str:
    return (ROOT / document).read_text()


def commands_in(document: str) -> list[str]:
    """Code spans, and the lines of console and shell blocks without their prompts and comments."""
    text = text_of(document)
    blocks = re.findall(r"^```(?:console|bash|sh|shell)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ").partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [command for command in [*lines, *spans] if command]


def read_by(command: str) -> list[str]:
    """The command's words without the one that it makes."""
    words = command.split()
    return words[:-1] if words[0] == "cp" else words


def test_the_readme_is_read_in_one_go():
    assert len(text_of("README.md").splitlines()) <= 150


@pytest.mark.parametrize("document", DOCUMENTS)
def test_its_links_lead_somewhere(document: str):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text_of(document))
    local = [link for link in links if not re.match(r"https?:|mailto:", link)]

    assert [link for link in local if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_paths_it_names_exist(document: str):
    words = [word.strip("\"',;:()") for command in commands_in(document) for word in read_by(command)]
    named = {word for word in words if "/" in word and re.fullmatch(r"[\w.][\w./*-]*", word)}

    assert sorted(path for path in named if not path.startswith(MADE) and not any(ROOT.glob(path.rstrip("/")))) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_make_targets_it_names_exist(document: str):
    calls = [command.split()[1:] for command in commands_in(document) if command.startswith("make ")]
    targets = {word for words in calls for word in words if re.fullmatch(r"[a-z-]+", word)}

    assert sorted(target for target in targets if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of_lakeward_that_it_names_exist(document: str):
    calls = [command.removeprefix(".venv/bin/") for command in commands_in(document)]
    named = {call.removeprefix("lakeward ") for call in calls if call.startswith("lakeward ")}

    known = lakeward_commands()
    assert sorted(call for call in named if not any(f"{call} ".startswith(f"{words} ") for words in known)) == []


def test_every_kind_of_test_is_explained():
    kinds = {file.relative_to(ROOT / "tests").parts[0] for file in (ROOT / "tests").rglob("test_*.py")}
    explained = set(re.findall(r"^\| (\w+) \|.*`tests/\1/`", text_of("CONTRIBUTING.md"), re.MULTILINE))

    assert kinds - explained == set()
