"""Python's search for cycles of objects, left out where there are none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_search_for_cycles() -> Iterator[None]:
    """Let Python not look for cycles of objects: in records there are none.

    Records come and go by the hundred thousand, and each search goes through everything that the
    process holds: it takes a third of the time of reading and writing.
    """
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
