"""What the sources say of themselves: their version, and the commit that they are."""

import subprocess
import tomllib
from pathlib import Path

from lakeward.errors import BuildFailed

_SHIPPED = ("src/lakeward", "datasets", "terraform", "modules", "requirements", "pyproject.toml")


def version_of(root: Path) -> str:
    """The project's version.

    Raises:
        BuildFailed: ``root`` has no pyproject.toml that says it.
    """
    path = root / "pyproject.toml"
    try:
        return str(tomllib.loads(path.read_text())["project"]["version"])
    except (OSError, ValueError, KeyError) as problem:
        raise BuildFailed(f"{path}: expected the project's version, found {problem!r}") from None


def commit_of(root: Path) -> str | None:
    """The commit that a release is built from; None when that would not be true: no git, or edited files."""
    if not (root / ".git").exists() or _git(root, "status", "--porcelain", "--", *_SHIPPED) != "":
        return None
    return _git(root, "rev-parse", "HEAD")


def _git(root: Path, *arguments: str) -> str | None:
    try:
        ended = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
