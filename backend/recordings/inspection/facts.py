"""What a worker saw in a video file, as it is stored with the upload."""

from __future__ import annotations

import zlib
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from backend.domain.file_times import FileFacts
from backend.domain.timecodes import parse


class VideoLook(BaseModel):
    """What a video file says of itself.

    Attributes:
        size_bytes: Of the file.
        width, height: Pixels of an upright frame.
        rotation: Degrees clockwise by which stored pixels are turned.
        codec: Name of the codec.
        fps: Average frames per second, where the file knows it.
        interval_s: Median seconds from frame to frame.
        frames: How many pictures it shows.
        duration_s: Seconds from its first picture to the end of its last.
        has_audio: Whether there is a sound track.
        timecode: Timecode of the first picture as written, with the rate at which it counts.
        created_s: Seconds since 1970 by the time of creation.
        clock_s: What the file's own clock shows at its first picture.
        pixel_aspect: Width to height of stored pixels where they are not square, such as 4:3.
        notes: What a person should know, in words.
    """

    size_bytes: int
    width: int
    height: int
    rotation: int
    codec: str
    fps: float | None
    interval_s: float
    frames: int
    duration_s: float
    has_audio: bool
    timecode: tuple[str, str] | None = None
    created_s: float | None = None
    clock_s: float | None = None
    pixel_aspect: str | None = None
    notes: list[str] = []

    def file_facts(self, name: str) -> FileFacts:
        """As the rules on chapters take it."""
        return FileFacts(
            name=name,
            size_bytes=self.size_bytes,
            width=self.width,
            height=self.height,
            codec=self.codec,
            interval_s=self.interval_s,
            duration_s=self.duration_s,
            code=parse(self.timecode[0], Fraction(self.timecode[1])) if self.timecode else None,
            created_s=self.created_s,
            clock_s=self.clock_s,
        )


def packed(times_s: NDArray[np.float64]) -> bytes:
    """Times of frames, small: regular steps leave hardly anything."""
    return zlib.compress(np.diff(np.rint(times_s * 1e9).astype("<i8"), prepend=0).tobytes(), 6)


def unpacked(data: bytes) -> NDArray[np.float64]:
    """The times that :func:`packed` took, to a nanosecond."""
    return np.cumsum(np.frombuffer(zlib.decompress(data), "<i8")) / 1e9
