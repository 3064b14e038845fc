"""How many failed log-ins are too many.

Counted in the memory of the web process: a restart forgets them, and several processes count each
on their own. That still turns a million guesses an hour into a few hundred.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil
from threading import Lock

from backend.domain.errors import TooManyAttempts

MAX_KEYS = 10_000


class FailedAttempts:
    """Failures per key within a sliding window.

    Args:
        limit: failures after which further attempts are refused.
        window_s: seconds after which a failure no longer counts.
        clock: seconds that only grow.
    """

    def __init__(
        self, limit: int = 10, window_s: float = 300.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit = limit
        self.window_s = window_s
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = Lock()

    def check(self, email: str, address: str) -> None:
        """Refuse when this e-mail failed too often from this address.

        Raises:
            TooManyAttempts: with the seconds to wait.
        """
        with self._lock:
            failures = self._recent((email, address))
            if len(failures) < self.limit:
                return
            wait = max(1, ceil(failures[0] + self.window_s - self._clock()))
        minutes = ceil(wait / 60)
        raise TooManyAttempts(
            f"Too many failed log-ins for {email}. Try again in"
            f" {minutes} minute{'s' if minutes > 1 else ''}.",
            retry_after_s=wait,
        )

    def failed(self, email: str, address: str) -> None:
        """Count one failure."""
        with self._lock:
            failures = self._recent((email, address))
            failures.append(self._clock())
            self._failures[email, address] = failures
            self._failures.move_to_end((email, address))
            while len(self._failures) > MAX_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, email: str, address: str) -> None:
        """Forget the failures: the right person is here."""
        with self._lock:
            self._failures.pop((email, address), None)

    def _recent(self, key: tuple[str, str]) -> deque[float]:
        failures = self._failures.get(key, deque())
        oldest = self._clock() - self.window_s
        while failures and failures[0] <= oldest:
            failures.popleft()
        return failures
