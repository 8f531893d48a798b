"""Build what the Glue job runs: its script, and its packages as the zip of wheels that Glue 5.0 installs.

The script is stored under its own sha256, as it is in the sources. The wheels are those of requirements/glue.txt for
Python 3.11 on Linux x86_64, fetched by their hashes whatever machine this runs on. Glue tells a zip of wheels by the
ending ``.gluewheels.zip`` and installs ``wheels/requirements.txt`` from it, without asking any index:
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html
"""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from lakeward.adapters.packaging.zips import Zip, sha256_of, write_zip
from lakeward.errors import BuildFailed

SCRIPT = Path("src/lakeward/jobs/transform.py")
LOCK = Path("requirements/glue.txt")
ENDING = "gluewheels.zip"
_PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==[^\s;\\]+", re.MULTILINE)
# Glue 5.0 runs on Amazon Linux 2023, as Lambda does; pip takes each older tag only when it is named.
_PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux_2_17", "manylinux2014", "manylinux2010")
_ABIS = ("cp311", "abi3", "none")


def build_script(root: Path, to: Path) -> Zip:
    """Copy the script to ``<to>/scripts/<sha256>.py``.

    Raises:
        BuildFailed: ``root`` has no such script.
    """
    source = root / SCRIPT
    if not source.is_file():
        raise BuildFailed(f"expected the job's script at {source}, found none; give the repository's folder as --root")
    digest = sha256_of(source)
    path = (to / "scripts" / f"{digest}.py").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
    size = path.stat().st_size
    return Zip(path, digest, f"scripts/{path.name}", size, size)


def build_packages(root: Path, to: Path, scratch: Path) -> Zip:
    """Write ``<to>/packages/<sha256>.gluewheels.zip``; ``scratch`` is left holding the wheels.

    Raises:
        BuildFailed: a wheel is missing; the message has pip's last words.
    """
    lock, wheels = root / LOCK, scratch / "wheels"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11", f"--dest={wheels}"]
    command += [f"--abi={abi}" for abi in _ABIS]
    command += [f"--platform={platform}_x86_64" for platform in _PLATFORMS]
    ended = subprocess.run([*command, "-r", str(lock)], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise BuildFailed(f"pip could not fetch {lock} for Glue's Python 3.11 on x86_64:\n{ended.stderr.strip()}")
    (wheels / "requirements.txt").write_text("\n".join(_PIN.findall(lock.read_text())) + "\n")
    files = [(f"wheels/{path.name}", path) for path in wheels.iterdir()]
    return write_zip(files, to / "packages", zipfile.ZIP_STORED, ENDING)
