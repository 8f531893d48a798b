"""The contract of a dataset: the one place where all that it is stands written."""

from lakeward.contract.load import Dataset, dataset, default_root, load_dataset, names, parse_contract
from lakeward.contract.model import Column, Contract

__all__ = ["Column", "Contract", "Dataset", "dataset", "default_root", "load_dataset", "names", "parse_contract"]
