"""S3 and Glue go away at any request of a publish, and come back: further runs make it right, once and whole."""

from collections.abc import Callable

import pytest
from faulty_proxy import Fault
from ordeal import Ordeal


@pytest.mark.long
@pytest.mark.hour
@pytest.mark.timeout(900)
def test_an_outage_that_begins_at_any_request_loses_nothing_and_doubles_nothing(
    ordeal: Ordeal, record_property: Callable[[str, object], None]
) -> None:
    """The request is done and its answer is lost; whatever is asked after it is refused until the next run."""
    requests = ordeal.requests()

    ordeal.suffer(Fault("answer lost", at, lasts=True) for at in range(1, len(requests) + 1))

    record_property("suffered", f"{ordeal.cases} outages, one from each request of a publish on")
    assert ordeal.wrong == []
    assert ordeal.cases == len(requests) > 60
