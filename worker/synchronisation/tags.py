"""What video files say of the time at which they were recorded.

Timecode is looked for in the metadata of the picture's track, of a timecode track, and of the
container. It belongs to the file's first stored picture: where an edit list cuts the beginning
away, the first picture that is shown is so much later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer

from backend.domain.clocks import sampling_step
from backend.domain.timecodes import TimeCode, counting_rate, parse
from worker.media.decode import open_video
from worker.media.times import frame_times
from worker.synchronisation.quicktime import TimeCodeTrack, time_code_track

_SETTLED: Final = 64
"""Packets after which none that is shown earlier comes: no codec reorders so far."""
_UNSET_BEFORE: Final = 1990
"""Clocks that were never set count from 1904, 1970 or 1980."""
_OPTIONS: Final = {
    "format_whitelist": "mov", "protocol_whitelist": "file", "ignore_editlist": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says of its time.

    Attributes:
        code: The timecode of the first stored picture, or None.
        cut_s: Seconds from the first stored picture to the first that is shown.
        cut_is_told: Whether the timecode's own track is cut by as much, so that it is certain what
            the cut means for it.
        fault: Why a timecode that the file carries says nothing.
        created_s: Seconds since 1970 by the time of creation, or None.
        resolution_s: Smallest step of the time of creation.
        interval_s: Median seconds between frames.
        duration_s: Seconds.
    """

    code: TimeCode | None
    cut_s: float
    cut_is_told: bool
    fault: str | None
    created_s: float | None
    resolution_s: float
    interval_s: float
    duration_s: float


def read_tags(path: Path, name: str | None = None) -> Tags:
    """Read a video's timecode and time of creation.

    Raises:
        InvalidInput: not a video, or without frames.
    """
    name = name or path.name
    times = frame_times(path, name)
    with open_video(path, name, max_pixels=2**62) as (container, stream):
        texts = _texts(container, "timecode")
        created = _texts(container, "creation_time")
        stated = [stream.base_rate, stream.guessed_rate]
        quicktime = "mov" in container.format.name.split(",")
    track = time_code_track(path) if quicktime and texts else None
    code, fault = _code(texts, track, stated, times)
    cut = _cut(path, name) if quicktime and code is not None else Fraction(0)
    interval = sampling_step(times) if len(times) > 1 else 0.0
    told = not cut or (
        track is not None
        and track.cut_s is not None
        and abs(float(track.cut_s - cut)) <= interval / 2 + 1e-3
    )
    created_s, resolution = _created(created[0]) if created else (None, 1.0)
    return Tags(
        code, float(cut), told, fault, created_s, resolution, interval, times[-1] + interval
    )


def _texts(container: InputContainer, key: str) -> list[str]:
    """All values of a key, the picture's own first; Matroska writes keys in capitals."""
    streams = sorted(container.streams, key=lambda stream: stream.type != "video")
    places = [*(stream.metadata for stream in streams), container.metadata]
    found = [
        value.strip()
        for place in places
        for k, value in place.items()
        if k.lower() == key and value
    ]
    return list(dict.fromkeys(found))


def _code(
    texts: list[str],
    track: TimeCodeTrack | None,
    stated: list[Fraction | None],
    times: list[float],
) -> tuple[TimeCode | None, str | None]:
    """The first text that is a timecode, else why there is none."""
    if track is not None and track.counter:
        return None, "its timecode track counts tape, not time"
    fault: str | None = None
    for text in texts:
        try:
            rate = counting_rate(track.rate if track else None, stated, times)
            return parse(text, rate), None
        except ValueError as error:
            fault = fault or f"its timecode cannot be used: {error}"
    return None, fault


def _cut(path: Path, name: str) -> Fraction:
    """Seconds of stored pictures before the first that the edit list shows."""
    with open_video(path, name, max_pixels=2**62) as (container, stream):
        shown: list[tuple[int, int]] = []
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard and packet.pts is not None:
                shown.append((packet.pts, packet.pos or 0))
            if len(shown) >= _SETTLED:
                break
        base, number = Fraction(stream.time_base or 1), stream.index
    if not shown:
        return Fraction(0)
    place = min(shown)[1]
    earliest: int | None = None
    with av.open(f"file:{path}", options=dict(_OPTIONS)) as container:
        at: int | None = None
        for count, stored in enumerate(container.demux(container.streams[number])):
            if not stored.size or stored.pts is None:
                continue
            earliest = stored.pts if earliest is None else min(earliest, stored.pts)
            at = stored.pts if stored.pos == place else at
            if at is not None and count >= _SETTLED:
                break
    if at is None or earliest is None:
        return Fraction(0)
    return max(Fraction(0), (at - earliest) * base)


def _created(text: str) -> tuple[float | None, float]:
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None, 1.0
    if at.year < _UNSET_BEFORE:
        return None, 1.0
    digits = re.search(r"\.(\d+)", text)
    significant = digits[1].rstrip("0") if digits else ""
    return at.timestamp(), 10.0 ** -len(significant)
