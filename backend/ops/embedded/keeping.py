"""Keeps an embedded server running: one that ended is started again, for as long as it takes."""

from __future__ import annotations

import errno
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from backend.ops.embedded.process import StartError

MAX_PAUSE_S: Final = 10.0
LITTLE_ROOM: Final = 32 << 20
"""Bytes without which Postgres may not start: two segments of its log."""


class Server(Protocol):
    """What is kept running."""

    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Start it and wait until it answers; StartError where it does not."""


class Kept:
    """One server that was started once.

    A server that cannot come back, as on a full disk, does not end the rest: pages say what is
    wrong, browsers keep what was not stored, and all of it goes on when there is room.

    Args:
        name: What people call it.
        server: The server.
        data_dir: Folder on whose disk it writes.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        name: str,
        server: Server,
        data_dir: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._server = server
        self._data_dir = data_dir
        self._clock = clock
        self._failures = 0
        self._next_start = 0.0

    def tend(self) -> str | None:
        """Start it again when it has ended and its pause is over.

        Returns:
            A line for the person, when something changed.
        """
        process = self._server.process
        if process is not None and process.poll() is None:
            return None
        if self._failures and self._clock() < self._next_start:
            return None
        try:
            self._server.start()
        except (StartError, OSError) as error:
            self._failures += 1
            pause = min(MAX_PAUSE_S, 2.0 ** (self._failures - 1))
            self._next_start = self._clock() + pause
            if self._failures > 1:
                return None
            why = no_room(self._data_dir, error) or str(error)
            return (
                f"{self.name} ended unexpectedly and cannot be started again yet; it is tried"
                f" every {MAX_PAUSE_S:.0f} s. {why}"
            )
        failed, self._failures = self._failures, 0
        if failed:
            return f"{self.name} runs again"
        return f"{self.name} ended unexpectedly and was started again"


def no_room(folder: Path, error: Exception | None = None) -> str | None:
    """What to say where the disk of a folder has hardly any room; None where it has."""
    free = shutil.disk_usage(folder).free
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    if free >= LITTLE_ROOM and not full:
        return None
    return f"The disk of {folder} is full ({free / 1e6:,.0f} MB are free): make room there."
