"""When each frame of a video was shown, without decoding it where that is possible."""

from __future__ import annotations

from pathlib import Path

from worker.media.decode import read_index


def frame_times(path: Path, name: str | None = None) -> list[float]:
    """Seconds since the first frame, by frame number; by count where the file has no times.

    Raises:
        InvalidInput: as ``decode.read_index``.
    """
    return [float(picture.time_s) for picture in read_index(path, name or path.name).pictures]
