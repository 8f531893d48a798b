"""Build the dependency layer of the Lambda functions (python3.13, x86_64) from requirements/layer.txt.

Wheels for that platform are installed by their hashes, whatever machine this runs on; what the functions never load
is pruned; the rest is zipped below python/ under its own sha256. Layer and functions zip together must stay below
what Lambda unpacks (262,144,000 bytes): the build fails when they do not.

``prove`` shows it outside this environment: an isolated python3.13 that sees only the unpacked layer, the unpacked
functions zip and boto3 (which the Lambda runtime brings) imports all their modules and writes and reads Parquet.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lakeward.adapters.packaging.zips import Zip, write_zip
from lakeward.errors import BuildFailed

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


def install_packages(lock: Path, target: Path) -> None:
    """Install the lock's wheels for Lambda into ``target``. Raises BuildFailed with pip's last words."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes"]
    command += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.13", f"--target={target}"]
    command += [f"--abi={abi}" for abi in _ABIS]
    command += [f"--platform={platform}_x86_64" for platform in _PLATFORMS]
    ended = subprocess.run([*command, "-r", str(lock)], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        last_words = "\n".join(line for line in ended.stderr.splitlines() if line.startswith("ERROR"))
        raise BuildFailed(f"pip could not install {lock} for Lambda python3.13 x86_64:\n{last_words or ended.stderr}")


def set_runtime_aside(packages: Path, runtime: Path) -> None:
    """Move what the Lambda runtime brings from ``packages`` to ``runtime``."""
    runtime.mkdir()
    for name in _IN_THE_RUNTIME:
        for path in (packages / name, *packages.glob(f"{name}-*.dist-info")):
            path.rename(runtime / path.name)


def prune(packages: Path) -> None:
    """Remove what the functions never load.

    Raises:
        BuildFailed: a pattern matches nothing any more: the wheels changed, so the list must be looked at again.
    """
    for pattern in _PRUNED:
        matches = list(packages.glob(pattern))
        if not matches:
            raise BuildFailed(f"nothing matches {pattern!r}: correct _PRUNED in {Path(__file__).name}")
        for path in matches:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)  # its folder may have matched first


def build_layer(root: Path, to: Path, scratch: Path) -> Zip:
    """Write ``<to>/layers/<sha256>.zip``; ``scratch/runtime`` is left holding boto3.

    Raises:
        BuildFailed: a wheel is missing, or nothing of a pruned pattern was found.
    """
    packages = scratch / "packages"
    install_packages(root / "requirements" / "layer.txt", packages)
    set_runtime_aside(packages, scratch / "runtime")
    prune(packages)
    return write_zip(_layer_files(packages), to / "layers", zipfile.ZIP_DEFLATED)


def _layer_files(packages: Path) -> Iterator[tuple[str, Path]]:
    for path in packages.rglob("*"):
        if path.is_file():
            yield f"python/{path.relative_to(packages).as_posix()}", path


def check_size(layer: Zip, functions: Zip) -> int:
    """Refuse what Lambda would refuse on CreateFunction; returns the bytes that are left below its limit."""
    together_bytes = layer.unpacked_bytes + functions.unpacked_bytes
    if together_bytes > UNPACKED_LIMIT_BYTES:
        raise BuildFailed(
            f"layer and functions unpack to {together_bytes:,} bytes, Lambda allows {UNPACKED_LIMIT_BYTES:,}; "
            f"prune more in {Path(__file__).name} or drop a dependency from requirements/runtime.in"
        )
    return UNPACKED_LIMIT_BYTES - together_bytes


def prove(python: Path, layer: Zip, functions: Zip, scratch: Path) -> str:
    """Run layer_proof.py under ``python`` with nothing but what Lambda would see; returns what it saw.

    Raises:
        BuildFailed: something that the functions import is missing, or Parquet does not come back as it went.
    """
    for artifact, name in ((functions, "task"), (layer, "opt")):
        with zipfile.ZipFile(artifact.path) as archive:
            archive.extractall(scratch / name)
    paths = [scratch / "task", scratch / "opt" / "python", scratch / "runtime"]
    command = [str(python), "-I", "-S", "-B", str(_PROOF), *map(str, paths)]
    environment = {"AWS_REGION": "us-east-1", "TMPDIR": str(scratch), "PATH": os.defpath}
    ended = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise BuildFailed(f"the layer does not run under {python}:\n{ended.stderr or ended.stdout}")
    return ended.stdout.strip()
