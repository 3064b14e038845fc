"""How many cores torch may use."""

from __future__ import annotations

import os

import torch


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def keep_to_one_core() -> None:
    """Let torch use one core for what the calling thread does; others keep theirs.

    torch keeps the number per thread, but new threads start with the number that was set last.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    _set_for_new_threads(before)


def _set_for_new_threads(count: int) -> None:
    import threading

    setter = threading.Thread(target=torch.set_num_threads, args=(count,))
    setter.start()
    setter.join()
