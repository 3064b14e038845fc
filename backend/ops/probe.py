"""Whether the web server still answers: asked every few seconds, in a thread of its own."""

from __future__ import annotations

import threading
import time
from http.client import HTTPException
from urllib.request import urlopen

MISSES = 4
"""So many probes in a row without an answer, and the server hangs."""
GRACE_S = 120.0
"""A server that has just been started may take so long to its first answer."""


class Probe:
    """Asks one address again and again, of a server that has answered before.

    Args:
        url: What to ask; any answer below 500 will do.
        every_s: Seconds between two probes, and the patience with each.
        grace_s: How long a new process may take to its first answer.
    """

    def __init__(self, url: str, every_s: float, grace_s: float = GRACE_S) -> None:
        self._url = url
        self._every_s = every_s
        self._grace_s = grace_s
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._begin()
        self._answered = True
        self._thread = threading.Thread(target=self._ask_for_ever, name="probe", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()

    def begin_again(self) -> None:
        """A new process was started: forget what the last one did."""
        with self._lock:
            self._begin()

    def hangs(self) -> bool:
        """Whether the process has not answered for too long."""
        with self._lock:
            if self._answered:
                return self._missed >= MISSES
            return time.monotonic() - self._began > self._grace_s

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._answered = False
        self._missed = 0

    def _ask_for_ever(self) -> None:
        while not self._ended.wait(self._every_s):
            began = self._began
            answers = self._ask()
            with self._lock:
                if began != self._began:
                    continue  # this was about the process before
                self._answered |= answers
                self._missed = 0 if answers else self._missed + 1

    def _ask(self) -> bool:
        try:
            with urlopen(self._url, timeout=self._every_s):
                return True
        except (OSError, HTTPException):
            return False
