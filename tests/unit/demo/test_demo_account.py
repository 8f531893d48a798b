"""The account on the terminal."""

import io

from report_world import GOOD, facts, run
from rich.console import Console

from lakeward_local.demo.account import print_account
from lakeward_local.report.facts import Facts


def printed(of: Facts) -> str:
    out = io.StringIO()
    print_account(of, "lakeward", Console(file=out, width=80))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def test_the_account_is_printed_whole():
    assert (
        printed(GOOD)
        == """
        rows in = written + quarantined + deduplicated

 slot       outcome  in written quarant. dedup. sec. est. USD
 ────────────────────────────────────────────────────────────
 2024-03-01 ran     110     100        7      3  5.0 0.000249
 2024-03-02 ran      90      90        0      0  5.0 0.000249

 all                200     190        7      3 10.0 0.000498

200 in = 190 written + 7 quarantined + 3 deduplicated. Athena counts 188 rows in the table, 7 in quarantine.

         what each step took

 step      calls sec. est. USD share
 ───────────────────────────────────
 ingest        2  2.0 0.000067   13%
 transform     2  2.0 0.000148   30%
 audit         2  2.0 0.000067   13%
 publish       2  2.0 0.000148   30%
 record        2  2.0 0.000067   13%

Which river is highest?
  SELECT river FROM rivers
┏━━━━━━━┳━━━━━━━┓
┃ river ┃    cm ┃
┡━━━━━━━╇━━━━━━━┩
│ Rhine │ 912.5 │
└───────┴───────┘

What to try next
  Ask Athena
    lakeward sql "SELECT * FROM rivers LIMIT 3"
  Run a slot again
    lakeward run rivers --slot 2024-03-02 --again changes no row. The ledger: lakeward runs rivers
  Ask rivers
    Type lakeward sql ….
  Stop
    lakeward down stops the local cloud. What it holds is there at the next start."""
    )


def test_what_earlier_runs_left_is_told_from_what_failed_now():
    text = printed(facts(run(1, records_in=4, written=4), run(2, steps=3), held=94))

    assert (
        "4 in = 4 written + 0 quarantined + 0 deduplicated. Athena counts 94 rows in the table, 0 in quarantine. "
        "1 run failed; what earlier runs published of their slots is still there."
    ) in text.splitlines()


def test_rows_of_exploded_records_are_what_has_to_add_up():
    text = printed(facts(run(1, records_in=3, rows_in=7, written=6, quarantined=1)))

    assert "7 rows of 3 records = 6 written + 1 quarantined + 0 deduplicated." in text


def test_counts_that_do_not_add_up_are_not_said_to():
    assert "10 in ≠ 9 written" in printed(facts(run(1, records_in=10, written=9)))
