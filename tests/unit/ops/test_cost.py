"""What a run costs, against sums done by hand from the price pages."""

import pytest

from lakeward.ops.cost import StepUse, step_dollars


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
