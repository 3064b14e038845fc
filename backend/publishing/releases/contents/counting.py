"""Counting that takes longer than a page may: by a thread of its own, once for all who ask."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Counting(Generic[T]):
    """Answers that are worked out one after the other, while whoever asked does something else.

    Of a subject only the latest question is worked out: an answer to an earlier one would be of no
    use any more. What dies with the process is asked again by whoever still wants it.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="counting")
        self._asked: dict[Hashable, tuple[Hashable, Future[T | None]]] = {}
        self._lock = Lock()

    def begin(
        self, subject: Hashable, question: Hashable, work: Callable[[], T]
    ) -> Future[T | None]:
        """Have something worked out, unless it is being so; its answer is None if it was overtaken.

        Args:
            subject: What is asked about.
            question: All that the answer hangs on.
            work: Works it out; uses nothing of the caller's.
        """
        with self._lock:
            known = self._asked.get(subject)
            if known is not None and known[0] == question and not known[1].done():
                return known[1]

            def latest() -> T | None:
                with self._lock:
                    if self._asked.get(subject, (None,))[0] != question:
                        return None
                return work()

            future = self._thread.submit(latest)
            self._asked = {key: one for key, one in self._asked.items() if not one[1].done()}
            self._asked[subject] = question, future
            return future

    def end(self) -> None:
        """Begin nothing more, and wait for what is being worked out."""
        self._thread.shutdown(cancel_futures=True)
