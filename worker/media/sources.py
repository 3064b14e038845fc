"""Where imported images come from: a folder or a zip archive, read without writing anything.

Archives are hostile until proven otherwise: names that climb out, symbolic links, encrypted
entries and archives that swell beyond limits are refused before the first byte is unpacked.
"""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Protocol, cast

from backend.core.archives import BROKEN, ArchiveFault, check_overlaps, open_zip
from worker.media.decode import invalid, too_large

_IGNORED_NAMES: Final = frozenset((".ds_store", "thumbs.db", "desktop.ini", "__macosx"))
_ENCRYPTED: Final = 1
_UTF8: Final = 0x800
_UNICODE_PATH: Final = 0x7075
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

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """The file from its beginning, for those who need only its first bytes.

        Raises:
            InvalidInput: the file cannot be read.
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
        archive = open_zip(path)
    except ArchiveFault as error:
        raise invalid(name, str(error)) from error
    with archive:
        yield _Archive(archive, name, limits)


def is_ignored(path: str) -> bool:
    """Whether a path is hidden or belongs to an operating system's housekeeping."""
    return any(
        (part.startswith(".") and part != ".") or part.casefold() in _IGNORED_NAMES
        for part in path.split("/")
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
            check_sizes(self.name, inside, size, count, total, self._limits)
            yield inside

    def paths(self) -> list[str]:
        return list(self._paths)

    def read(self, path: str) -> bytes:
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise invalid(f"{self.name}/{path}", "the file cannot be read") from error

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        try:
            with (self._root / path).open("rb") as file:
                yield file
        except OSError as error:
            raise invalid(f"{self.name}/{path}", "the file cannot be read") from error


class _Archive:
    def __init__(self, archive: zipfile.ZipFile, name: str, limits: SourceLimits) -> None:
        self.name = name
        self._archive = archive
        self._entries: dict[str, zipfile.ZipInfo] = {}
        total = count = 0
        for entry in archive.infolist():
            check_entry_name(name, entry.orig_filename)
            check_entry_name(name, _entry_name(entry))
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise invalid(name, f"{entry.filename!r} is a symbolic link")
            if entry.is_dir():
                continue
            count, total = count + 1, total + entry.file_size
            check_sizes(name, entry.filename, entry.file_size, count, total, limits)
            if entry.file_size > max(_SMALL_ENTRY_BYTES, limits.ratio * entry.compress_size):
                raise too_large(
                    name,
                    f"{entry.filename!r} grows more than {limits.ratio:g} times when unpacked",
                )
            path = _entry_name(entry)
            if is_ignored(path):
                continue
            if entry.flag_bits & _ENCRYPTED:
                raise invalid(name, f"{path!r} is encrypted")
            known = self._entries.get(path)
            if known is not None and (known.CRC, known.file_size) != (entry.CRC, entry.file_size):
                raise invalid(name, f"{path!r} is in the archive twice")
            self._entries[path] = entry
        try:
            check_overlaps(archive.infolist())
        except ArchiveFault as error:
            raise invalid(name, str(error)) from error
        self._paths = sorted(self._entries, key=natural_key)

    def paths(self) -> list[str]:
        return list(self._paths)

    def read(self, path: str) -> bytes:
        with self.open(path) as file:
            return file.read()

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        # The entry's own size bounds what is unpacked, whatever the compressed data hold.
        try:
            file = self._archive.open(self._entries[path])
        except NotImplementedError as error:
            raise invalid(
                f"{self.name}/{path}", "the archive uses a compression that cannot be read here"
            ) from error
        except BROKEN as error:
            raise invalid(f"{self.name}/{path}", "the archived file is damaged") from error
        with file:
            try:
                yield cast(BinaryIO, file)
            except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
                raise invalid(f"{self.name}/{path}", "the archived file is damaged") from error
            except OSError as error:
                if error.errno is not None:  # of the disk that the reader writes to
                    raise
                raise invalid(f"{self.name}/{path}", "the archived file is damaged") from error


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """An entry's path; names without the UTF-8 flag that are UTF-8 all the same are read as such.

    Other character sets cannot be told here: such names stay as code page 437 reads them, and
    ``domain.file_names`` finds what they may have been.
    """
    if entry.flag_bits & _UTF8 or entry.filename.isascii():
        return entry.filename
    raw = entry.orig_filename.encode("cp437")
    try:
        return _unicode_path(entry.extra, raw) or raw.decode("utf-8")
    except UnicodeDecodeError:
        return entry.filename


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name that Info-ZIP keeps beside one in another character set (extra field 0x7075)."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(body) > 5 and body[0] == 1:
            (checksum,) = struct.unpack_from("<I", body, 1)
            return body[5:].decode("utf-8") if checksum == zlib.crc32(raw) else None
    return None


def check_entry_name(archive: str, entry: str) -> None:
    """Refuse names that would lie outside of a folder into which the archive were unpacked."""
    windows = entry.replace("\\", "/")
    climbs = (
        ".." in PurePosixPath(windows).parts
        or windows.startswith("/")
        or re.match(r"^[A-Za-z]:", windows) is not None
    )
    if climbs or "\0" in entry:
        raise invalid(archive, f"{entry!r} points outside the archive's folder")


def check_sizes(
    source: str, path: str, size: int, count: int, total: int, limits: SourceLimits
) -> None:
    """Refuse a file that is too large, or one too many.

    Raises:
        TooLarge: a limit is exceeded.
    """
    if size > limits.file_bytes:
        raise too_large(source, f"{path!r} is larger than {limits.file_bytes >> 20} MiB")
    if count > limits.files:
        raise too_large(source, f"there are more than {limits.files} files")
    if total > limits.total_bytes:
        raise too_large(source, f"the files are larger than {limits.total_bytes >> 20} MiB")
