"""Which tests one worker runs one after another, when there are several workers."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ONE_DEPLOYMENT = ("tests/local_cloud/pipeline/", "tests/local_cloud/safeguards/")
"""The tests of each share one deployment, and some build on what others ran."""


class OneWorkerAFile(LoadScopeScheduling):
    """A worker takes a whole file, or a whole folder of one deployment: fixtures are made once, in the files' order."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in ONE_DEPLOYMENT if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerAFile:
    return OneWorkerAFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of one deployment first, for they take longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(ONE_DEPLOYMENT))
