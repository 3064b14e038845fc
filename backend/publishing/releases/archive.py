"""A release's files as one tar or zip that is never stored: each byte has its place, known
beforehand.

The same files in the same order with the same times give the same archive, so that a download that
broke off goes on where it stopped, tomorrow as well. Nothing is compressed: images hardly would be,
and places could not be told without doing it.

Sources: POSIX.1-2001 (pax) as the standard library writes it; PKWARE's APPNOTE 6.3.10 for zip.
"""

from __future__ import annotations

import struct
import tarfile
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Final

from backend.core.storage import BlobStore
from backend.domain.errors import Conflict
from backend.publishing.releases.publishing import WrittenFile

_BLOCK: Final = tarfile.BLOCKSIZE
_USTAR_NAME: Final = 100
_USTAR_BYTES: Final = 8**11
"""From so many bytes on a plain header of tar has no room for the size."""

_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
"""Values that say that the true one stands in a field of zip64."""
_UTF_8: Final = 0x800
_REGULAR: Final = 0o100644 << 16
_BY_UNIX: Final = 3 << 8


class Archive(ABC):
    """An archive of files in the store.

    Args:
        files: What is in it.
        prefix: Where they lie in the store.
        folder: Under which folder they are unpacked.
        time: Of all of them, in UTC.
    """

    suffix: ClassVar[str]
    media_type: ClassVar[str]

    def __init__(
        self, files: Sequence[WrittenFile], prefix: str, folder: str, time: datetime
    ) -> None:
        self._files = files
        self._prefix = prefix
        self._folder = folder
        self._time = time
        self._starts = []
        at = 0
        for file in files:
            self._starts.append(at)
            at += self._header_size(file) + file.bytes + self._padding(file.bytes)
        self._end = at
        self.size = at + self._tail_size()
        """Bytes of the whole archive."""

    def read(self, storage: BlobStore, start: int, stop: int) -> Iterator[bytes]:
        """Chunks of the bytes from ``start`` up to, and without, ``stop``."""
        for index in range(max(0, bisect_right(self._starts, start) - 1), len(self._files)):
            begins = self._starts[index]
            if begins >= stop:
                return
            yield from self._part(self._files[index], storage, start - begins, stop - begins)
        if stop > self._end:
            yield self._tail()[max(0, start - self._end) : stop - self._end]

    def _part(
        self, file: WrittenFile, storage: BlobStore, start: int, stop: int
    ) -> Iterator[bytes]:
        """Bytes of one member, counted from its header on."""
        header = self._header_size(file)
        if start < header and (part := self._header(file)[max(0, start) : max(0, stop)]):
            yield part
        first, last = max(0, start - header), min(file.bytes, stop - header)
        if first < last:
            yield from storage.stream_part(self._prefix + file.path, first, last)
        end = header + file.bytes
        from_, to = max(start, end), min(stop, end + self._padding(file.bytes))
        if from_ < to:
            yield bytes(to - from_)

    def _name(self, file: WrittenFile) -> str:
        return f"{self._folder}/{file.path}"

    @abstractmethod
    def _header(self, file: WrittenFile) -> bytes: ...

    @abstractmethod
    def _header_size(self, file: WrittenFile) -> int:
        """Bytes of the header, which is made only where it is read."""

    @abstractmethod
    def _padding(self, size: int) -> int: ...

    @abstractmethod
    def _tail(self) -> bytes: ...

    @abstractmethod
    def _tail_size(self) -> int: ...


class TarArchive(Archive):
    """A tar: headers of blocks, members padded to blocks."""

    suffix = ".tar"
    media_type = "application/x-tar"

    def _header(self, file: WrittenFile) -> bytes:
        info = tarfile.TarInfo(self._name(file))
        info.size, info.mtime, info.mode = file.bytes, int(self._time.timestamp()), 0o644
        return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")

    def _header_size(self, file: WrittenFile) -> int:
        name = self._name(file)
        if name.isascii() and len(name) <= _USTAR_NAME and file.bytes < _USTAR_BYTES:
            return _BLOCK
        return len(self._header(file))

    def _padding(self, size: int) -> int:
        return -size % _BLOCK

    def _tail(self) -> bytes:
        return bytes(2 * _BLOCK)

    def _tail_size(self) -> int:
        return 2 * _BLOCK


class ZipArchive(Archive):
    """A zip of stored members, with zip64 where sizes, places or numbers need it.

    Raises:
        Conflict: the release was written before checksums of this kind were counted.
    """

    suffix = ".zip"
    media_type = "application/zip"

    def __init__(
        self, files: Sequence[WrittenFile], prefix: str, folder: str, time: datetime
    ) -> None:
        if any(file.crc32 is None for file in files):
            raise Conflict(
                "This release was published before zip archives were offered: take the .tar."
            )
        super().__init__(files, prefix, folder, time)

    def _header(self, file: WrittenFile) -> bytes:
        name = self._name(file).encode()
        large = file.bytes >= _FULL_32
        extra = struct.pack("<HHQQ", 1, 16, file.bytes, file.bytes) if large else b""
        size = _FULL_32 if large else file.bytes
        return (
            struct.pack(
                "<4s5H3L2H", b"PK\x03\x04", _version(large), _UTF_8, 0, *self._dos_time(),
                file.crc32, size, size, len(name), len(extra),
            )
            + name
            + extra
        )  # fmt: skip

    def _header_size(self, file: WrittenFile) -> int:
        return 30 + len(self._name(file).encode()) + (20 if file.bytes >= _FULL_32 else 0)

    def _padding(self, size: int) -> int:
        return 0

    def _entry(self, file: WrittenFile, at: int) -> bytes:
        """A member in the directory at the end."""
        name = self._name(file).encode()
        sizes = [file.bytes, file.bytes] if file.bytes >= _FULL_32 else []
        wide = [*sizes, *([at] if at >= _FULL_32 else [])]
        extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        size = min(file.bytes, _FULL_32)
        version = _version(bool(wide))
        return (
            struct.pack(
                "<4s6H3L5H2L", b"PK\x01\x02", _BY_UNIX | version, version, _UTF_8, 0,
                *self._dos_time(), file.crc32, size, size, len(name), len(extra), 0, 0, 0,
                _REGULAR, min(at, _FULL_32),
            )
            + name
            + extra
        )  # fmt: skip

    def _entry_size(self, file: WrittenFile, at: int) -> int:
        wide = 2 * (file.bytes >= _FULL_32) + (at >= _FULL_32)
        return 46 + len(self._name(file).encode()) + (4 + 8 * wide if wide else 0)

    def _directory_size(self) -> int:
        return sum(map(self._entry_size, self._files, self._starts))

    def _tail(self) -> bytes:
        directory = b"".join(map(self._entry, self._files, self._starts))
        count, size, at = len(self._files), len(directory), self._end
        end = b""
        if self._wide(size):
            end = struct.pack(
                "<4sQ2H2L4Q", b"PK\x06\x06", 44, _BY_UNIX | 45, 45, 0, 0, count, count, size, at
            ) + struct.pack("<4sLQL", b"PK\x06\x07", 0, at + size, 1)
        return (
            directory
            + end
            + struct.pack(
                "<4s4H2LH", b"PK\x05\x06", 0, 0, min(count, _FULL_16), min(count, _FULL_16),
                min(size, _FULL_32), min(at, _FULL_32), 0,
            )
        )  # fmt: skip

    def _tail_size(self) -> int:
        size = self._directory_size()
        return size + (76 if self._wide(size) else 0) + 22

    def _wide(self, directory: int) -> bool:
        return len(self._files) >= _FULL_16 or max(directory, self._end) >= _FULL_32

    def _dos_time(self) -> tuple[int, int]:
        t = self._time
        return (
            t.hour << 11 | t.minute << 5 | t.second // 2,
            (t.year - 1980) << 9 | t.month << 5 | t.day,
        )


def _version(wide: bool) -> int:
    """Of the format that is needed to unpack it: 4.5 for zip64, else 2.0."""
    return 45 if wide else 20
