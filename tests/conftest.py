"""Which tests one worker runs one after another, when there are several workers (`--dist loadgroup`)."""

import pytest

ONE_DEPLOYMENT = "tests/local_cloud/pipeline/"
"""All of these tests share one deployment, and some build on what others ran."""


@pytest.hookimpl(tryfirst=True)  # before the workers put the groups into the names of the tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A group for each file, one for the folder of one deployment; that one first, for it takes longest."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        group = ONE_DEPLOYMENT if file.startswith(ONE_DEPLOYMENT) else file
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: not item.nodeid.startswith(ONE_DEPLOYMENT))
