"""How many failed log-ins are too many.

Counted in the memory of the web process: a restart forgets them, and several processes count each
on their own. That still turns a million guesses an hour into a few hundred.

An attempt counts from the moment it begins and is taken back when it succeeds, so guesses sent at
once do not slip through while the first of them is still being checked. It counts three times: for
the account from this address, for the address whatever the account, and for the account whatever
the address.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from threading import Lock

from backend.domain.errors import TooManyAttempts

MAX_KEYS = 10_000
OTHERS = 5
"""An address may fail so many times as often over all accounts; an account over all addresses
twice that."""

Key = tuple[str, str]


class Attempt:
    """One attempt under way."""

    def __init__(self) -> None:
        self.right = False

    def succeeded(self) -> None:
        """The right person is here."""
        self.right = True


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
        self._failures: OrderedDict[Key, deque[float]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def attempt(self, email: str, address: str) -> Iterator[Attempt]:
        """Count an attempt, before anything is checked; a success takes it back.

        A success also forgets the failures of this account from this address, and no others: who
        knows one password must not buy guesses at others with it.

        Raises:
            TooManyAttempts: too many failed or are under way; with the seconds to wait.
        """
        keys = (
            ((email, address), self.limit),
            (("", address), self.limit * OTHERS),
            ((email, ""), self.limit * OTHERS * 2),
        )
        now = self._clock()
        with self._lock:
            wait = max(self._wait(key, limit) for key, limit in keys)
            if wait <= 0:
                for key, _ in keys:
                    self._count(key, now)
        if wait > 0:
            minutes = ceil(wait / 60)
            raise TooManyAttempts(
                f"Too many failed log-ins for {email}. Try again in"
                f" {minutes} minute{'s' if minutes > 1 else ''}.",
                retry_after_s=wait,
            )
        attempt = Attempt()
        try:
            yield attempt
        finally:
            if attempt.right:
                with self._lock:
                    self._failures.pop((email, address), None)
                    for key, _ in keys[1:]:
                        self._take_back(key, now)

    def _wait(self, key: Key, limit: int) -> int:
        failures = self._recent(key)
        if len(failures) < limit:
            return 0
        return max(1, ceil(failures[-limit] + self.window_s - self._clock()))

    def _count(self, key: Key, now: float) -> None:
        failures = self._recent(key)
        failures.append(now)
        self._failures[key] = failures
        self._failures.move_to_end(key)
        while len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)

    def _take_back(self, key: Key, now: float) -> None:
        if key in self._failures and now in self._failures[key]:
            self._failures[key].remove(now)

    def _recent(self, key: Key) -> deque[float]:
        failures = self._failures.get(key, deque())
        oldest = self._clock() - self.window_s
        while failures and failures[0] <= oldest:
            failures.popleft()
        return failures
