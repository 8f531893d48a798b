"""Fields of records against the paths that a contract reads: which are new, which are missing, what is left over.

Looking at the structure of every record would take longer than the rest of the transform, so a sample is looked at: the
first records of the first and of the last page. A load of one or two small pages is looked at
whole.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from lakeward.contract import Contract
from lakeward.transform.compile import records_of
from lakeward.transform.left_over import Steps, named_paths, steps_of

SAMPLED_RECORDS = 2000
"""Of one page, at most."""
MOST_FIELDS = 100
"""New fields that are told of one load."""
TYPES = {"VARCHAR": "string", "BIGINT": "bigint", "UBIGINT": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean"}
"""DuckDB's name of a JSON type -> the type that a column for it would have."""

HIDDEN = "(hidden)"
"""In the place of a field's name; no path of a contract can have it."""

Page = TypeVar("Page")


def sampled_pages(pages: Sequence[Page]) -> list[Page]:
    """The first and the last one, each once."""
    return [pages[place] for place in sorted({0, len(pages) - 1})] if pages else []


def survey_sql(contract: Contract, pages: list[Path]) -> str:
    """SELECT of how many records were looked at, and their structure as JSON text."""
    return (
        "SELECT count(*), CAST(json_group_structure(_record) AS VARCHAR) "
        f"FROM ({records_of(contract, pages)}) WHERE _position <= {SAMPLED_RECORDS}"
    )


def new_fields(structure: Any, contract: Contract) -> dict[str, str]:
    """Paths that no column is read from, with the type that a column for each would have; outermost ones only.

    Of a dataset with personal columns the names of such fields are not told, only where they are and how many: a name
    may be an address itself, where an object has a member for each person.

    Args:
        structure: what ``json_group_structure`` says of the records.
    """
    found = sorted((_written(at), at, of) for at, of in _unnamed(structure, (), named_paths(contract)))[:MOST_FIELDS]
    if not contract.personal_columns:
        return {path: of for path, _, of in found}
    return {f"{_written(at[:-1])}.{HIDDEN} {number}": of for number, (_, at, of) in enumerate(found, start=1)}


def missing_paths(structure: Any, contract: Contract) -> list[str]:
    """Paths of columns that lead nowhere in any record."""
    paths = dict.fromkeys(column.at for column in contract.columns if column.at)
    return [path for path in paths if not _leads(structure, steps_of(path))]


def _unnamed(structure: Any, at: Steps, named: set[Steps]) -> Iterator[tuple[Steps, str]]:
    if at in named:
        return
    inside = any(path[: len(at)] == at for path in named)
    if not inside:
        yield at, _type(structure)
    elif isinstance(structure, dict):
        for name, inner in structure.items():
            yield from _unnamed(inner, (*at, name), named)
    elif isinstance(structure, list) and structure:
        yield from _unnamed(structure[0], (*at, "[]"), named)


def _leads(structure: Any, steps: Steps) -> bool:
    for step in steps:
        if step == "[]" and isinstance(structure, list) and structure:
            structure = structure[0]
        elif isinstance(structure, dict) and step in structure:
            structure = structure[step]
        else:
            return bool(structure == "JSON")  # records differ there, so anything may lie below
    return True


def _type(structure: Any) -> str:
    if isinstance(structure, dict):
        return "struct"
    return "list" if isinstance(structure, list) else TYPES.get(structure, "unknown")


def _written(steps: Steps) -> str:
    return "$" + "".join(step if step == "[]" else f".{step}" for step in steps)
