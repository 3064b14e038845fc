"""When each frame of a video was shown, without decoding it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from worker.media.decode import open_video, read_index
from worker.media.packets import relative_time


def frame_times(path: Path, name: str | None = None) -> list[float]:
    """Seconds since the first frame, by frame number; by count where the file has no times.

    Raises:
        InvalidInput: as ``decode.read_index``.
    """
    name = name or path.name
    index = read_index(path, name)
    with open_video(path, name, max_pixels=2**62) as (_, stream):
        base = Fraction(stream.time_base or 1)
        interval = 1 / Fraction(stream.average_rate or stream.guessed_rate or 25)
    if not index.presentation:
        return [float(number * interval) for number in range(index.count)]
    first = index.presentation[0]
    return [float(relative_time(pts, first, base)) for pts in index.presentation]
