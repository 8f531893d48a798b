"""Readers poll while fifty loads, compactions and expiries go on: every answer is one whole state, never an older one.

Load n brings eight new rows and a newer version of one row that all loads share, on two days. A state is whole when all
rows of its newest load and of every one before are there, once each.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from lake_world import Lake, few_snapshots
from transform_world import record

from lakeward.maintain import Kept
from lakeward.slot import Slot

LOADS, NEW = 50, 8
GRACE, ORPHANS = timedelta(seconds=30), timedelta(seconds=120)
"""Seconds here for what is days elsewhere: how long a state stays, and a file that nothing leads to. The second must be
longer than a publish takes, as three days are."""
State = tuple[int, int, int, int]
"""Rows, keys, the newest version, the shared row's version."""


def slot(number: int) -> Slot:
    return Slot(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number))


def load(lake: Lake, number: int) -> None:
    day = f"2024-03-0{1 + number % 2}"
    staged = lake.stage(
        slot(number),
        [record(0, version=number)],
        [record(number * 100 + n, version=number, day=day) for n in range(NEW)],
    )
    lake.list_staged(slot(number), staged)
    lake.publish(slot(number), staged)


def by_athena(lake: Lake) -> State:
    shared = "max(CASE WHEN id = 'p0' THEN version END)"
    ((rows, keys, newest, of_all),) = lake.asked(f"count(*), count(DISTINCT id), max(version), {shared}")
    return int(rows or 0), int(keys or 0), int(newest or 0), int(of_all or 0)


def by_pyiceberg(lake: Lake) -> State:
    return _state(lake.table().scan(selected_fields=("id", "version")).to_arrow())


def by_duckdb(lake: Lake) -> State:
    with lake.table().scan(selected_fields=("id", "version")).to_duckdb("parcels") as db:
        shared = "max(version) FILTER (id = 'p0')"
        found = db.execute(f"SELECT count(*), count(DISTINCT id), max(version), {shared} FROM parcels").fetchone()
    assert found is not None
    return found  # type: ignore[return-value]


def _state(rows: Any) -> State:
    shared = rows.filter(pc.equal(rows["id"], "p0"))
    return (
        rows.num_rows,
        pc.count_distinct(rows["id"]).as_py(),
        pc.max(rows["version"]).as_py(),
        pc.max(shared["version"]).as_py(),
    )


def test_the_checker_refuses_a_partial_a_double_and_a_torn_state() -> None:
    assert [whole(state) for state in [(17, 17, 2, 2), (16, 16, 2, 2), (18, 17, 2, 2), (17, 17, 2, 1)]] == [
        *(True, False),
        *(False, False),
    ]


def whole(state: State) -> bool:
    rows, keys, newest, shared = state
    return rows == keys == NEW * newest + 1 and newest == shared


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_readers_see_whole_states_in_their_order_while_tables_are_loaded_and_kept(
    cloud: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    load(lake, 1)
    stop = threading.Event()

    def read(ask: Callable[[Lake], State]) -> list[State]:
        seen = []
        while not stop.is_set():
            seen.append(ask(lake))
            time.sleep(0.2)
        return seen

    def keep() -> list[Kept]:
        done: list[Kept] = []
        while not stop.is_set():
            done += lake.maintain(days=0, keep=GRACE, orphans=ORPHANS)
            time.sleep(1)
        return done

    with ThreadPoolExecutor(4) as pool:
        readers = {ask.__name__: pool.submit(read, ask) for ask in (by_athena, by_pyiceberg, by_duckdb)}
        keeper = pool.submit(keep)
        try:
            for number in range(2, LOADS + 1):
                load(lake, number)
            time.sleep(ORPHANS.total_seconds())  # the files of the last states grow old enough while readers go on
        finally:
            stop.set()
        seen = {name: reader.result() for name, reader in readers.items()}
        kept = keeper.result()

    assert {name: [s for s in states if not whole(s)] for name, states in seen.items()} == {name: [] for name in seen}
    assert {name: [s[2] for s in states] for name, states in seen.items()} == {
        name: sorted(s[2] for s in states) for name, states in seen.items()
    }
    assert by_pyiceberg(lake) == (NEW * LOADS + 1, NEW * LOADS + 1, LOADS, LOADS)
    compactions = sum(k.files_made for k in kept)
    expired, removed = sum(k.snapshots_expired for k in kept), sum(k.files_removed for k in kept)
    assert min(compactions, expired, removed, *map(len, seen.values())) > 4
    with capsys.disabled():
        reads = ", ".join(f"{len(states)} {name.replace('_', ' ')}" for name, states in seen.items())
        print(  # noqa: T201 -- the figures are what the test is run for
            f"\n{LOADS} loads, {compactions} compactions, {expired} states expired, {removed} files removed beside "
            f"them; reads: {reads}; partial, double or older states: 0"
        )
