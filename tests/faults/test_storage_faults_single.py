"""One request of a publish fails, in each way in which requests fail: the publish is right, once and whole."""

from collections.abc import Callable

import pytest
from faulty_proxy import Fault, Kind
from ordeal import Ordeal

KINDS: tuple[Kind, ...] = ("refused", "error", "busy", "token expired", "answer lost", "done and error")


def test_a_commit_that_fails_in_any_way_lands_once(
    ordeal: Ordeal, record_property: Callable[[str, object], None]
) -> None:
    commits = [at for at, request in enumerate(ordeal.requests(), start=1) if request == "UpdateTable"]

    ordeal.suffer(Fault(kind, at, lasts) for kind in KINDS for at in commits for lasts in (False, True))
    ordeal.suffer(Fault("done and late", at) for at in commits)

    record_property("suffered", f"{ordeal.cases} faults at the commits of a publish")
    assert ordeal.wrong == []
    assert ordeal.cases == 2 * (2 * len(KINDS) + 1)


@pytest.mark.long
@pytest.mark.hour
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["refused", "error", "answer lost", "done and error"])
def test_a_fault_at_any_request_leaves_the_rows_right(
    kind: Kind, ordeal: Ordeal, record_property: Callable[[str, object], None]
) -> None:
    requests = ordeal.requests()

    ordeal.suffer(Fault(kind, at) for at in range(1, len(requests) + 1))

    record_property("suffered", f"{ordeal.cases} requests of a publish, each broken once: {kind}")
    assert ordeal.wrong == []
    assert ordeal.cases == len(requests) > 60
