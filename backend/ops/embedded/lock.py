"""One running program per data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class DataFolderInUseError(RuntimeError):
    """Another process already works in this data folder."""


class DataFolderLock:
    """An exclusive lock on a data folder, freed by the kernel however its holder ends."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".lock"
        self._descriptor: int | None = None

    def acquire(self, note: str = "") -> None:
        """Take the lock and leave ``note`` (such as the web address) for whoever comes second.

        Raises:
            DataFolderInUseError: another process holds it; the message says which.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 500, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataFolderInUseError(
                f"{self.path.parent} is in use by a running infantnet"
                + (f" ({holder})" if holder else "")
                + ". Stop that one first, or choose another folder with DATA=…"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}{', ' if note else ''}{note}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Free the lock; a second call does nothing."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        if self._descriptor is None:
            self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
