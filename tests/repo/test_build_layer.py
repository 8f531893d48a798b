"""The dependency layer: pruned, below Lambda's limit, and proved to run where nothing else is installed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.adapters.packaging.functions import build_functions
from lakeward.adapters.packaging.lambda_python import find_lambda_python
from lakeward.adapters.packaging.layer import UNPACKED_LIMIT_BYTES, build_layer, check_size, prove, prune
from lakeward.adapters.packaging.zips import Zip
from lakeward.errors import BuildFailed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository to build in, so that dist/ stays as it is."""
    root = tmp_path_factory.mktemp("tree")
    for name in ("src", "datasets", "requirements"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "sample", "*.egg-info"))
    return root


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where wheels and zips are unpacked; hundreds of megabytes, so it goes at once."""
    folder = tmp_path_factory.mktemp("scratch")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def layer(tree: Path, scratch: Path) -> Zip:
    return build_layer(tree, tree / "dist", scratch)


@pytest.fixture(scope="module")
def python() -> Path:
    try:
        return find_lambda_python()
    except BuildFailed as missing:
        pytest.skip(f"the layer cannot be proved here: {missing}")


@pytest.mark.long
def test_it_runs_in_an_isolated_python_and_fits_with_the_functions(tree: Path, layer: Zip, scratch: Path, python: Path):
    functions = build_functions(tree, tree / "dist")

    assert check_size(layer, functions) > 0
    seen = prove(python, layer, functions, scratch)

    handlers = {file.stem for file in (ROOT / "src/lakeward/handlers").glob("*.py")} - {"__init__"}
    assert f"with lakeward.handlers: {', '.join(sorted(handlers))}\n" in seen


@pytest.mark.long
def test_the_proof_fails_when_a_handler_imports_what_the_layer_does_not_have(
    tree: Path, layer: Zip, scratch: Path, python: Path, tmp_path: Path
):
    shutil.copytree(tree, tmp_path / "tree", ignore=shutil.ignore_patterns("dist"))
    (tmp_path / "tree/src/lakeward/handlers/wrong.py").write_text("import typer\n")
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "runtime").symlink_to(scratch / "runtime")

    with pytest.raises(BuildFailed, match="No module named 'typer'"):
        prove(python, layer, build_functions(tmp_path / "tree", tmp_path / "dist"), tmp_path / "scratch")


@pytest.mark.long
def test_two_builds_are_the_same_zip(tree: Path, layer: Zip, tmp_path: Path):
    assert build_layer(tree, tree / "dist", tmp_path).sha256 == layer.sha256


def test_layer_and_functions_that_lambda_would_not_unpack_are_refused():
    layer = Zip(Path("layer.zip"), "0" * 64, "layers/0.zip", 1, UNPACKED_LIMIT_BYTES)
    functions = Zip(Path("functions.zip"), "1" * 64, "functions/1.zip", 1, 1)

    with pytest.raises(BuildFailed, match=r"unpack to 262,144,001 bytes, Lambda allows 262,144,000"):
        check_size(layer, functions)


def test_a_pruned_name_that_the_wheels_no_longer_have_is_refused(tmp_path: Path):
    with pytest.raises(BuildFailed, match=r"nothing matches 'bin': correct _PRUNED in layer\.py"):
        prune(tmp_path)


def test_an_interpreter_that_is_not_lambdas_is_refused_by_what_it_says_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    fake = tmp_path / "python3.13"
    fake.write_text("#!/bin/sh\necho 3.11 linux x86_64\n")
    fake.chmod(0o755)
    for name in ("PATH", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, str(tmp_path))

    with pytest.raises(BuildFailed) as refusal:
        find_lambda_python()

    assert str(refusal.value) == (
        f"expected a Python that is '3.13 linux x86_64', found {fake}: 3.11 linux x86_64; install python3.13"
    )
