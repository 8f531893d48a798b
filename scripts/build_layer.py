#!/usr/bin/env python3
"""Build the dependency layer of the Lambda functions (python3.13, x86_64) from requirements/layer.txt.

Layer and functions zip together must stay below what Lambda unpacks (262,144,000 bytes): the build fails when they do
not. `lakeward release build` makes a whole release of it.

--check proves it outside this environment: an isolated python3.13 that sees only the unpacked layer, the unpacked
functions zip and boto3 (which the Lambda runtime brings) imports all their modules and writes and reads Parquet.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build, perhaps prove, and print one JSON line; 1 and the reason on standard error otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/build_layer.py --check",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--root", type=Path, default=_REPOSITORY, help="the tree to build (default: this repository)")
    parser.add_argument("--check", action="store_true", help="prove the imports with an isolated python3.13")
    arguments = parser.parse_args()
    # Here, so that --help answers without .venv too.
    from lakeward.errors import BuildFailed  # noqa: PLC0415

    try:
        print(_build(arguments.root.resolve(), check=arguments.check))
    except BuildFailed as refusal:
        print(f"build_layer: {refusal}", file=sys.stderr)
        return 1
    return 0


def _build(root: Path, *, check: bool) -> str:
    from lakeward.adapters.packaging.functions import build_functions  # noqa: PLC0415
    from lakeward.adapters.packaging.lambda_python import find_lambda_python  # noqa: PLC0415
    from lakeward.adapters.packaging.layer import build_layer, check_size, prove  # noqa: PLC0415

    python = find_lambda_python() if check else None
    with tempfile.TemporaryDirectory(prefix="lakeward-layer-") as folder:
        scratch, started = Path(folder), time.monotonic()
        _say("installing requirements/layer.txt for Lambda python3.13 x86_64")
        layer = build_layer(root, root / "dist", scratch)
        _say(f"{layer.key} is {layer.bytes:,} bytes, {time.monotonic() - started:.0f} s")
        functions = build_functions(root, root / "dist")
        _say(f"{check_size(layer, functions):,} bytes below Lambda's limit, with the functions")
        if python is not None:
            _say(prove(python, layer, functions, scratch))
    return layer.as_json()


def _say(line: str) -> None:
    """Progress goes to standard error, so that standard output is the result alone."""
    print(f"build_layer: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
