"""A release's files as one tar that is never stored: each byte has its place, known beforehand.

The same files in the same order with the same times give the same archive, so that a download that
broke off goes on where it stopped, tomorrow as well.
"""

from __future__ import annotations

import tarfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.storage import BlobStore
from backend.publishing.releases.publishing import WrittenFile

_BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class _Member:
    header: bytes
    key: str
    bytes: int

    @property
    def size(self) -> int:
        """With header and padding."""
        return len(self.header) + self.bytes + -self.bytes % _BLOCK


class Archive:
    """A tar of files in the store.

    Args:
        files: What is in it.
        prefix: Where they lie in the store.
        folder: Under which folder they are unpacked.
        time: Of all of them.
    """

    def __init__(
        self, files: Sequence[WrittenFile], prefix: str, folder: str, time: datetime
    ) -> None:
        self._members = []
        self._starts = []
        at = 0
        for file in files:
            info = tarfile.TarInfo(f"{folder}/{file.path}")
            info.size, info.mtime, info.mode = file.bytes, int(time.timestamp()), 0o644
            member = _Member(
                info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"),
                prefix + file.path,
                file.bytes,
            )
            self._members.append(member)
            self._starts.append(at)
            at += member.size
        self._end = at
        self.size = at + 2 * _BLOCK
        """Bytes of the whole archive."""

    def read(self, storage: BlobStore, start: int, stop: int) -> Iterator[bytes]:
        """Chunks of the bytes from ``start`` up to, and without, ``stop``."""
        index = max(0, bisect_right(self._starts, start) - 1)
        for member, begins in zip(self._members[index:], self._starts[index:], strict=True):
            if begins >= stop:
                return
            yield from _part(member, storage, start - begins, stop - begins)
        if stop > self._end:
            yield bytes(stop - max(start, self._end))


def _part(member: _Member, storage: BlobStore, start: int, stop: int) -> Iterator[bytes]:
    """Bytes of one member, counted from its header on."""
    header = len(member.header)
    if part := member.header[max(0, start) : max(0, stop)]:
        yield part
    first, last = max(0, start - header), min(member.bytes, stop - header)
    if first < last:
        yield from storage.stream_part(member.key, first, last)
    padding = slice(max(start, header + member.bytes), min(stop, member.size))
    if padding.start < padding.stop:
        yield bytes(padding.stop - padding.start)
