"""Reading contracts from dataset folders, with errors that point at the line to mend."""

import difflib
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lakeward.contract.model import Contract, Part
from lakeward.errors import ContractInvalid, UnknownDataset


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
    try:
        data = YAML(typ="safe", pure=True).load(io.StringIO(text))
    except YAMLError as problem:
        raise ContractInvalid(f"{where}: expected YAML, found: {problem}") from None
    try:
        return Contract.model_validate(data)
    except ValidationError as problem:
        lines = [f"  {line}" for line in _explain(problem)]
        raise ContractInvalid(f"{where}: {len(lines)} problem(s)\n" + "\n".join(lines)) from None


def load_dataset(folder: Path) -> Dataset:
    """Read one dataset folder.

    Raises:
        UnknownDataset: the folder has no contract.yaml.
        ContractInvalid: see ``parse_contract``; also when the contract names another dataset than its folder.
    """
    path = folder / "contract.yaml"
    if not path.is_file():
        raise UnknownDataset(f"expected a contract at {path}; datasets here: {', '.join(names(folder.parent)) or 'none'}")
    raw = path.read_bytes()
    contract = parse_contract(raw.decode(), str(path))
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


def _explain(problem: ValidationError) -> list[str]:
    """One line a problem: the path, what was expected, what was found, and the nearest known name."""
    lines = []
    for error in problem.errors():
        path = ".".join(str(p) for p in error["loc"]) or "(top)"
        if error["type"] == "extra_forbidden":
            key = str(error["loc"][-1])
            near = difflib.get_close_matches(key, _known_keys(Contract), n=1)
            lines.append(f"{path}: unknown key" + (f"; did you mean {near[0]!r}?" if near else ""))
        elif error["type"] == "missing":
            lines.append(f"{path}: expected this key, found nothing")
        else:
            lines.append(f"{path}: {error['msg'].removeprefix('Value error, ')}; found {_short(error['input'])}")
    return lines


def _known_keys(model: type[BaseModel]) -> set[str]:
    """All keys of the format, at every level."""
    keys: set[str] = set()
    for part in [model, *_parts(model)]:
        keys |= part.model_fields.keys()
    return keys


def _parts(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [p for p in Part.__subclasses__() if p is not model]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
