"""Reading contracts from dataset folders, with errors that point at the line to mend."""

import difflib
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lakeward.contract.explain import explain, explain_yaml
from lakeward.contract.model import Contract
from lakeward.contract.part import At, Part
from lakeward.errors import ContractInvalid, UnknownDataset

Read = TypeVar("Read", bound=Part)


@dataclass(frozen=True)
class Dataset:
    """A dataset folder: its contract, and the sha256 (hex) of the contract's bytes."""

    folder: Path
    contract: Contract
    contract_sha256: str

    @property
    def name(self) -> str:
        """The dataset's name, which is the folder's."""
        return self.contract.dataset


def parse_contract(text: str, where: str) -> Contract:
    """Read a contract from YAML 1.2 text (the YAML that Terraform reads).

    Raises:
        ContractInvalid: not YAML, a key twice, or anything that the format refuses; every problem is listed.
    """
    return parse(text, where, Contract)


def parse(text: str, where: str, model: type[Read]) -> Read:
    """Read a file that ``model`` is the format of.

    Raises:
        ContractInvalid: see ``parse_contract``.
    """
    try:
        data = YAML(typ="safe", pure=True).load(io.StringIO(text))
    except YAMLError as problem:
        raise ContractInvalid(f"{where}: {explain_yaml(problem)}") from None
    nulls = list(_take_nulls(data, ()))
    read, refused = None, None
    try:
        read = model.model_validate(data)
    except ValidationError as problem:
        refused = problem
    if read is None or nulls:
        lines = explain(refused, nulls, text, model)
        raise ContractInvalid(f"{where}: {len(lines)} problem(s)\n" + "\n".join(f"  {line}" for line in lines))
    return read


def _take_nulls(data: Any, at: At) -> Iterator[At]:
    """Take the keys without a value out of a document, in place, and say where they stood.

    A key that may be left out is never null, so that each thing can be written in one way only.
    """
    items = list(data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ())
    for key, value in items:
        if value is None and isinstance(data, dict):
            del data[key]
            yield (*at, key)
        yield from _take_nulls(value, (*at, key))


def load_dataset(folder: Path) -> Dataset:
    """Read one dataset folder.

    Raises:
        UnknownDataset: the folder has no contract.yaml.
        ContractInvalid: see ``parse_contract``; also when the file is not UTF-8, or when the contract names another
            dataset than its folder.
    """
    path = folder / "contract.yaml"
    if not path.is_file():
        raise UnknownDataset(
            f"expected a contract at {path}; datasets here: {', '.join(names(folder.parent)) or 'none'}"
        )
    raw = path.read_bytes()
    try:
        contract = parse_contract(raw.decode(), str(path))
    except UnicodeDecodeError as problem:
        raise ContractInvalid(f"{path}: expected UTF-8, found other bytes from byte {problem.start}") from None
    if contract.dataset != folder.name:
        raise ContractInvalid(f"{path}: expected `dataset: {folder.name}` as the folder, found {contract.dataset!r}")
    return Dataset(folder, contract, hashlib.sha256(raw).hexdigest())


def names(datasets: Path) -> list[str]:
    """Names of all dataset folders, sorted."""
    return sorted(p.parent.name for p in datasets.glob("*/contract.yaml"))


def default_root() -> Path:
    """The ``datasets`` folder beside the package: in the function zip, or in a working copy."""
    here = Path(__file__).resolve()
    for parent in here.parents:
        if (parent / "datasets").is_dir():
            return parent / "datasets"
    raise UnknownDataset(f"expected a folder named datasets above {here.parent}; found none")


@cache
def dataset(name: str, root: Path | None = None) -> Dataset:
    """The dataset of that name, read once in a process.

    Raises:
        UnknownDataset: no such folder; the message names the nearest ones.
    """
    root = root or default_root()
    known = names(root)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownDataset(f"expected one of {', '.join(known) or 'no dataset at all'}, found {name!r}{hint}")
    return load_dataset(root / name)
