"""Looks into a checkpoint file without running any of it.

A PyTorch checkpoint is a zip archive around a pickle, or, before PyTorch 1.6, a bare pickle.
Neither is unpickled here: that takes torch and happens in the worker, restricted to tensors.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from backend.domain.errors import Cancelled, InvalidInput

CHUNK: Final = 1 << 20
UNTRAINED_MARK: Final = "infantnet.untrained"
"""A key in the ``meta`` of checkpoints with random numbers, made for tests."""

_ARCHIVE_MAGIC: Final = b"PK\x03\x04"
_LEGACY_MAGIC: Final = b"\x80\x02"
_SMALLEST: Final = 100_000

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


def check_checkpoint(path: Path, called: str) -> bool:
    """Check that a file is a whole PyTorch checkpoint, and tell whether it is an untrained one.

    Args:
        path: The file.
        called: The name to use for the file in errors.

    Returns:
        True for a checkpoint of random numbers that was made for tests.

    Raises:
        InvalidInput: too small, not a checkpoint, cut off, or damaged.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(64)
    archive = start.startswith(_ARCHIVE_MAGIC)
    if not archive and not start.startswith(_LEGACY_MAGIC):
        looks_like_page = start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml"))
        what = "a web page" if looks_like_page else "something else"
        raise InvalidInput(
            f"{called} is not a PyTorch checkpoint but {what}.",
            file=called,
            fault="not a checkpoint",
        )
    if size < _SMALLEST:
        raise InvalidInput(
            f"{called}: {size:,} bytes is too small for a model checkpoint.",
            file=called,
            fault="too small",
        )
    return _check_archive(path, called) if archive else False


def _check_archive(path: Path, called: str) -> bool:
    """Check a zip checkpoint's every member by its CRC."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            pickles = [name for name in archive.namelist() if name.endswith("data.pkl")]
            if damaged is None and pickles:
                return UNTRAINED_MARK.encode() in archive.read(pickles[0])
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise InvalidInput(
            f"{called} is cut off or damaged: {error}.", file=called, fault="damaged"
        ) from error
    if damaged is not None:
        raise InvalidInput(
            f"{called} is damaged: {damaged} in it does not match its checksum.",
            file=called,
            fault="damaged",
        )
    raise InvalidInput(
        f"{called} is a zip archive but not a PyTorch checkpoint (no data.pkl in it).",
        file=called,
        fault="not a checkpoint",
    )
