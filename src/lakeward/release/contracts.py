"""What a release's contracts mean for an environment that has another release."""

from collections.abc import Mapping

from lakeward.contract import Contract
from lakeward.contract.changes import version_problem
from lakeward.errors import SchemaConflict


def refuse_breaking(before: Mapping[str, Contract], after: Mapping[str, Contract]) -> None:
    """Hold new contracts to the deployed ones, before anything is changed.

    Args:
        before: by dataset, as deployed.
        after: by dataset, as the release has them. Datasets that it lacks keep their tables and are not looked at.

    Raises:
        SchemaConflict: a contract changed so that its table cannot follow, and its major version is the same.
    """
    problems = [
        f"{name}: {problem}"
        for name in sorted(before.keys() & after.keys())
        if (problem := version_problem(before[name], after[name])) is not None
    ]
    if problems:
        raise SchemaConflict(
            f"{'; '.join(problems)}. Nothing was changed; `lakeward dataset plan` says what each change comes to"
        )
