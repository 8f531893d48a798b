"""Find an interpreter of the version and platform that Lambda runs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lakeward.errors import BuildFailed

_VERSION = "3.13"
_WANTED = f"{_VERSION} linux x86_64"
_ASK = "import platform, sys; print('{}.{}'.format(*sys.version_info), sys.platform, platform.machine())"


def find_lambda_python() -> Path:
    """The first candidate that runs and is CPython 3.13 on Linux x86_64.

    Raises:
        BuildFailed: none is; the message lists what was tried.
    """
    found = {str(path): _answer_of(path) for path in _candidates()}
    for path, answer in found.items():
        if answer == _WANTED:
            return Path(path)
    tried = "; ".join(f"{path}: {answer}" for path, answer in found.items()) or "none on PATH, in pyenv or in uv"
    raise BuildFailed(f"expected a Python that is {_WANTED!r}, found {tried}; install python3.13")


def _candidates() -> Iterator[Path]:
    on_path = shutil.which(f"python{_VERSION}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    yield from sorted(pyenv.glob(f"versions/{_VERSION}.*/bin/python{_VERSION}"))
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", "~/.local/share/uv/python")).expanduser()
    yield from sorted(uv.glob(f"cpython-{_VERSION}.*/bin/python{_VERSION}"))


def _answer_of(python: Path) -> str:
    """What the interpreter says it is; a pyenv shim without its version says why it does not run."""
    try:
        ended = subprocess.run([str(python), "-I", "-c", _ASK], capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return ended.stdout.strip() or ended.stderr.strip().partition("\n")[0]
