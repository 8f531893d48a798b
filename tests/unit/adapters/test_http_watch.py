"""One thread looks at the clock for all."""

import threading
import time

import pytest

from lakeward.adapters.http_watch import Watch


def test_a_block_that_takes_too_long_is_told_while_it_lasts():
    told = threading.Event()

    with Watch().within(0.01, told.set):
        assert told.wait(5)


def test_a_block_that_ended_is_never_told():
    watch, told = Watch(), threading.Event()

    with watch.within(0.02, told.set):
        pass
    with watch.within(5, lambda: None):
        assert not told.wait(0.1)


def test_a_short_time_is_kept_although_a_long_one_was_asked_for_before():
    watch, told = Watch(), threading.Event()

    with watch.within(60, lambda: None):
        time.sleep(0.02)  # the thread waits for the long one now
        with watch.within(0.01, told.set):
            assert told.wait(5)


def test_all_blocks_share_one_thread():
    watch = Watch()
    before = threading.active_count()

    for _ in range(20):
        with watch.within(60, lambda: None), watch.within(60, lambda: None):
            assert threading.active_count() == before + 1


def test_an_error_of_the_block_is_passed_on():
    with pytest.raises(ValueError, match="of the block"), Watch().within(60, lambda: None):
        raise ValueError("of the block")
