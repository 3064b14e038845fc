"""Work spread over threads with results in order and a bounded number in flight."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(calls: Iterable[Callable[[], T]], workers: int) -> Generator[T]:
    """Run calls on threads; give their results in order.

    At most two calls per worker wait or run at any time, so that a slow consumer does not fill the
    memory. When the consumer stops early or a call fails, waiting calls are dropped. When drawing
    the next call fails, the results of the calls before it are given first.

    Args:
        calls: Functions without arguments; drawn from on the consumer's thread.
        workers: Number of threads.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="media")
    pending: deque[Future[T]] = deque()
    try:
        source = iter(calls)
        failure: Exception | None = None
        while True:
            try:
                call = next(source)
            except StopIteration:
                break
            except Exception as error:
                failure = error
                break
            pending.append(pool.submit(call))
            if len(pending) >= 2 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
        if failure is not None:
            raise failure
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
