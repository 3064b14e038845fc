"""Looks into a checkpoint file without running any of it, and hashes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from backend.domain.errors import Cancelled
from backend.models.checkpoints.architectures import require_fit
from backend.models.checkpoints.index import read_index

CHUNK: Final = 1 << 20
UNTRAINED_MARK: Final = "infantnet.untrained"
"""A key in the ``meta`` of checkpoints with random numbers, made for tests."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes done and the bytes in total, None where the total is unknown."""


def nothing_to_report(_done: int, _total: int | None) -> None:
    """A progress callback for those who do not watch."""


def never_cancelled() -> bool:
    """A cancellation check for work that nobody can stop."""
    return False


def sha256_of(path: Path, cancelled: Callable[[], bool] = never_cancelled) -> str:
    """A file's SHA-256 in hex.

    Raises:
        Cancelled: ``cancelled`` said so while reading.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if cancelled():
                raise Cancelled(f"Stopped while checking {path.name}.")
            digest.update(chunk)
    return digest.hexdigest()


def check_checkpoint(path: Path, called: str, architecture: str | None = None) -> bool:
    """Check that a file is a whole PyTorch checkpoint of an architecture.

    Args:
        path: The file.
        called: The name to use for the file in errors.
        architecture: Such as ``rtmo-l``; None to take any.

    Returns:
        True for a checkpoint of random numbers that was made for tests.

    Raises:
        InvalidInput: not a checkpoint, cut off, damaged, holding code, or of something else.
    """
    index = read_index(path, called)
    if architecture is not None:
        require_fit(index, architecture, called)
    return UNTRAINED_MARK in index.meta
