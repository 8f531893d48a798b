#!/usr/bin/env python3
"""Give an environment the slots that its end-to-end queries ask about, under the release that is deployed there.

Runs the slots that each dataset declares in report.yaml, then shows readers the tables of the deployed contracts. Where
a new major version made a new table, that is filled from raw first. What is done already is left alone, so it can be
run again. For environments without readers of their own; in prod a person decides when readers move (switch.yml).
Run it with .venv/bin/python.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
_LAKEWARD = Path(sys.executable).with_name("lakeward")

Run = Callable[..., bool]
"""Calls lakeward with words; whether it succeeded."""


def lakeward(*words: str) -> bool:
    """Run one command of lakeward, which shows what it does."""
    print(f"$ lakeward {' '.join(words)}", flush=True)
    return subprocess.run([str(_LAKEWARD), *words], cwd=_REPOSITORY, check=False).returncode == 0


def declared_slots(root: Path) -> dict[str, tuple[str, str] | None]:
    """First and last slot of every dataset; None where report.yaml declares none.

    Raises:
        DeclarationInvalid: a report.yaml breaks the rules.
    """
    from lakeward.contract import names  # noqa: PLC0415 -- --help answers without .venv too
    from lakeward_local.report.declaration import load_declaration  # noqa: PLC0415

    found: dict[str, tuple[str, str] | None] = {}
    for name in names(root / "datasets"):
        slots = load_declaration(root / "datasets" / name).slots
        found[name] = (slots.first, slots.last) if slots else None
    return found


def fill(environment: str, datasets: dict[str, tuple[str, str] | None], run: Run) -> bool:
    """Run the slots, and bring readers to the deployed tables; False at the first command that fails."""
    here = ("-e", environment)
    for name, slots in datasets.items():
        if slots is None:
            print(f"fill: {name} declares no slots in report.yaml, so none are run", flush=True)
        elif not run("run", name, "--from", slots[0], "--to", slots[1], *here):
            return False
    if run("switch", *datasets, *here):
        return True
    print("fill: a table is not ready to be read, so it is filled from raw", flush=True)
    return all(run("replay", name, *here) for name in datasets) and run("switch", *datasets, *here)


def main() -> int:
    """Fill; 1 when a command failed, which has said why."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: .venv/bin/python scripts/ci/fill.py --environment staging",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, help="a folder of environments/")
    environment = parser.parse_args().environment
    return 0 if fill(environment, declared_slots(_REPOSITORY), lakeward) else 1


if __name__ == "__main__":
    sys.exit(main())
