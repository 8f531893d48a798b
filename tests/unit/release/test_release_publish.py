"""Publishing: create-only, whole, proved; a changed byte is found here and there."""

from pathlib import Path

import pytest
from release_world import FakeArtifacts, release_in

from lakeward.errors import ReleaseInvalid
from lakeward.release.publish import prove_files, prove_stored, publish


def silent(_line: str) -> None:
    """Nothing."""


def test_everything_is_stored_the_release_file_last_and_a_second_time_nothing(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()

    first = publish(release, tmp_path, store, silent)
    second = publish(release, tmp_path, store, silent)

    keys = [artifact.key for artifact in release.artifacts()] + [f"releases/{release.id}.json"]
    assert (first.stored, first.there, second.stored, second.there) == (keys, [], [], keys)
    assert list(store.objects) == keys


def test_a_changed_byte_in_a_file_is_found_before_anything_is_stored(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    (tmp_path / release.functions.key).write_bytes(b"functions of fIrst")

    with pytest.raises(
        ReleaseInvalid, match=rf"expected sha256 {release.functions.sha256}, found .*Nothing was stored"
    ):
        publish(release, tmp_path, store, silent)

    assert store.objects == {}


def test_every_missing_file_is_named(tmp_path: Path):
    release = release_in(tmp_path)
    for artifact in (release.terraform, release.sbom):
        (tmp_path / artifact.key).unlink()

    with pytest.raises(ReleaseInvalid) as refused:
        prove_files(release, tmp_path)

    assert [key for key in (release.terraform.key, release.sbom.key) if key not in refused.value.message] == []
    assert "found no file" in refused.value.message


def test_other_bytes_under_the_key_in_the_bucket_are_found(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    store.objects[release.functions.key] = b"functions of fIrst"

    with pytest.raises(ReleaseInvalid, match=rf"{release.functions.key}: expected .*versions who put them"):
        publish(release, tmp_path, store, silent)

    assert store.objects[release.functions.key] == b"functions of fIrst"


def test_a_release_that_is_not_there_whole_is_refused_with_what_is_missing(tmp_path: Path):
    release, store = release_in(tmp_path), FakeArtifacts()
    publish(release, tmp_path, store, silent)
    del store.objects[release.sbom.key]

    with pytest.raises(ReleaseInvalid, match=rf"{release.sbom.key} is not there.*Nothing was deployed"):
        prove_stored(release, store)
