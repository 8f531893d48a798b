"""A deployment that was killed leaves a lock: it is waited for, and then broken; none other is."""

from pathlib import Path

from botocore.exceptions import ClientError

from lakeward_local.stale_lock import KEY, Marker, break_stale_lock


class Bucket:
    """A bucket whose lock is there for so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks
        self.deleted: list[str] = []

    def head_object(self, **_: str) -> None:
        self.looks -= 1
        if self.looks < 0 or self.deleted:
            raise ClientError({"ResponseMetadata": {"HTTPStatusCode": 404}}, "HeadObject")  # type: ignore[typeddict-item]

    def delete_object(self, *, Key: str, **_: str) -> None:  # noqa: N803
        self.deleted.append(Key)


def test_a_state_that_is_not_locked_is_left_alone_without_a_word() -> None:
    bucket, said = Bucket(looks=0), list[str]()

    break_stale_lock(bucket, "state", said.append, patience_seconds=5)

    assert (bucket.deleted, said) == ([], [])


def test_a_lock_whose_owner_gives_it_back_is_not_broken() -> None:
    bucket, said = Bucket(looks=2), list[str]()

    break_stale_lock(bucket, "state", said.append, patience_seconds=60)

    assert bucket.deleted == []
    assert len(said) == 1


def test_a_lock_that_nobody_gives_back_is_broken() -> None:
    bucket, said = Bucket(looks=1000), list[str]()

    break_stale_lock(bucket, "state", said.append, patience_seconds=0)

    assert bucket.deleted == [KEY]


def test_a_marker_that_nobody_cleared_means_that_the_last_deployment_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "deploying"
    first = Marker(path)
    first.set()

    assert (first.was_cut_off, Marker(path).was_cut_off) == (False, True)

    first.clear()
    assert not Marker(path).was_cut_off
