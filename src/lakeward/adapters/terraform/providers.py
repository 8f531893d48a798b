"""Where Terraform gets its providers from when their registry cannot be reached.

In this order: the folder that ``LAKEWARD_PROVIDER_MIRROR`` names; whatever the user's own Terraform configuration says;
the registry, when it answers; a mirror where Terraform itself looks for one; a folder named after the registry below a
well-known prefix. The last is what an offline image or a company's package installs.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from lakeward.errors import TerraformFailed

VARIABLE: Final = "LAKEWARD_PROVIDER_MIRROR"
REGISTRY: Final = "registry.terraform.io"
_PROVIDER: Final = Path(REGISTRY) / "hashicorp" / "aws"
_DISCOVERY: Final = f"https://{REGISTRY}/.well-known/terraform.json"
_TIMEOUT_SECONDS: Final = 3.0
PREFIXES: Final = (Path("/usr/local"), Path("/usr/share"), Path("/usr/lib"), Path("/opt"))
"""Below which a mirror is looked for, besides the user's home folder."""
_DEPTH: Final = 3
"""How far below a prefix a mirror is looked for."""


@dataclass(frozen=True)
class ProviderSource:
    """Where providers come from, and the folder to tell Terraform of; None when Terraform finds its way by itself."""

    description: str
    mirror: Path | None


def registry_answers() -> bool:
    """Whether the registry can be reached from here."""
    try:
        return requests.head(_DISCOVERY, timeout=_TIMEOUT_SECONDS, allow_redirects=False).status_code < 500
    except requests.RequestException:
        return False


def provider_source(
    environ: Mapping[str, str],
    home: Path,
    registry_answers: Callable[[], bool] = registry_answers,
    prefixes: Sequence[Path] = PREFIXES,
) -> ProviderSource:
    """Decide where providers come from.

    Args:
        environ: the environment in which Lakeward was called.
        home: the user's home folder.

    Raises:
        TerraformFailed: ``LAKEWARD_PROVIDER_MIRROR`` holds no provider, or there is no source at all.
    """
    if VARIABLE in environ:
        return ProviderSource(f"the mirror {environ[VARIABLE]}", _named_mirror(Path(environ[VARIABLE])))
    own = own_configuration(environ, home)
    if own is not None and "provider_installation" in own.read_text():
        return ProviderSource(f"what {own} says", None)
    if registry_answers():
        return ProviderSource(f"the registry {REGISTRY}", None)
    for folder in implied_mirrors(environ, home):
        if (folder / _PROVIDER).is_dir():
            return ProviderSource(f"the mirror {folder}", None)
    for folder in _below((*prefixes, home)):
        return ProviderSource(f"the mirror {folder}", folder)
    raise TerraformFailed(
        f"expected the provider hashicorp/aws from {REGISTRY} or from a mirror, but the registry does not answer and "
        f"no mirror was found. Set {VARIABLE} to a folder that holds {_PROVIDER} (`terraform providers mirror` makes "
        "one), or connect to the network."
    )


def own_configuration(environ: Mapping[str, str], home: Path) -> Path | None:
    """The user's own Terraform CLI configuration, None when there is none."""
    named = environ.get("TF_CLI_CONFIG_FILE")
    path = Path(named) if named else home / ".terraformrc"
    return path if path.is_file() else None


def implied_mirrors(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    """The folders in which Terraform itself looks, see "Implied Local Mirror Directories" in its documentation."""
    yield home / ".terraform.d" / "plugins"
    yield Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "terraform" / "plugins"
    for shared in (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        yield Path(shared) / "terraform" / "plugins"
    for folder in (home / "Library", Path("/Library")):
        yield folder / "Application Support" / "io.terraform" / "plugins"


def _named_mirror(folder: Path) -> Path:
    if not (folder / _PROVIDER).is_dir():
        raise TerraformFailed(
            f"expected {folder}, which {VARIABLE} names, to hold {_PROVIDER}, but there is no such folder. "
            "`terraform providers mirror` makes one."
        )
    return folder.resolve()


def _below(prefixes: Iterable[Path]) -> Iterator[Path]:
    for prefix in prefixes:
        for folder in _folders(prefix, _DEPTH):
            if (folder / _PROVIDER).is_dir():
                yield folder


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    """The folder and those below it, nearest first; what may not be read is left out."""
    yield folder
    if depth > 0:
        try:
            children = sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
        except OSError:
            return
        for child in children:
            yield from _folders(child, depth - 1)
