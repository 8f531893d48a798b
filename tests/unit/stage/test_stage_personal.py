"""A slot with personal columns: the key is part of what was done, and is in nothing that was written."""

from pathlib import Path

from stage_world import StageWorld
from transform_world import record

from lakeward.ports.personal import PersonalKey

ONE, OTHER = PersonalKey(b"one key of thirty-two bytes or more"), PersonalKey(b"another key of the same good length")


def test_another_key_is_another_piece_of_work(tmp_path: Path):
    world = StageWorld(tmp_path)
    world.certify([record(1)])

    first, again, second = (world.stage(key=key) for key in (ONE, ONE, OTHER))

    assert (first.made, again.made, second.made) == (True, False, True)
    assert first.staged.fingerprint == again.staged.fingerprint != second.staged.fingerprint


def test_no_object_holds_the_key(tmp_path: Path):
    world = StageWorld(tmp_path)
    world.certify([record(1)])
    world.stage(key=ONE)

    assert not [
        key for key, body in world.lake.objects.items() if ONE.value in body or ONE.value.hex().encode() in body
    ]
