"""A release that staging proves and prod does not bear is taken back by itself, rows, columns, views and all."""

import pytest
from promotion_world import SMALL_SLOT, World

from lakeward_local.promote_demo.breaking import DATASET

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

HUNGRY = "quality:\n  min_records: 50\n"
NEW_COLUMN = """\
  - name: sources
    type: string
    at: $.properties.sources
    description: Networks that contributed.

"""


def wider_and_hungry(text: str) -> str:
    """One column more, and slots with fewer than fifty records refused: prod's newest has fourteen."""
    return text.replace("quality:\n", HUNGRY).replace("\nquality:", f"{NEW_COLUMN}quality:")


def test_what_fails_in_prod_alone_is_taken_back(world: World):
    tree = world.branch("hungry", ("contract.yaml", wider_and_hungry))
    good = world.history("prod")[-1].release
    answers = "SELECT * FROM earthquakes ORDER BY id"
    before, rows = world.fingerprint("prod"), world.sql("prod", answers)
    world.must("deploy", "-e", "staging", "--yes", at=tree)
    world.must("replay", DATASET, "-e", "staging", at=tree)
    world.must("e2e", "-e", "staging", "--release", "dist/release/release.json", "--evidence", at=tree)
    world.must("approve", "-e", "prod", "--by", "Data team", at=tree)

    promoted = world.lakeward("promote", "--from", "staging", "--to", "prod", at=tree)

    assert promoted.status == 1
    assert "quality.min_records: expected at least 50, found 14" in promoted.text
    assert f"It was taken back: prod has release {good[:12]} again, which works" in promoted.text
    history = world.history("prod")
    assert [(d.kind, d.release) for d in history[-2:]] == [
        ("promote", world.release(tree).id),
        ("rollback", good),
    ]
    assert world.fingerprint("prod")["code"] == before["code"]
    assert world.sql("prod", answers) == rows
    world.must("run", DATASET, "--slot", SMALL_SLOT, "--again", "-e", "prod")
    world.must("drift", "-e", "prod")


def test_a_rollback_by_hand_goes_to_the_release_before_and_is_named_when_it_is_unclear(world: World):
    refused = world.lakeward("rollback", "-e", "prod")

    assert refused.status == 1
    assert "is itself a rollback" in refused.text
    assert "name the release with --to" in refused.text
