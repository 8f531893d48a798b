"""The marts of all dataset folders: read, held against each other and the datasets, and put in their order."""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lakeward.contract.load import dataset, default_root, names, parse
from lakeward.contract.mart import Mart
from lakeward.errors import ContractInvalid
from lakeward.slot import Every, Slot

FOLDER = "marts"
TEMPLATES = ("slot.date", "slot.start", "slot.end")
_TEMPLATE = re.compile(r"\{([a-zA-Z_][^{}]*)\}")  # and not the {2,4} of a pattern, nor {"json": 1}
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_NAME = r"[a-z_][a-z0-9_]*"
_FROM_OF_NO_TABLE = re.compile(
    r"\bdistinct\s+from\b|\bextract\s*\(\s*\w+\s+from\b|\b(?:trim|substring)\s*\([^()]*?\bfrom\b", re.IGNORECASE
)
_READ = re.compile(
    rf"\b(?:from|join)\s+((?:{_NAME}(?:\s+(?:as\s+)?{_NAME})?\s*,\s*)*{_NAME})\b(?!\s*\()", re.IGNORECASE
)
_NAMED_IN_PASSING = re.compile(
    rf"(?:\bwith\s+(?:recursive\s+)?|,\s*)({_NAME})\s*(?:\([^()]*\)\s*)?\bas\s*\(", re.IGNORECASE
)


@dataclass(frozen=True)
class MartModel:
    """A mart: what is declared of it, its query, and the sha256 (hex) of both files' bytes.

    ``every`` is the interval of its slots; None when it is built whole.
    """

    declared: Mart
    sql: str
    sha256: str
    every: Every | None

    @property
    def name(self) -> str:
        """The mart's name."""
        return self.declared.name

    def query(self, slot: Slot) -> str:
        """The query of one slot."""
        filled = {"slot.date": f"{slot.start:%Y-%m-%d}", "slot.start": _instant(slot), "slot.end": _instant_end(slot)}
        return _TEMPLATE.sub(lambda match: filled[match[1]], self.sql)


@cache
def marts(root: Path | None = None) -> Mapping[str, MartModel]:
    """Every mart by its name; each stands after those that it reads.

    Raises:
        ContractInvalid: a mart breaks the format, or the rules between marts; the problems of all are listed.
    """
    root = root or default_root()
    found: dict[str, tuple[Path, Mart]] = {}
    problems: list[str] = []
    for path in sorted(root.glob(f"*/{FOLDER}/*.yaml")):
        try:
            declared = parse(path.read_text(), str(path), Mart)
        except ContractInvalid as problem:
            problems.append(problem.message)
            continue
        problems += _problems_of_names(path, declared, names(root), found)
        found.setdefault(declared.name, (path, declared))
    for path in sorted(root.glob(f"*/{FOLDER}/*.sql")):
        if not path.with_suffix(".yaml").is_file():
            problems.append(f"{path}: expected {path.stem}.yaml beside it, found none")
    if not problems:
        known = [*names(root), *found]
        problems += [text for path, mart in found.values() for text in _problems_of_reading(path, mart, known)]
    ordered = [] if problems else _in_order(found)
    models: dict[str, MartModel] = {}
    for name in ordered:
        path, declared = found[name]
        every = _every(declared, models, root)
        if isinstance(every, ContractInvalid):
            problems.append(f"{path}: {every.message}")
        else:
            sql = path.with_suffix(".sql").read_bytes()
            digest = hashlib.sha256(path.read_bytes() + b"\n" + sql).hexdigest()
            models[name] = MartModel(declared, sql.decode(), digest, every)
    if problems:
        raise ContractInvalid("\n".join(problems))
    return models


def marts_beside(name: str, root: Path | None = None) -> list[MartModel]:
    """The marts in a dataset's folder, each after those that it reads."""
    root = root or default_root()
    beside = {path.stem for path in (root / name / FOLDER).glob("*.yaml")}
    return [model for model in marts(root).values() if model.name in beside]


def _problems_of_names(path: Path, mart: Mart, datasets: list[str], found: Mapping[str, object]) -> Iterator[str]:
    """A mart has its file's name, a query, and a name that nothing else has."""
    if mart.name != path.stem:
        yield f"{path}: expected `name: {path.stem}` as the file, found {mart.name!r}"
    if not path.with_suffix(".sql").is_file():
        yield f"{path}: expected its query in {path.stem}.sql beside it, found none"
    if mart.name in datasets or mart.name in found or mart.name.removesuffix("_quarantine") in datasets:
        yield f"{path}: expected a name that no dataset and no other mart has, found {mart.name!r}"


def _problems_of_reading(path: Path, mart: Mart, known: list[str]) -> Iterator[str]:
    """Inputs exist; the query reads them and nothing else, and names its slot where it has one."""
    inputs = [given.name for given in mart.inputs]
    for name in inputs:
        if name not in known:
            yield f"{path}: inputs: expected a dataset or a mart, found {name!r}; {_nearest(name, known)}"
    sql_path = path.with_suffix(".sql")
    sql = sql_path.read_text()
    for template in _TEMPLATE.findall(sql):
        if template not in TEMPLATES:
            yield f"{sql_path}: unknown template {{{template}}}; {_nearest(template, TEMPLATES)}"
    said = _COMMENT.sub(" ", sql)
    if (mart.mode == "slot") != bool(_TEMPLATE.search(said)):
        wanted = "its slot in the query, such as DATE '{slot.date}'" if mart.mode == "slot" else "no slot in the query"
        yield f"{sql_path}: expected {wanted}, because of `mode: {mart.mode}`"
    bare = _FROM_OF_NO_TABLE.sub(" ", _TEXT.sub("''", said)).lower()
    listed = [each.split()[0] for found in _READ.findall(bare) for each in found.split(",")]
    read = set(listed) - set(_NAMED_IN_PASSING.findall(bare))
    for name in sorted(read - set(inputs) - {"unnest", "lateral"}):
        yield f"{sql_path}: expected to read inputs only, found {name!r}; {_nearest(name, inputs)}"
    for name in inputs:
        if name not in read:
            yield f"{sql_path}: expected to read the input {name!r}, found no FROM or JOIN with it"


def _in_order(found: Mapping[str, tuple[Path, Mart]]) -> list[str]:
    """Names, each after those that it reads.

    Raises:
        ContractInvalid: marts read each other in a circle.
    """
    ordered: list[str] = []

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            circle = " -> ".join([*above[above.index(name) :], name])
            raise ContractInvalid(f"{found[name][0]}: expected marts that do not read each other, found {circle}")
        if name in ordered or name not in found:
            return
        for given in found[name][1].inputs:
            place(given.name, (*above, name))
        ordered.append(name)

    for name in found:
        place(name, ())
    return ordered


def _every(mart: Mart, models: Mapping[str, MartModel], root: Path) -> Every | ContractInvalid | None:
    """The interval of a mart's slots: that of all inputs that it reads by slot."""
    if mart.mode == "full":
        return None
    found: dict[str, Every | None] = {
        given.name: models[given.name].every if given.name in models else dataset(given.name, root).contract.slot
        for given in mart.inputs
        if given.rows == "slot"
    }
    if len(set(found.values())) > 1 or None in found.values():
        listed = ", ".join(f"{name}: {every or 'no slots'}" for name, every in found.items())
        return ContractInvalid(f"inputs: expected slots of one length in all that are read by slot, found {listed}")
    return next(iter(found.values()))


def _nearest(name: str, known: list[str] | tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


def _instant(slot: Slot) -> str:
    return f"{slot.start:%Y-%m-%d %H:%M:%S}"


def _instant_end(slot: Slot) -> str:
    return f"{slot.end:%Y-%m-%d %H:%M:%S}"
