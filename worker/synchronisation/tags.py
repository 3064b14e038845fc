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

from av.container import InputContainer

from backend.domain.clocks import sampling_step
from backend.domain.timecodes import TimeCode, counting_rate, parse
from worker.media.decode import open_video, read_index
from worker.media.timeline import Timeline
from worker.synchronisation.quicktime import TimeCodeTrack, time_code_track

_UNSET_BEFORE: Final = 1990
"""Clocks that were never set count from 1904, 1970 or 1980."""


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
    index = read_index(path, name)
    times = [float(picture.time_s) for picture in index.pictures]
    with open_video(path, name, max_pixels=2**62) as (container, stream):
        texts = _texts(container, "timecode")
        created = _texts(container, "creation_time")
        stated = [stream.base_rate, stream.guessed_rate]
        quicktime = "mov" in container.format.name.split(",")
    track = time_code_track(path) if quicktime and texts else None
    code, fault = _code(texts, track, stated, times)
    cut = _cut(index) if index.edits else Fraction(0)
    interval = sampling_step(times) if len(times) > 1 else 0.0
    told = not cut or (
        track is not None
        and track.cut_s is not None
        and abs(float(track.cut_s - cut)) <= interval / 2 + 1e-3
    )
    created_s, resolution = _created(created[0]) if created else (None, 1.0)
    return Tags(code, float(cut), told, fault, created_s, resolution, interval, float(index.end_s))


def _texts(container: InputContainer, key: str) -> list[str]:
    """All values of a key, the picture's own first; Matroska writes keys in capitals."""
    streams = sorted(container.streams, key=lambda stream: stream.type != "video")
    places = [*(stream.metadata for stream in streams), container.metadata]
    values = [value for place in places for k, value in place.items() if k.lower() == key]
    return list(dict.fromkeys(value.strip() for value in values if value))


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


def _cut(index: Timeline) -> Fraction:
    """Seconds of stored pictures before the first that is shown."""
    stored = [packet.pts for packet in index.packets.all if packet.pts is not None]
    first = index.packets.all[index.pictures[0].packet].pts
    if first is None or not stored:
        return Fraction(0)
    return (first - min(stored)) * index.base


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
