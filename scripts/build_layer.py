#!/usr/bin/env python3
"""Build the dependency layer of the Lambda functions (python3.13, x86_64) from requirements/layer.txt.

Wheels for that platform are installed by their hashes, whatever machine this runs on; what the functions never load
is pruned; the rest is zipped below python/ under its own sha256. Layer and functions zip together must stay below
what Lambda unpacks (262,144,000 bytes): the build fails when they do not.

--check proves it outside this environment: an isolated python3.13 that sees only the unpacked layer, the unpacked
functions zip and boto3 (which the Lambda runtime brings) imports all their modules and writes and reads Parquet.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from artifact import Artifact, write_artifact
from build_functions import SourcesMissing, build_functions
from lambda_python import InterpreterMissing, find_lambda_python

_REPOSITORY = Path(__file__).resolve().parent.parent
_PROOF = Path(__file__).resolve().parent / "layer_proof.py"

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 250 MB, function and layers together.
UNPACKED_LIMIT_BYTES = 262_144_000

# Amazon Linux 2023 has glibc 2.34; pip takes each older tag only when it is named.
_PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux_2_17", "manylinux2014", "manylinux2010")
_ABIS = ("cp313", "abi3", "none")

# The Lambda runtime brings these; everything else that we import is ours to ship, at the version we tested.
_IN_THE_RUNTIME = ("boto3", "botocore", "s3transfer")

# Shipped by the wheels, never loaded by the functions. libarrow_substrait stays: pyarrow.lib links to it.
_PRUNED = (
    "bin",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "**/tests",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxi",
    "**/*.pxd",
    "_duckdb-stubs",
    "adbc_driver_duckdb",
    "fb303",  # the Hive catalog's client, which needs thrift
    "hive_metastore",
    "pyarrow/include",
    "pyarrow/includes",
    "pyarrow/src",
    "pyarrow/*flight*",
    "pyarrow/*orc*",
    "pyarrow/*_pyarrow_cpp_tests*",
    "pyarrow/_azurefs*",
    "pyarrow/_gcsfs*",
    "pyarrow/_hdfs*",
    "pyarrow/lib[a-z]*.so",  # libraries are linked by their versioned names, libarrow.so.2500
    "pyarrow/lib[a-z]*.so.*.*.*",
    "zstandard/_cffi*",  # the backend of PyPy
    "zstandard/backend_cffi.py",
)


class LayerRefused(Exception):
    """The layer could not be built, is too large, or does not run."""


def install_packages(lock: Path, target: Path) -> None:
    """Install the lock's wheels for Lambda into ``target``. Raises LayerRefused with pip's last words."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes"]
    command += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.13", f"--target={target}"]
    command += [f"--abi={abi}" for abi in _ABIS]
    command += [f"--platform={platform}_x86_64" for platform in _PLATFORMS]
    ended = subprocess.run([*command, "-r", str(lock)], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        last_words = "\n".join(line for line in ended.stderr.splitlines() if line.startswith("ERROR"))
        raise LayerRefused(f"pip could not install {lock} for Lambda python3.13 x86_64:\n{last_words or ended.stderr}")


def set_runtime_aside(packages: Path, runtime: Path) -> None:
    """Move what the Lambda runtime brings from ``packages`` to ``runtime``."""
    runtime.mkdir()
    for name in _IN_THE_RUNTIME:
        for path in (packages / name, *packages.glob(f"{name}-*.dist-info")):
            path.rename(runtime / path.name)


def prune(packages: Path) -> None:
    """Remove what the functions never load.

    Raises:
        LayerRefused: a pattern matches nothing any more: the wheels changed, so the list must be looked at again.
    """
    for pattern in _PRUNED:
        matches = list(packages.glob(pattern))
        if not matches:
            raise LayerRefused(f"nothing matches {pattern!r}: correct _PRUNED in {Path(__file__).name}")
        for path in matches:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)  # its folder may have matched first


def build_layer(root: Path, scratch: Path) -> Artifact:
    """Write ``<root>/dist/layers/<sha256>.zip``; ``scratch/runtime`` is left holding boto3.

    Raises:
        LayerRefused: a wheel is missing, or nothing of a pruned pattern was found.
    """
    packages = scratch / "packages"
    install_packages(root / "requirements" / "layer.txt", packages)
    set_runtime_aside(packages, scratch / "runtime")
    prune(packages)
    return write_artifact(_layer_files(packages), root / "dist" / "layers", zipfile.ZIP_DEFLATED)


def _layer_files(packages: Path) -> Iterator[tuple[str, Path]]:
    for path in packages.rglob("*"):
        if path.is_file():
            yield f"python/{path.relative_to(packages).as_posix()}", path


def check_size(layer: Artifact, functions: Artifact) -> None:
    """Refuse what Lambda would refuse on CreateFunction."""
    together_bytes = layer.unpacked_bytes + functions.unpacked_bytes
    if together_bytes > UNPACKED_LIMIT_BYTES:
        raise LayerRefused(
            f"layer and functions unpack to {together_bytes:,} bytes, Lambda allows {UNPACKED_LIMIT_BYTES:,}; "
            f"prune more in {Path(__file__).name} or drop a dependency from requirements/runtime.in"
        )
    left_bytes = UNPACKED_LIMIT_BYTES - together_bytes
    say(f"{together_bytes:,} bytes unpacked with the functions, {left_bytes:,} below the limit")


def prove(python: Path, layer: Artifact, functions: Artifact, scratch: Path) -> None:
    """Run layer_proof.py under ``python`` with nothing but what Lambda would see. Raises LayerRefused."""
    for artifact, name in ((functions, "task"), (layer, "opt")):
        with zipfile.ZipFile(artifact.path) as archive:
            archive.extractall(scratch / name)
    paths = [scratch / "task", scratch / "opt" / "python", scratch / "runtime"]
    command = [str(python), "-I", "-S", "-B", str(_PROOF), *map(str, paths)]
    environment = {"AWS_REGION": "us-east-1", "TMPDIR": str(scratch), "PATH": os.defpath}
    ended = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise LayerRefused(f"the layer does not run under {python}:\n{ended.stderr or ended.stdout}")
    for line in ended.stdout.splitlines():
        say(line)


def say(line: str) -> None:
    """Progress goes to standard error, so that standard output is the result alone."""
    print(f"build_layer: {line}", file=sys.stderr, flush=True)


def _build(root: Path, python: Path | None) -> Artifact:
    with tempfile.TemporaryDirectory(prefix="lakeward-layer-") as folder:
        scratch = Path(folder)
        started = time.monotonic()
        say("installing requirements/layer.txt for Lambda python3.13 x86_64")
        layer = build_layer(root, scratch)
        say(f"{layer.key} is {layer.path.stat().st_size:,} bytes, {time.monotonic() - started:.0f} s")
        functions = build_functions(root)
        check_size(layer, functions)
        if python is not None:
            prove(python, layer, functions, scratch)
    return layer


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
    try:
        python = find_lambda_python() if arguments.check else None
        layer = _build(arguments.root.resolve(), python)
    except (LayerRefused, SourcesMissing, InterpreterMissing) as refusal:
        print(f"build_layer: {refusal}", file=sys.stderr)
        return 1
    print(layer.as_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
