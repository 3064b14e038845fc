"""Reading archives that people bring: zip files, and numpy's arrays in them.

Nothing in an archive is believed before it is looked at. The directory is checked whole (number of
members, sizes, how far each swells, whether two share the same bytes), an array's header is read
and held against the room that its member has before memory is taken for it, and nothing that only
a pickle could restore is read at all.
"""

from __future__ import annotations

import ast
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, EOFError,
    OSError, ValueError, KeyError, IndexError, OverflowError, RuntimeError, SyntaxError,
    TypeError,
)  # fmt: skip
"""What the library raises for one damaged archive or another; RecursionError is a RuntimeError."""

MAX_BYTES: Final = 2 << 30
"""Largest arrays that are read from a file of fits or joints, all together."""
_LOCAL_HEADER: Final = 30
_ENCRYPTED: Final = 0x1
_SMALL: Final = 1 << 20
_HEADER_CHARACTERS: Final = 10_000
_MAX_AXES: Final = 32
_CHUNK: Final = 1 << 20
_KINDS: Final = "biufcSU"
"""Truth values, numbers and text."""


class ArchiveFault(Exception):
    """What is wrong with an archive, in words that follow its name."""


class Oversized(ArchiveFault):
    """It would unpack to more than is taken."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold.

    Attributes:
        total_bytes: All members together, unpacked.
        members: How many.
        ratio: How many times its packed size a member above 1 MiB may have; None: any.
    """

    total_bytes: int
    members: int = 1_000
    ratio: float | None = 1_100
    """Deflate cannot do more than 1,032: of a member that swells further, the directory lies."""


def open_zip(source: Path | IO[bytes]) -> zipfile.ZipFile:
    """A zip archive's directory.

    Raises:
        FileNotFoundError: there is no such file.
        ArchiveFault: it is no zip archive, or its directory is damaged.
    """
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError:
        raise
    except NotImplementedError as error:
        raise ArchiveFault("the archive is of a kind that cannot be read here") from error
    except BROKEN as error:
        raise ArchiveFault("this is not a zip archive, or it is cut off") from error


def check_members(members: Collection[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    """Hold an archive's directory against limits, before anything is unpacked.

    Raises:
        Oversized: too many members, too large, or one swells too far.
        ArchiveFault: a member is encrypted or there twice, or two share bytes.
    """
    if len(members) > limits.members:
        raise Oversized(f"it has {len(members):,} members; {limits.members:,} are the most allowed")
    total = sum(member.file_size for member in members)
    if total > limits.total_bytes:
        raise Oversized(
            f"it unpacks to {total:,} bytes, far more than the {limits.total_bytes:,} allowed"
        )
    names: set[str] = set()
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise ArchiveFault(f"{member.filename!r} is encrypted")
        if member.filename in names:
            raise ArchiveFault(f"{member.filename!r} is in the archive twice")
        names.add(member.filename)
        swells = limits.ratio is not None and member.file_size > max(
            _SMALL, limits.ratio * member.compress_size
        )
        if swells:
            raise Oversized(
                f"{member.filename!r} grows more than {limits.ratio:g} times when unpacked"
            )
    check_overlaps(members)


def check_overlaps(members: Collection[zipfile.ZipInfo]) -> None:
    """Refuse members that are made of the same bytes: a bomb that no ratio shows.

    Raises:
        ArchiveFault: two overlap.
    """
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise ArchiveFault(f"{member.filename!r} overlaps another member of the archive")
        end = member.header_offset + _LOCAL_HEADER + member.compress_size


@contextmanager
def _as_faults(what: str) -> Iterator[None]:
    try:
        yield
    except ArchiveFault:
        raise
    except (*BROKEN, MemoryError) as error:
        raise ArchiveFault(f"{what} cannot be read: it is damaged or not an array") from error


def read_npz(
    source: Path | bytes, most_bytes: int, only: Collection[str] | None = None
) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz``.

    Args:
        source: The file, or its bytes.
        most_bytes: Most that its arrays may take together.
        only: Read no others; by default all.

    Returns:
        Arrays of numbers, truth values or text, by name.

    Raises:
        FileNotFoundError: there is no such file.
        Oversized: it would take more memory than that.
        ArchiveFault: it is not an npz of plain arrays, or damaged.
    """
    found: dict[str, NDArray[Any]] = {}
    with open_zip(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
        members = archive.infolist()
        check_members(members, ArchiveLimits(most_bytes))
        for member in members:
            name = member.filename.removesuffix(".npy")
            if name == member.filename or (only is not None and name not in only):
                continue
            if name in found:
                raise ArchiveFault(f"“{name}” is in it twice")
            what = f"“{name}”"
            with _as_faults(what), archive.open(member) as stream:
                found[name] = _array(stream, member.file_size, what)
    return found


def read_npy(data: bytes, most_bytes: int) -> NDArray[Any]:
    """The array of an ``.npy``.

    Raises:
        Oversized: it is larger.
        ArchiveFault: it is no array of numbers, truth values or text, or damaged.
    """
    if len(data) > most_bytes:
        raise Oversized(f"it has {len(data):,} bytes; {most_bytes:,} are the most allowed")
    with _as_faults("its array"):
        return _array(io.BytesIO(data), len(data), "its array")


def _array(stream: IO[bytes], room: int, what: str) -> NDArray[Any]:
    """Read an array whose member has ``room`` bytes; more is never asked of memory."""
    start = stream.read(8)
    if len(start) < 8 or not start.startswith(npy.MAGIC_PREFIX) or start[6] not in (1, 2, 3):
        raise ArchiveFault(f"{what} is not a NumPy array")
    form = "<H" if start[6] == 1 else "<I"
    (length,) = struct.unpack(form, stream.read(struct.calcsize(form)))
    if length > _HEADER_CHARACTERS:
        raise ArchiveFault(f"the header of {what} has {length:,} bytes, which no plain array has")
    header = stream.read(length)
    if len(header) < length:
        raise ArchiveFault(f"the header of {what} is cut off")
    told = ast.literal_eval(header.decode("utf-8" if start[6] == 3 else "latin-1").strip())
    if not isinstance(told, dict) or told.keys() != {"descr", "fortran_order", "shape"}:
        raise ArchiveFault(f"the header of {what} is invalid")
    shape, descr = told["shape"], told["descr"]
    if not isinstance(descr, str):
        raise ArchiveFault(f"{what} is not a plain array but a table")
    kind = np.dtype(descr)
    if kind.kind not in _KINDS:
        raise ArchiveFault(f"{what} holds neither numbers nor text ({kind})")
    sound = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
    if not sound or len(shape) > _MAX_AXES:
        raise ArchiveFault(f"the shape of {what} is invalid")
    count = 1
    for size in shape:
        count *= size
    left = room - 8 - struct.calcsize(form) - length
    if count * kind.itemsize != left or (kind.itemsize == 0 and count > 1):
        raise ArchiveFault(
            f"{what} should have {count * kind.itemsize:,} bytes by its header, but has {left:,}"
        )
    data = bytearray(left)
    for begin in range(0, left, _CHUNK):
        chunk = stream.read(min(_CHUNK, left - begin))
        if len(chunk) < min(_CHUNK, left - begin):
            raise ArchiveFault(f"{what} is cut off")
        data[begin : begin + len(chunk)] = chunk
    if stream.read(1):  # reading to the end checks the member's sum, too
        raise ArchiveFault(f"{what} is followed by something else")
    if kind.itemsize == 0:
        return np.zeros(shape, kind)
    flat: NDArray[Any] = np.frombuffer(data, kind)
    turned = told["fortran_order"] is True
    return flat.reshape(shape[::-1]).T if turned else flat.reshape(shape)
