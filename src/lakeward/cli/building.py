"""Building a release: sources, libraries, Terraform and the bill of materials, each into a file named by its digest."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from lakeward.adapters.packaging.functions import build_functions
from lakeward.adapters.packaging.job import build_packages, build_script
from lakeward.adapters.packaging.lambda_python import find_lambda_python
from lakeward.adapters.packaging.layer import build_layer, check_size, prove
from lakeward.adapters.packaging.sbom import bill_of_materials
from lakeward.adapters.packaging.sources import commit_of, version_of
from lakeward.adapters.packaging.terraform import build_terraform
from lakeward.adapters.packaging.zips import Zip
from lakeward.contract import load_dataset, names
from lakeward.release.make import Built, make_release
from lakeward.released import Artifact, Release, ReleasedJob

FILE = "release.json"
Tell = Callable[[str], None]


def build_release(root: Path, out: Path, tell: Tell, *, with_layer: bool, proved: bool = False) -> Release:
    """Build all that a release names below ``out``, and last ``out/release.json``. The same sources, the same bytes.

    Args:
        root: the tree to build.
        with_layer: whether to build the libraries, which takes a minute; a cloud that brings them needs none.
        proved: whether to import everything in an isolated Python 3.13.

    Raises:
        BuildFailed: sources are missing, or what was made of them would not run on Lambda.
        ContractInvalid: a dataset's contract breaks the rules.
    """
    datasets = [load_dataset(root / "datasets" / name) for name in names(root / "datasets")]
    lock = (root / "requirements" / "layer.txt").read_bytes()
    version = version_of(root)
    tell("zipping the functions and the Terraform")
    functions = build_functions(root, out)
    terraform = build_terraform(root, out)
    layer = _layer(root, out, functions, tell, proved=proved) if with_layer else None
    bill = bill_of_materials(lock.decode(), version, functions.sha256)
    release = make_release(
        Built(
            version=version,
            commit=commit_of(root),
            functions=_artifact(functions),
            layer=_artifact(layer) if layer else None,
            job=_job(root, out, tell, with_packages=with_layer),
            terraform=_artifact(terraform),
            sbom=_written(bill, out),
            lock_sha256=hashlib.sha256(lock).hexdigest(),
        ),
        datasets,
    )
    (out / FILE).write_bytes(release.to_bytes())
    return release


def _job(root: Path, out: Path, tell: Tell, *, with_packages: bool) -> ReleasedJob:
    script = _artifact(build_script(root, out))
    if not with_packages:
        return ReleasedJob(script=script, packages=None)
    with tempfile.TemporaryDirectory(prefix="lakeward-job-") as folder:
        tell("fetching the libraries for Glue: python3.11, x86_64")
        return ReleasedJob(script=script, packages=_artifact(build_packages(root, out, Path(folder))))


def _layer(root: Path, out: Path, functions: Zip, tell: Tell, *, proved: bool) -> Zip:
    python = find_lambda_python() if proved else None
    with tempfile.TemporaryDirectory(prefix="lakeward-layer-") as folder:
        tell("installing the libraries for Lambda: python3.13, x86_64")
        layer = build_layer(root, out, Path(folder))
        left = check_size(layer, functions)
        tell(f"the layer is {layer.bytes / 1e6:.1f} MB, with the functions {left / 1e6:.1f} MB below Lambda's limit")
        if python is not None:
            tell(prove(python, layer, functions, Path(folder)))
    return layer


def _artifact(built: Zip) -> Artifact:
    return Artifact(key=built.key, sha256=built.sha256, bytes=built.bytes)


def _written(bill: bytes, out: Path) -> Artifact:
    digest = hashlib.sha256(bill).hexdigest()
    artifact = Artifact(key=f"sboms/{digest}.json", sha256=digest, bytes=len(bill))
    (out / artifact.key).parent.mkdir(parents=True, exist_ok=True)
    (out / artifact.key).write_bytes(bill)
    return artifact
