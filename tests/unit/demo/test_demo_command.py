"""What the command decides by itself: which slots, where the page goes, how it is typed."""

from pathlib import Path

import pytest
from report_world import rivers, slot

from lakeward.errors import SlotInvalid
from lakeward_local.demo.command import command_name, demo_slots, write_report
from lakeward_local.report.declaration import Declaration, Slots

DECLARED = Declaration(slots=Slots.model_validate({"from": "2024-03-01", "to": "2024-03-03"}))


def test_the_slots_are_those_that_the_folder_declares():
    assert demo_slots(rivers(), DECLARED, None, None) == [slot(1), slot(2), slot(3)]


def test_options_come_before_the_declaration():
    assert demo_slots(rivers(), DECLARED, "2024-03-05", "2024-03-06") == [slot(5), slot(6)]


@pytest.mark.parametrize(("declaration", "first"), [(Declaration(), None), (DECLARED, "2024-03-01")])
def test_slots_that_are_not_named_whole_are_refused(declaration: Declaration, first: str | None):
    with pytest.raises(SlotInvalid) as refused:
        demo_slots(rivers(), declaration, first, None)

    assert refused.value.message == (
        "expected --from and --to together, or `slots: {from: …, to: …}` in datasets/rivers/report.yaml; "
        "for instance: lakeward demo --dataset rivers --from 2018-01-31 --to 2018-02-07"
    )


def test_a_new_page_takes_the_place_of_the_old_one(tmp_path: Path):
    write_report(tmp_path, "old")
    path = write_report(tmp_path, "new: ≠")

    assert path == tmp_path / ".lakeward" / "local" / "report" / "index.html"
    assert [(p.name, p.read_text("utf-8")) for p in path.parent.iterdir()] == [("index.html", "new: ≠")]


def test_the_command_is_typed_by_its_name_only_where_the_path_leads_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    installed = tmp_path / ".venv" / "bin" / "lakeward"
    installed.parent.mkdir(parents=True)
    installed.write_text("#!/bin/sh\n")
    installed.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(installed)])

    monkeypatch.setenv("PATH", "/nowhere")
    elsewhere = command_name()
    monkeypatch.setenv("PATH", str(installed.parent))

    assert (elsewhere, command_name()) == (".venv/bin/lakeward", "lakeward")
