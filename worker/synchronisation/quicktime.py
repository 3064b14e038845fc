"""The timecode track of a QuickTime or MP4 file: its own rate, and what its edit list cuts.

Sources: QuickTime File Format Specification, *Timecode Media* (sample description ``tmcd``: flags,
time scale, frame duration, number of frames) and *Edit atoms*; ISO/IEC 14496-12, 4.2 and 8.6.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

_MAX_BYTES: Final = 64 * 2**20
"""Of an index: ten hours of frames have about a tenth of it."""
_COUNTER: Final = 0x0008
_DESCRIPTION: Final = 8 + 8 + 6 + 2 + 4
"""Before the flags: the table's head, the entry's head, reserved, data reference, reserved."""


@dataclass(frozen=True, slots=True)
class TimeCodeTrack:
    """What a timecode track says of itself.

    Attributes:
        rate: Frames per second at which it counts, None where it states none.
        counter: Whether it is a mere counter (of tape), no time.
        cut_s: Seconds that its edit list cuts from its beginning; None where it has no edit list.
    """

    rate: Fraction | None
    counter: bool
    cut_s: Fraction | None


def time_code_track(path: Path) -> TimeCodeTrack | None:
    """Read the first timecode track; None where there is none, or the file is of another kind."""
    with path.open("rb") as file:
        moov = _index(file, path.stat().st_size)
    if moov is None:
        return None
    for kind, track in _boxes(moov):
        if kind == b"trak" and (found := _track(track)) is not None:
            return found
    return None


def _index(file: BinaryIO, size: int) -> bytes | None:
    """What the file's ``moov`` box holds."""
    at = 0
    while at + 16 <= size:
        file.seek(at)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        header = 8
        if length == 1:
            length, header = struct.unpack_from(">Q", head, 8)[0], 16
        elif length == 0:
            length = size - at
        if length < header or not kind.isalnum():
            return None
        if kind == b"moov":
            file.seek(at + header)
            return file.read(length - header) if length <= _MAX_BYTES else None
        at += length
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        yield kind, data[at + 8 : at + length]
        at += length


def _find(data: bytes, *names: bytes) -> bytes | None:
    for kind, inner in _boxes(data):
        if kind == names[0]:
            return inner if len(names) == 1 else _find(inner, *names[1:])
    return None


def _track(track: bytes) -> TimeCodeTrack | None:
    stsd = _find(track, b"mdia", b"minf", b"stbl", b"stsd")
    if stsd is None or stsd[12:16] != b"tmcd" or len(stsd) < _DESCRIPTION + 12:
        return None
    flags, scale, duration = struct.unpack_from(">III", stsd, _DESCRIPTION)
    rate = Fraction(scale, duration) if scale and duration else None
    return TimeCodeTrack(rate, bool(flags & _COUNTER), _cut(track))


def _cut(track: bytes) -> Fraction | None:
    """Where in its media the first edit that shows something begins, in seconds."""
    elst, mdhd = _find(track, b"edts", b"elst"), _find(track, b"mdia", b"mdhd")
    if elst is None or mdhd is None or len(elst) < 8:
        return None
    at = 20 if mdhd[:1] == b"\x01" else 12
    if len(mdhd) < at + 4:
        return None
    (scale,) = struct.unpack_from(">I", mdhd, at)
    (count,) = struct.unpack_from(">I", elst, 4)
    entry = ">Qq4x" if elst[0] == 1 else ">Ii4x"
    for k in range(count):
        at = 8 + k * struct.calcsize(entry)
        if at + struct.calcsize(entry) > len(elst):
            break
        _, media = struct.unpack_from(entry, elst, at)
        if media >= 0 and scale:
            return Fraction(media, scale)
    return None
