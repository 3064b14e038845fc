"""The bytes of uploads on disk: ``<folder>/<id>.part``."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
import unicodedata
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

MAX_NAME_BYTES = 200
_HASH_BLOCK = 4 * 1024 * 1024


def sanitise(filename: str) -> str:
    """A file's own name: no folders, no control characters, no leading dots, at most 200 bytes.

    The name is only shown and kept as a fact; on disk the file is called after its id.
    """
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip().lstrip(".").strip()
    if not name:
        return "unnamed"
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 12:
        stem, extension = name, ""
    suffix = f".{extension}" if extension else ""
    room = MAX_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix


def part_path(folder: Path, upload_id: int) -> Path:
    """Where the bytes of an upload lie."""
    return folder / f"{upload_id}.part"


def size_on_disk(path: Path) -> int:
    """Bytes received so far; 0 where the file is missing."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as hex digits."""
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def create_empty(path: Path) -> None:
    """Make an empty file whose name survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Appender:
    """Appends to a file; what was written is on the disk, not only in memory, once closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab", buffering=0)
        return self

    def write(self, data: bytes | bytearray) -> None:
        """Append bytes."""
        assert self._file is not None
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def truncate(self, size: int) -> None:
        """Take back what was written beyond a size."""
        assert self._file is not None
        self._file.truncate(size)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        os.fsync(self._file.fileno())
        self._file.close()


class Hold:
    """An exclusive hold of a file, among all processes of this machine; ends with the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        return self

    def taken(self) -> bool:
        """Take the hold if it is free; never waits."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)


def stray_parts(folder: Path, older_than_s: float) -> list[tuple[int, Path]]:
    """Uploads whose file was not written to for so long, as (id, path)."""
    if not folder.is_dir():
        return []
    oldest = time.time() - older_than_s
    return [
        (int(path.stem), path)
        for path in folder.glob("*.part")
        if path.stem.isdigit() and path.stat().st_mtime < oldest
    ]
