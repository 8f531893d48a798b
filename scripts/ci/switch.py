#!/usr/bin/env python3
"""Fill the tables of new major versions from raw, and move readers to them in one plan; or move readers back.

Every dataset is named before anything is run. Slots that the deployed release has run already are left alone, and a
switch that was cut short goes on, so it can be run again. Run it with .venv/bin/python.
"""

import argparse
import sys
from pathlib import Path

from fill import Run, lakeward

_REPOSITORY = Path(__file__).resolve().parents[2]


def wanted(root: Path, text: str) -> list[str]:
    """The words of a text, each a dataset or a dataset with its version.

    Raises:
        LakewardError: one is neither, or none is there.
    """
    from lakeward.contract import dataset  # noqa: PLC0415 -- --help answers without .venv too
    from lakeward.errors import SwitchRefused  # noqa: PLC0415
    from lakeward.release.switch import asked_versions  # noqa: PLC0415

    words = text.split()
    if not words:
        raise SwitchRefused("expected datasets to switch, found none")
    for name in asked_versions(words):
        dataset(name, root / "datasets")
    return words


def switch(environment: str, words: list[str], version: str | None, run: Run) -> bool:
    """Replay each dataset, then move all of them; False at the first command that fails."""
    here = ("-e", environment)
    otherwise = ("--to-version", version) if version else ()
    filled = all(run("replay", word.partition("=")[0], *here) for word in words)
    return filled and run("switch", *words, *here, *otherwise)


def main() -> int:
    """Switch; 1 when a word is wrong, or when a command failed, which has said why."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='example: .venv/bin/python scripts/ci/switch.py --environment prod --datasets "airlines flights=1"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, help="a folder of environments/")
    parser.add_argument(
        "--datasets", required=True, help="names with spaces between them, each with =VERSION if wanted"
    )
    parser.add_argument("--to-version", help="of datasets that name none; that of the deployed contract unless given")
    given = parser.parse_args()
    from lakeward.errors import LakewardError  # noqa: PLC0415

    try:
        words = wanted(_REPOSITORY, given.datasets)
    except LakewardError as problem:
        print(f"switch: {problem.message}", file=sys.stderr)
        return 1
    return 0 if switch(given.environment, words, given.to_version, lakeward) else 1


if __name__ == "__main__":
    sys.exit(main())
