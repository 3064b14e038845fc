"""Whether an error is really a full disk, whatever library it comes from."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from backend.core.storage.causes import causes_of

MIN_FREE_BYTES: Final = 16 * 2**20
"""With less than this free, an unexplained failure to write is put down to the full disk."""
_ERRNOS: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_WORDS: Final = ("no space left on device", "disk quota exceeded", "disk full", "enospc")
_SQLSTATES: Final = frozenset({"53100"})
"""Postgres: disk_full."""


def free_bytes(folder: Path) -> int:
    """Bytes free for us on the file system of a folder, or of its nearest ancestor that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def full_disk(error: BaseException, *folders: Path) -> str | None:
    """Words for a full disk, if that is what an error comes down to.

    Libraries tell of a full disk in their own ways, or not at all: by number, by text, by a code of
    Postgres, or by an encoder that merely "failed". The whole chain of causes is looked at; then,
    for what looks like a failure to write, whether the disk is full.

    Args:
        error: What was raised.
        *folders: Where data are written; the folder for temporary files is looked at as well.
    """
    for cause in causes_of(error):
        if getattr(cause, "errno", None) in _ERRNOS or _sqlstate(cause) in _SQLSTATES:
            return "The disk is full."
        if any(word in str(cause).lower() for word in _WORDS):
            return "The disk is full."
    for folder in (*folders, Path(gettempdir())):
        free = free_bytes(folder)
        if free < MIN_FREE_BYTES:
            return f"The disk that holds {folder} is full ({free / 2**20:.1f} MB free)."
    return None


def _sqlstate(error: BaseException) -> str | None:
    state = getattr(error, "sqlstate", None) or getattr(
        getattr(error, "orig", None), "sqlstate", None
    )
    return state if isinstance(state, str) else None
