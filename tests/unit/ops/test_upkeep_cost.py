"""What maintenance costs and saves, against sums done by hand from the price pages."""

import pytest

from lakeward.ops.upkeep_cost import UpkeepUse, storage_dollars, upkeep_dollars


def test_maintenance_costs_its_time_and_each_file_that_is_read_or_written() -> None:
    # 3008 MB for 10 s are 29.375 GB-s: 0.0004895843; one request 0.0000002; 1,000 GETs 0.0004; 10 PUTs 0.00005
    assert upkeep_dollars(UpkeepUse(10, 3008, 1000, 10)) == pytest.approx(0.0009397843, abs=1e-10)


def test_a_gibibyte_that_is_removed_saves_its_month() -> None:
    assert storage_dollars(1 << 30) == pytest.approx(0.023)
