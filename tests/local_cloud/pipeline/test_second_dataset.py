"""A dataset is a folder: copied, edited, deployed, run and queried with no other file touched."""

from deployed_world import SLOTS, Deployed, files_of, recorded


def test_a_copied_and_edited_folder_is_a_dataset(deployed: Deployed) -> None:
    strong = {e["id"]: e["properties"]["mag"] for e in recorded() if e["properties"]["mag"] >= 4}

    done = deployed.lakeward("run", "strong_earthquakes", "--from", SLOTS[0], "--to", SLOTS[-1])

    assert done.returncode == 0, done.stderr
    rows = deployed.sql("SELECT id, magnitude FROM strong_earthquakes")
    assert {r["id"]: r["magnitude"] for r in rows} == strong
    assert len(rows) == len(strong) > 50


def test_no_other_file_was_touched(deployed: Deployed) -> None:
    added = ("datasets/strong_earthquakes/", "datasets/trial/", "datasets/flights_one_a_page/")

    after = {path: content for path, content in files_of(deployed.root).items() if not path.startswith(added)}

    assert after == deployed.before
