"""A local cloud without a Python that has Spark says how to make one."""

from pathlib import Path

import pytest

from lakeward_local.gaps.spark_process import Job, Script, error_of, start


def test_without_a_python_that_has_spark_a_job_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"expected a Python with Spark at .*, found none; .* make spark"):
        start(Script(tmp_path / "script.py", (), ()), Job("job", "role", "jr_1"), tmp_path / "none" / "python")


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (
            "Traceback …\nlakeward.errors.RawConflict: page 3\n26/11/20 INFO stopped\n",
            "lakeward.errors.RawConflict: page 3",
        ),
        ("ValueError: no\n", "ValueError: no"),
        ("Killed\n", "Killed"),
        ("", "the script ended without a word"),
    ],
)
def test_the_error_of_a_run_is_the_last_that_its_script_told(written: str, error: str, tmp_path: Path):
    log = tmp_path / "log"
    log.write_text(written)

    assert error_of(log) == error
