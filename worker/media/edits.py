"""Edit lists of MP4 and QuickTime files: which stretch of a track is shown when.

Sources: ISO/IEC 14496-12, 8.6.5 and 8.6.6; QuickTime File Format, "Edit Atoms". Phones and editors
cut a clip by such a list and leave the pictures in the file. Read here because decoders' own
handling of several edits and of gaps between them gives wrong pictures.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

_EMPTY: Final = -1
_MAX_BOX_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a track's own time that is shown.

    Attributes:
        at_s: When on the file's clock it begins.
        media_s: When on the track's own clock it begins.
        duration_s: How long it is shown, on the file's clock; None: to the end.
        rate: How many times faster than recorded; 0 for a picture that stands still.
        tick_s: What durations are rounded to.
    """

    at_s: Fraction
    media_s: Fraction
    duration_s: Fraction | None
    rate: Fraction
    tick_s: Fraction


def read_edits(path: Path, track: int) -> list[Edit] | None:
    """The edits of a track in the order of showing, gaps left out; None where there is no list.

    Args:
        path: An MP4 or QuickTime file.
        track: The track's id, which is a stream's ``id``.
    """
    with path.open("rb") as file:
        movie = _movie(file, path.stat().st_size)
    try:
        scale, tracks = _tracks(movie)
        return _edits(tracks[track], scale) if track in tracks else None
    except (struct.error, ValueError):  # a damaged list is no list
        return None


def _movie(file: BinaryIO, size: int) -> bytes:
    """The contents of the ``moov`` box, found without reading what is beside it."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        begin = 8
        if length == 1 and len(head) == 16:
            (length,), begin = struct.unpack_from(">Q", head, 8), 16
        elif length == 0:
            length = size - at
        if kind == b"moov":
            if length > _MAX_BOX_BYTES * 8:
                return b""
            file.seek(at + begin)
            return file.read(length - begin)
        if length < begin:
            return b""
        at += length
    return b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        begin = 8
        if length == 1:
            (length,), begin = struct.unpack_from(">Q", data, at + 8), 16
        elif length == 0:
            length = len(data) - at
        if length < begin:
            return
        yield kind, data[at + begin : at + length]
        at += length


def _inside(data: bytes, *kinds: bytes) -> bytes:
    for kind in kinds:
        data = next((body for found, body in _boxes(data) if found == kind), b"")
    return data


@dataclass(frozen=True, slots=True)
class _Track:
    scale: int
    entries: bytes


def _tracks(movie: bytes) -> tuple[int, dict[int, _Track]]:
    """Ticks of the movie's clock a second, and the tracks by id."""
    tracks: dict[int, _Track] = {}
    for kind, body in _boxes(movie):
        if kind == b"trak":
            head = _inside(body, b"tkhd")
            (number,) = struct.unpack_from(">I", head, 20 if head[:1] == b"\1" else 12)
            scale = _scale(_inside(body, b"mdia", b"mdhd"))
            tracks[number] = _Track(scale, _inside(body, b"edts", b"elst"))
    return _scale(_inside(movie, b"mvhd")), tracks


def _scale(head: bytes) -> int:
    (scale,) = struct.unpack_from(">I", head, 20 if head[:1] == b"\1" else 12)
    if not scale:
        raise ValueError("a clock without ticks")
    return int(scale)


def _edits(track: _Track, movie_scale: int) -> list[Edit] | None:
    data = track.entries
    if len(data) < 8:
        return None
    layout = ">Qqi" if data[0] == 1 else ">Iii"
    (count,) = struct.unpack_from(">I", data, 4)
    if not count:
        return None
    size = struct.calcsize(layout)
    if len(data) < 8 + count * size:
        raise ValueError("the list is cut off")
    edits: list[Edit] = []
    at = Fraction(0)
    for number in range(count):
        duration, media, rate = struct.unpack_from(layout, data, 8 + number * size)
        seconds = Fraction(duration, movie_scale)
        if media != _EMPTY:
            # Files written in pieces do not know their length; an only edit without one is such.
            endless = duration == 0 and number == count - 1
            edits.append(
                Edit(
                    at_s=at,
                    media_s=Fraction(media, track.scale),
                    duration_s=None if endless else seconds,
                    rate=Fraction(rate, 1 << 16),
                    tick_s=Fraction(1, movie_scale),
                )
            )
        at += seconds
    return edits


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as an edit shows it: its place among those given, and when."""

    index: int
    time_s: Fraction


def apply_edits(times_s: list[Fraction], edits: list[Edit]) -> list[list[Shown]]:
    """Which pictures each edit shows, and when on the file's clock.

    A picture is shown by an edit in which it begins. Durations are rounded to the file's clock: a
    picture that would be shown for no longer than one of its ticks is not, and one that begins one
    tick too early is.

    Args:
        times_s: When each picture begins on the track's own clock, ascending.
        edits: The edits.
    """
    return [_within(times_s, edit) for edit in edits]


def _within(times_s: list[Fraction], edit: Edit) -> list[Shown]:
    if edit.rate <= 0:
        standing = [i for i, time in enumerate(times_s) if time <= edit.media_s]
        return [Shown(standing[-1], edit.at_s)] if standing else []
    shown: list[Shown] = []
    end = None if edit.duration_s is None else edit.media_s + edit.duration_s * edit.rate
    for i, time in enumerate(times_s):
        after = times_s[i + 1] if i + 1 < len(times_s) else None
        length = after - time if after is not None else time - times_s[i - 1] if i else edit.tick_s
        slack = min(edit.tick_s * edit.rate, length / 2)
        if time >= edit.media_s - slack and (end is None or time < end - slack):
            shown.append(Shown(i, edit.at_s + (time - edit.media_s) / edit.rate))
    return shown
