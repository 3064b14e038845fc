"""Where imported images come from: a folder or a zip archive, read without writing anything.

Archives are hostile until proven otherwise: names that climb out, symbolic links, encrypted
entries and archives that swell beyond limits are refused before the first byte is unpacked.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from worker.media.decode import invalid, too_large

_IGNORED_NAMES: Final = frozenset((".ds_store", "thumbs.db", "desktop.ini", "__macosx"))
_ENCRYPTED: Final = 1
_SMALL_ENTRY_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What a source may hold at most.

    Attributes:
        files: Number of files.
        file_bytes: Size of one file, unpacked.
        total_bytes: Size of all files, unpacked.
        ratio: How many times an archived file of 1 MiB or more may swell. Photos hardly do.
    """

    files: int = 500_000
    file_bytes: int = 512 << 20
    total_bytes: int = 200 << 30
    ratio: float = 200.0


class ImageSource(Protocol):
    """Files of a folder or an archive, by their path inside it."""

    name: str
    """What to call the source in errors."""

    def paths(self) -> list[str]:
        """Paths with forward slashes in natural order, without hidden and system files."""
        ...

    def read(self, path: str) -> bytes:
        """The whole file.

        Raises:
            InvalidInput: the file cannot be read or fails its checksum.
        """
        ...


def natural_key(path: str) -> list[list[tuple[int, int, str]]]:
    """Sort key under which ``frame2`` comes before ``frame10``, folder by folder."""
    return [
        [
            (0, int(part), part) if part.isdecimal() else (1, 0, part.casefold())
            for part in re.split(r"(\d+)", folder)
            if part
        ]
        for folder in path.split("/")
    ]


@contextmanager
def open_source(
    path: Path, *, name: str | None = None, limits: SourceLimits | None = None
) -> Iterator[ImageSource]:
    """Open a folder or a zip archive.

    Raises:
        InvalidInput: neither, empty, damaged, or an archive that tries to climb out.
        TooLarge: a limit is exceeded.
    """
    name = name or path.name
    limits = limits or SourceLimits()
    if path.is_dir():
        yield _Folder(path, name, limits)
        return
    if not path.is_file():
        raise invalid(name, "there is no such folder or file")
    if path.stat().st_size == 0:
        raise invalid(name, "the file is empty (0 bytes)")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise invalid(name, "this is not a zip archive, or it is cut off") from error
    with archive:
        yield _Archive(archive, name, limits)


def is_ignored(path: str) -> bool:
    """Whether a path is hidden or belongs to an operating system's housekeeping."""
    return any(
        part.startswith(".") or part.casefold() in _IGNORED_NAMES for part in path.split("/")
    )


class _Folder:
    def __init__(self, root: Path, name: str, limits: SourceLimits) -> None:
        self.name = name
        self._root = root.resolve()
        self._limits = limits
        self._paths = sorted(self._list(), key=natural_key)

    def _list(self) -> Iterator[str]:
        total = count = 0
        for path in self._root.rglob("*"):
            inside = path.relative_to(self._root).as_posix()
            if is_ignored(inside) or not path.is_file():
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(self._root):
                raise invalid(f"{self.name}/{inside}", "the symbolic link leads out of the folder")
            size = path.stat().st_size
            count, total = count + 1, total + size
            _check_sizes(self.name, inside, size, count, total, self._limits)
            yield inside

    def paths(self) -> list[str]:
        return list(self._paths)

    def read(self, path: str) -> bytes:
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise invalid(f"{self.name}/{path}", "the file cannot be read") from error


class _Archive:
    def __init__(self, archive: zipfile.ZipFile, name: str, limits: SourceLimits) -> None:
        self.name = name
        self._archive = archive
        self._entries: dict[str, zipfile.ZipInfo] = {}
        total = count = 0
        for entry in archive.infolist():
            _check_entry_name(name, entry.orig_filename)
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise invalid(name, f"{entry.filename!r} is a symbolic link")
            if entry.is_dir():
                continue
            count, total = count + 1, total + entry.file_size
            _check_sizes(name, entry.filename, entry.file_size, count, total, limits)
            if entry.file_size > max(_SMALL_ENTRY_BYTES, limits.ratio * entry.compress_size):
                raise too_large(
                    name,
                    f"{entry.filename!r} swells more than {limits.ratio:g} times on unpacking",
                )
            if is_ignored(entry.filename):
                continue
            if entry.flag_bits & _ENCRYPTED:
                raise invalid(name, f"{entry.filename!r} is encrypted")
            if entry.filename in self._entries:
                raise invalid(name, f"{entry.filename!r} is in the archive twice")
            self._entries[entry.filename] = entry
        self._paths = sorted(self._entries, key=natural_key)

    def paths(self) -> list[str]:
        return list(self._paths)

    def read(self, path: str) -> bytes:
        # The entry's own size bounds what is unpacked, whatever the compressed data hold.
        try:
            return self._archive.read(self._entries[path])
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise invalid(f"{self.name}/{path}", "the archived file is damaged") from error
        except NotImplementedError as error:
            raise invalid(
                f"{self.name}/{path}", "the archive uses a compression that cannot be read here"
            ) from error


def _check_entry_name(archive: str, entry: str) -> None:
    """Refuse names that would lie outside of a folder into which the archive were unpacked."""
    windows = entry.replace("\\", "/")
    climbs = (
        ".." in PurePosixPath(windows).parts
        or windows.startswith("/")
        or re.match(r"^[A-Za-z]:", windows) is not None
    )
    if climbs or "\0" in entry:
        raise invalid(archive, f"{entry!r} climbs out of the archive's folder")


def _check_sizes(
    source: str, path: str, size: int, count: int, total: int, limits: SourceLimits
) -> None:
    if size > limits.file_bytes:
        raise too_large(source, f"{path!r} is larger than {limits.file_bytes >> 20} MiB")
    if count > limits.files:
        raise too_large(source, f"there are more than {limits.files} files")
    if total > limits.total_bytes:
        raise too_large(source, f"the files are larger than {limits.total_bytes >> 20} MiB")
