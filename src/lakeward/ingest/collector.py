"""Python's collector of cycles, kept from looking at every page.

A page is thousands of objects and no cycle: reference counts free it all. The collector does not know that, and looking
through each page again and again takes longer than parsing it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 200_000
"""More than most pages hold. What is left of cycles, by HTTP clients say, is still found now and then."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for cycles after so many objects only, while the block lasts."""
    before = gc.get_threshold()
    if before[0]:  # 0: never, by somebody's wish
        gc.set_threshold(max(OBJECTS, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
