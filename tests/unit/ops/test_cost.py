"""What a run costs, against sums done by hand from the price pages."""

from pathlib import Path

import pytest

from lakeward.cli import cost
from lakeward.ops.cost import (
    Size,
    StepUse,
    crossover_text_bytes,
    glue_transform_dollars,
    lambda_transform_dollars,
    lambda_transform_seconds,
    run_dollars,
    step_dollars,
)


@pytest.mark.parametrize(
    ("use", "dollars"),
    [
        # 1 GB for 1 s: 0.0000166667, one request 0.0000002, one transition 0.000025
        pytest.param(StepUse(1, 1, 1024), 0.0000418667, id="one second of one GB"),
        # 512 MB for 900 s are 450 GB-s: 0.007500015
        pytest.param(StepUse(1, 900, 512), 0.007525215, id="a whole ingest"),
        # 3008 MB for 10 s are 29.375 GB-s: 0.0004895843; two calls: 0.0000004 and 0.00005
        pytest.param(StepUse(2, 10, 3008), 0.0005399843, id="a publish with a retry"),
        pytest.param(StepUse(0, 0, 3008), 0.0, id="nothing"),
    ],
)
def test_a_step_costs_its_memory_by_time_and_each_of_its_calls(use: StepUse, dollars: float) -> None:
    assert step_dollars(use) == pytest.approx(dollars, abs=1e-10)


GIGABYTE = 1_000_000_000


def test_a_gigabyte_of_text_takes_lambda_the_time_that_its_cores_need() -> None:
    # 3008 MB are 1.7004 vCPU, each 60 MB of text a second: 9.80 s, and 2 s for starting
    assert lambda_transform_seconds(GIGABYTE) == pytest.approx(11.80, abs=0.01)


def test_glue_costs_its_minute_at_least_and_then_by_the_worker_second() -> None:
    finding = 2 * 3008 / 1024 * 0.0000166667 + 0.0000002 + 0.000025
    # two DPU for a minute at 0.44 an hour: 0.014667
    assert glue_transform_dollars(Size(1, 1, 1)) == pytest.approx(0.0146667 + 0.000025 + finding, abs=1e-7)
    # 30 s to start, 12 GB at 120 MB a second: 130 s of two DPU
    twelve = Size(1, 1, 12 * GIGABYTE)
    assert glue_transform_dollars(twelve) == pytest.approx(2 * 130 * 0.44 / 3600 + 0.000025 + finding, abs=1e-7)


def test_a_run_costs_the_more_the_larger_it_is_and_every_step_is_in_it() -> None:
    small, large = (run_dollars(Size(n, n * 4_000_000, n * 4_000_000), "duckdb") for n in (15, 1500))

    assert list(small) == ["ingest", "transform", "audit", "publish", "record", "requests"]
    assert sum(small.values()) == pytest.approx(0.000757, abs=1e-6)
    assert sum(small.values()) < sum(large.values()) < 100 * sum(small.values())


def test_what_lambda_can_take_costs_less_there_than_in_glue() -> None:
    for gigabytes in (0.01, 1, 5):
        size = Size(1, 1, int(gigabytes * GIGABYTE))
        assert lambda_transform_dollars(size) < glue_transform_dollars(size)
    assert crossover_text_bytes() is None


def test_the_crossover_lies_where_glue_begins_to_save(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakeward.ops.throughput.GLUE_TEXT_BYTES_PER_WORKER_SECOND", 600_000_000)
    at = crossover_text_bytes()

    assert at is not None
    assert lambda_transform_dollars(Size(0, 0, at)) > glue_transform_dollars(Size(0, 0, at))
    assert lambda_transform_dollars(Size(0, 0, at - 1)) <= glue_transform_dollars(Size(0, 0, at - 1))


def test_the_table_in_the_documentation_is_what_the_command_prints() -> None:
    text = (Path(__file__).parents[3] / "docs/cost.md").read_text()

    assert cost.table(cost.SIZES_MB) in text
    assert cost.crossover() in text


def test_a_size_is_asked_for_by_its_megabytes() -> None:
    _, _, row = cost.table([60]).splitlines()

    size = Size(15, 60_000_000, 60_000_000)
    small, large = (sum(run_dollars(size, engine).values()) for engine in ("duckdb", "spark"))
    cells = ["60 MB", f"${small:.6f}", f"${lambda_transform_dollars(size):.6f}", f"${small / 0.06:.4f}"]
    assert row == f"| {' | '.join([*cells, f'${large:.6f}', f'${large / 0.06:.4f}'])} |"
