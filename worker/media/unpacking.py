"""Unpacking an archive of labels and images into a folder: zip and tar, also compressed.

Archives are hostile until proven otherwise, as in ``media.sources``: names that climb out, links,
devices and archives that swell beyond limits are refused, and nothing outside of the folder is
written.
"""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from worker.media.decode import invalid, too_large
from worker.media.sources import (
    SourceLimits,
    check_entry_name,
    check_sizes,
    is_ignored,
    open_source,
)

_CHUNK: Final = 1 << 20
_TAR_NAMES: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_BROKEN: Final = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError)


def is_archive(path: Path, name: str) -> bool:
    """Whether a file is an archive that is unpacked, by name or content."""
    lower = name.casefold()
    return lower.endswith((".zip", *_TAR_NAMES)) or zipfile.is_zipfile(path)


def unpack(
    path: Path,
    target: Path,
    *,
    name: str,
    limits: SourceLimits,
    check_cancelled: Callable[[], None] = lambda: None,
) -> None:
    """Unpack an archive into a folder, which may hold files already.

    Raises:
        InvalidInput: no archive, damaged, or it tries to climb out; or a file is there already with
            another content.
        TooLarge: a limit is exceeded.
    """
    if _is_tar(name):
        with _tar(path, name) as archive:
            for inside, stream in _members(archive, path.stat().st_size, name, limits):
                check_cancelled()
                _put(stream, target, inside, name)
        return
    with open_source(path, name=name, limits=limits) as source:
        for inside in source.paths():
            check_cancelled()
            with source.open(inside) as stream:
                _put(stream, target, inside, name)


def _is_tar(name: str) -> bool:
    return name.casefold().endswith(_TAR_NAMES)


@contextmanager
def _tar(path: Path, name: str) -> Iterator[tarfile.TarFile]:
    try:
        archive = tarfile.open(path, "r:*")  # noqa: SIM115  closed below
    except _BROKEN as error:
        raise invalid(name, "this is not a tar archive, or it is cut off") from error
    with archive:
        yield archive


def _members(
    archive: tarfile.TarFile, packed: int, name: str, limits: SourceLimits
) -> Iterator[tuple[str, IO[bytes]]]:
    total = count = 0
    most = max(_CHUNK, limits.ratio * packed)
    while True:
        try:
            member = archive.next()
        except _BROKEN as error:
            raise invalid(name, "the archive is damaged or cut off") from error
        if member is None:
            return
        check_entry_name(name, member.name)
        if member.isdir():
            continue
        if not member.isreg():
            raise invalid(name, f"{member.name!r} is a link or a device, not a file")
        count, total = count + 1, total + member.size
        check_sizes(name, member.name, member.size, count, total, limits)
        if total > most:
            raise too_large(name, f"it grows more than {limits.ratio:g} times when unpacked")
        inside = "/".join(part for part in member.name.split("/") if part not in ("", "."))
        if not inside or is_ignored(inside):
            continue
        stream = archive.extractfile(member)
        if stream is not None:
            yield inside, stream


def _put(stream: IO[bytes], target: Path, inside: str, name: str) -> None:
    place = target / inside
    if not place.resolve().is_relative_to(target.resolve()):
        raise invalid(name, f"{inside!r} points outside the archive's folder")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            while chunk := _read(stream, name, inside):
                file.write(chunk)
    except FileExistsError as error:
        if not place.is_file() or not _same(stream, place, name, inside):
            raise invalid(name, f"{inside!r} is in two archives, or a file and a folder") from error
    except OSError as error:
        if error.errno is None or shutil.disk_usage(target).free < _CHUNK:
            raise
        raise invalid(name, f"{inside[:80]!r} cannot be written: {error.strerror}") from error


def _read(stream: IO[bytes], name: str, inside: str) -> bytes:
    try:
        return stream.read(_CHUNK)
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise invalid(f"{name}/{inside}", "the archived file is damaged") from error


def _same(stream: IO[bytes], place: Path, name: str, inside: str) -> bool:
    with place.open("rb") as file:
        while True:
            chunk = _read(stream, name, inside)
            if file.read(len(chunk) or 1) != chunk:
                return False
            if not chunk:
                return True
