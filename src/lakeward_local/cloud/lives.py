"""When the local cloud remembers, and when it starts from empty.

S3 writes its objects as they come; every other service writes what it holds when it is stopped. After an unclean
death the two do not fit together: a table would point at files that its catalog has never heard of. So state is
taken up again only when the last run said that it had written everything, and thrown away otherwise.
"""

import json
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from lakeward_local.home import Home


@dataclass(frozen=True)
class Life:
    """From one start from empty to the next: what was built in a life is there as long as it lasts."""

    id: str
    restored: bool
    why_empty: str | None
    """Why state that was there was thrown away; None when there was none, or when it was restored."""


def begin(home: Home, version: str) -> Life:
    """Take up the state that the last run left, or start from empty.

    Args:
        version: MiniStack's, as another release may keep its state in another form.
    """
    shutil.rmtree(home.scratch, ignore_errors=True)
    last, why_empty = _last_life(home, version)
    if last is None:
        for folder in (home.state, home.objects, home.terraform):
            shutil.rmtree(folder, ignore_errors=True)
    _forget_clean_shutdown(home)
    for folder in (home.state, home.objects, home.logs, home.scratch):
        folder.mkdir(parents=True, exist_ok=True)
    return Life(id=last or uuid.uuid4().hex, restored=last is not None, why_empty=why_empty)


def end(home: Home, life: Life, version: str, problems: list[str]) -> None:
    """Say that everything was written; with ``problems``, say nothing, so that the next start is from empty."""
    if not problems:
        _write_durably(home.clean_shutdown, json.dumps({"life": life.id, "ministack": version}))


def _last_life(home: Home, version: str) -> tuple[str | None, str | None]:
    """The id of the life to go on with, or None and why not."""
    if not any(folder.is_dir() and any(folder.iterdir()) for folder in (home.state, home.objects)):
        return None, None
    try:
        marker = json.loads(home.clean_shutdown.read_text())
    except FileNotFoundError:
        return None, "its last run did not end by `lakeward down`, so what S3 and the other services hold may not fit"
    except ValueError:
        return None, f"{home.clean_shutdown} cannot be read"
    if marker["ministack"] != version:
        return None, f"its state was written by MiniStack {marker['ministack']}, and {version} is installed"
    return str(marker["life"]), None


def _forget_clean_shutdown(home: Home) -> None:
    home.clean_shutdown.unlink(missing_ok=True)
    if home.folder.is_dir():
        _sync(home.folder)


def _write_durably(path: Path, text: str) -> None:
    draft = path.with_suffix(".tmp")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
