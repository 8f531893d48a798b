"""Run under an isolated python3.13 to prove the layer: see ``lakeward.adapters.packaging.layer.prove``.

Arguments: the unpacked functions zip, the layer's python/ folder, the folder with boto3, in Lambda's order of search.
Fails with a traceback when anything that the functions import is missing.
"""

import importlib
import sys
import tempfile
from pathlib import Path

# The command line runs on a person's machine only, jobs run on Spark: both with packages that the layer leaves out.
_ELSEWHERE = ("lakeward.cli.", "lakeward.jobs.")


def modules_of(task: Path) -> list[str]:
    """Every module of the functions zip but those that run elsewhere, handlers and all."""
    files = sorted((task / "lakeward").rglob("*.py"))
    names = [".".join(file.relative_to(task).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return [name for name in names if not f"{name}.".startswith(_ELSEWHERE)]


def round_trip_parquet(folder: Path) -> None:
    """Write one file with pyarrow and one with duckdb, and let each read the other's."""
    duckdb = importlib.import_module("duckdb")
    pyarrow = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    rows = [{"id": "a", "magnitude": 1.5}, {"id": "b", "magnitude": None}]
    by_arrow, by_duckdb = folder / "arrow.parquet", folder / "duckdb.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(rows), by_arrow, compression="zstd")
    duckdb.read_parquet(str(by_arrow)).order("id").write_parquet(str(by_duckdb), compression="zstd")
    read = parquet.read_table(by_duckdb).to_pylist()
    if read != rows:
        raise AssertionError(f"expected {rows} to come back through duckdb and pyarrow, found {read}")


def main() -> None:
    """Import, write, read; one line of what was seen."""
    roots = sys.argv[1:]
    sys.path[:0] = roots
    modules = modules_of(Path(roots[0]))
    handlers = [name for name in modules if name.startswith("lakeward.handlers.")]
    if not handlers:
        raise SystemExit(f"expected handlers in {roots[0]}/lakeward/handlers, found none")
    for name in [*modules, "pyiceberg.catalog.glue"]:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        round_trip_parquet(Path(folder))
    names = ", ".join(name.rpartition(".")[2] for name in handlers)
    sys.stdout.write(
        f"Python {sys.version.split()[0]} alone imported {len(modules)} modules, with lakeward.handlers: {names}\n"
        "and wrote and read Parquet with duckdb and pyarrow\n"
    )


if __name__ == "__main__":
    main()
