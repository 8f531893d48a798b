"""Which tests one worker runs one after another, when there are several workers (`--dist loadgroup`)."""

import pytest

ONE_DEPLOYMENT = ("tests/local_cloud/pipeline/", "tests/local_cloud/safeguards/")
"""The tests of each share one deployment, and some build on what others ran."""


@pytest.hookimpl(tryfirst=True)  # before the workers put the groups into the names of the tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A group for each file, one for each folder of one deployment; those first, for they take longest."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        group = next((folder for folder in ONE_DEPLOYMENT if file.startswith(folder)), file)
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: not item.nodeid.startswith(ONE_DEPLOYMENT))
