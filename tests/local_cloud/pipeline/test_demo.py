"""``lakeward demo`` against the deployed pipeline: what it says, what it leaves alone, the page that it writes."""

from collections import Counter
from subprocess import CompletedProcess

import pytest
from deployed_world import SLOTS, Deployed, day_of, recorded
from report_world import Element, read_page

CLASSES = ["not given", "below 1", "1 to 2", "2 to 3", "3 to 4", "4 to 5", "5 and above"]


def class_of(magnitude: float | None) -> str:
    if magnitude is None:
        return CLASSES[0]
    return CLASSES[1 + min(max(int(magnitude // 1), 0), 5)]


def expected_bars() -> list[list[str]]:
    """Events by day and magnitude as plain Python counts them in the recorded file."""
    counts = Counter((day_of(e), class_of(e["properties"]["mag"])) for e in recorded())
    return [[day, *(str(counts[day, name]) for name in CLASSES)] for day in SLOTS]


def state_of(deployed: Deployed) -> object:
    """All that a reader can see of earthquakes, and every version of every object."""
    tables = [("curated", "earthquakes_v1"), ("quarantine", "earthquakes"), ("serving", "earthquakes")]
    versions = [deployed.table_version(*table) for table in tables]
    return versions, [deployed.versions(role) for role in ("raw", "curated")]


@pytest.fixture(scope="module")
def demo(published: Deployed) -> CompletedProcess[str]:
    """The demo of earthquakes, after their slots have run, as for the second time."""
    before = state_of(published)
    done = published.lakeward("demo")
    assert done.returncode == 0, done.stderr
    assert state_of(published) == before
    return done


def page_of(deployed: Deployed) -> Element:
    return read_page((deployed.root / ".lakeward" / "local" / "report" / "index.html").read_text(encoding="utf-8"))


def test_a_second_demo_runs_nothing_and_accounts_for_every_record(demo: CompletedProcess[str]):
    lines = [line.split() for line in demo.stdout.splitlines()]
    days = Counter(map(day_of, recorded()))

    assert [line[:7] for line in lines if line[:1] and line[0] in SLOTS] == [
        [day, "already", "done", str(days[day]), str(days[day]), "0", "0"] for day in SLOTS
    ]
    assert (
        "1,707 in = 1,707 written + 0 quarantined + 0 deduplicated. "
        "Athena counts 1,707 rows in the table, 0 in quarantine."
    ) in demo.stdout.splitlines()
    assert demo.stdout.splitlines()[-2] == "Report: .lakeward/local/report/index.html"


def test_progress_goes_to_standard_error_and_the_account_to_standard_output(demo: CompletedProcess[str]):
    assert "Running 8 slots of earthquakes" in demo.stderr
    assert "Running 8 slots of earthquakes" not in demo.stdout


def test_the_page_shows_what_athena_answers(published: Deployed, demo: CompletedProcess[str]):
    figures = {figure.all("h3")[0].text: figure for figure in page_of(published).all("figure")}

    assert figures["Events by day and magnitude"].all("table")[0].cells() == [
        ["event_date", *CLASSES],
        *expected_bars(),
    ]
    assert [row[1:] for row in figures["Rows through each step"].all("table")[0].cells()[1:]] == [
        ["raw records", "1,707"],
        ["written", "1,707"],
        ["quarantined", "0"],
        ["deduplicated", "0"],
        ["rows in the table", "1,707"],
        ["rows in quarantine", "0"],
    ]
    assert [row[0] for row in figures["The runs as a timeline"].all("table")[0].cells()[1:]] == [
        f"earthquakes-{day.replace('-', '')}T0000Z" for day in SLOTS
    ]


def test_a_copied_folder_has_its_demo_and_its_report(deployed: Deployed):
    strong = Counter(day_of(e) for e in recorded() if e["properties"]["mag"] >= 4)

    done = deployed.lakeward("demo", "--dataset", "strong_earthquakes", "--from", SLOTS[0], "--to", SLOTS[1])

    assert done.returncode == 0, done.stderr
    page = page_of(deployed)
    assert [h.text for h in page.all("h1")] == ["strong_earthquakes, 31 Jan 2018 to 1 Feb 2018"]
    bars = page.all("figure")[0].all("table")[0].cells()[1:]
    assert [(day, sum(map(int, counts))) for day, *counts in bars] == [(day, strong[day]) for day in SLOTS[:2]]


def test_slots_that_nobody_names_are_asked_for(deployed: Deployed):
    done = deployed.lakeward("demo", "--dataset", "trial", "--from", SLOTS[0])

    assert done.returncode == 1
    assert "expected --from and --to together, or `slots: {from: …, to: …}` in" in done.stderr
