"""One extracted frame, as it is handed on to storage."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction

from backend.domain.videos import Damage
from worker.media.quality import FrameQuality


@dataclass(frozen=True, slots=True)
class ExtractedFrame:
    """One frame of a video or one image of a folder, upright and encoded.

    Attributes:
        index: Number among the extracted frames, from 0.
        source_frame_number: Number of the frame in the video, or of the image in the sorted
            folder, from 0.
        pts_s: Exact seconds since the video's first frame; None for images.
        width: Pixels, upright.
        height: Pixels, upright.
        sha256: SHA-256 of ``data``, lower-case hexadecimal.
        data: The encoded image.
        media_type: ``image/jpeg``, or ``image/png`` for images kept as they were.
        quality: Measures of the frame.
        thumbnail: A small JPEG.
        name: Path of the image in its folder or archive; None for videos.
        damage: What is wrong with the picture, or None.
        received_sha256: SHA-256 of the image's file as it came; None for videos.
        own_time: Whether the time is the file's own; otherwise it lies between its neighbours'.
    """

    index: int
    source_frame_number: int
    pts_s: Fraction | None
    width: int
    height: int
    sha256: str
    data: bytes
    media_type: str
    quality: FrameQuality
    thumbnail: bytes
    name: str | None = None
    damage: Damage | None = None
    own_time: bool = True
    received_sha256: str | None = None

    @property
    def suffix(self) -> str:
        """File name suffix that fits the data, with its dot."""
        return ".png" if self.media_type == "image/png" else ".jpg"


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
