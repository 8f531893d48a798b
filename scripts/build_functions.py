#!/usr/bin/env python3
"""Build the one zip that every Lambda function runs: src/lakeward and what each dataset folder declares.

The zip is stored under its own sha256, so the same sources are the same file on every machine, and new code is
always a new key. `lakeward release build` makes a whole release of it.
"""

import argparse
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build and print one JSON line; 1 and one line on standard error when the sources are not whole."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/build_functions.py --root .   prints "
        '{"path": "…/dist/functions/<sha256>.zip", "sha256": "…", "key": "functions/<sha256>.zip", …}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--root", type=Path, default=_REPOSITORY, help="the tree to build (default: this repository)")
    root = parser.parse_args().root.resolve()
    # Here, so that --help answers without .venv too.
    from lakeward.adapters.packaging.functions import build_functions  # noqa: PLC0415
    from lakeward.errors import BuildFailed  # noqa: PLC0415

    try:
        print(build_functions(root, root / "dist").as_json())
    except BuildFailed as missing:
        print(f"build_functions: {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
