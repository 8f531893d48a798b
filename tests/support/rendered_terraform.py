"""What Terraform makes of the repository's roots, without an account: applied with a mocked provider, and read back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iam_policies import Document, statements_of

from terraform_checks import copy_trees, terraform_of

ROOT = Path(__file__).parents[2]
TEST = "tests/rendered.tftest.hcl"


@dataclass(frozen=True)
class Rendered:
    """One root as it would be made: values of its resources by their addresses."""

    resources: Mapping[str, dict[str, Any]]
    module: dict[str, Any]
    """The root module as Terraform shows it."""

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resources of a type."""
        return {address: values for address, values in self.resources.items() if f".{kind}." in f".{address}"}

    def policy(self, name: str) -> Document:
        """A managed policy by its name."""
        (found,) = [values for values in self.of_type("aws_iam_policy").values() if values["name"] == name]
        document: Document = json.loads(found["policy"])
        return document

    def rights_of(self, role: str) -> Document:
        """All policies whose name begins with a role's, as one: what GitHub's role of that name has attached."""
        documents = [
            json.loads(values["policy"])
            for values in self.of_type("aws_iam_policy").values()
            if values["name"].startswith(f"{role}-")
        ]
        return {"Statement": [statement for document in documents for statement in statements_of(document)]}


def rendered(scratch: Path, root: str, head_of: str, runs: str) -> dict[str, Rendered]:
    """Each run of a test of a root, by its name.

    Args:
        scratch: a folder that holds a copy of Terraform's trees, see ``copied``.
        root: such as ``terraform/bootstrap``.
        head_of: the test whose mocks and variables are taken; all before its first run.
        runs: the runs, in Terraform's language.
    """
    folder = scratch / root
    head = (folder / "tests" / head_of).read_text().partition('\nrun "')[0]
    (folder / TEST).write_text(f"{head}\n{runs}")
    terraform = terraform_of(ROOT)
    problem = terraform.problem_of(folder, "init", "-backend=false")
    assert problem is None, problem
    ended = terraform.run(folder, "test", "-json", "-verbose", f"-filter={TEST}")
    assert ended.returncode == 0, f"{ended.stdout[-3000:]}{ended.stderr}"
    said = [json.loads(line) for line in ended.stdout.splitlines() if '"type":"test_state"' in line]
    modules = {line["@testrun"]: line["test_state"]["root_module"] for line in said}
    return {run: Rendered(dict(_resources(module)), module) for run, module in modules.items()}


def copied(scratch: Path) -> Path:
    """A copy of all that Terraform reads, to be changed at will."""
    copy_trees(ROOT, scratch)
    return scratch


def _resources(module: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in module.get("resources", ()):
        yield resource["address"], resource["values"]
    for child in module.get("child_modules", ()):
        yield from _resources(child)
