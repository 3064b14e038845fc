"""Looking at the files of a camera, and laying them out one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.file_times import Beginning, duration, lay_out
from backend.domain.findings import about_file
from backend.domain.frame_groups import frame_interval
from backend.domain.videos import shape_in_words
from backend.recordings.inspection.facts import VideoLook
from worker.media.chapters import Chapter
from worker.media.clock import origin_of
from worker.media.decode import probe
from worker.media.times import frame_times
from worker.synchronisation.tags import read_tags


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A file, what it says of itself, and the seconds of its frames since its first."""

    path: Path
    name: str
    look: VideoLook
    times_s: NDArray[np.float64]


def look_at(path: Path, name: str, max_pixels: int) -> LookedAt:
    """Read a file's facts and the times of its frames.

    Raises:
        InvalidInput: it is no video that can be read.
        TooLarge: more than ``max_pixels`` in a frame.
    """
    facts = probe(path, name=name, max_pixels=max_pixels)
    times = np.asarray(frame_times(path, name), dtype=np.float64)
    tags = read_tags(path, name)
    last, length = duration(times.tolist())
    if not last:
        length = float(facts.duration_s or 0.0)
    look = VideoLook(
        size_bytes=path.stat().st_size,
        width=facts.width,
        height=facts.height,
        rotation=int(facts.rotation),
        codec=facts.codec,
        fps=float(facts.fps) if facts.fps else None,
        interval_s=frame_interval(times),
        frames=len(times),
        duration_s=length,
        has_audio=facts.has_audio,
        timecode=(tags.code.text, str(tags.code.rate)) if tags.code else None,
        created_s=tags.created_s,
        clock_s=float(origin_of(path, name)),
        pixel_aspect=shape_in_words(facts.pixel_aspect),
        notes=about_file(facts.found) + ([f"{tags.fault}."] if tags.fault else []),
    )
    return LookedAt(path, name, look, times)


@dataclass(frozen=True, slots=True)
class CameraVideo:
    """The files of one camera as one video.

    Attributes:
        files: In order of time.
        beginnings: Where each lies on the camera's clock.
        chapters: The same for reading.
        times_s: Seconds of every frame since the first.
    """

    files: tuple[LookedAt, ...]
    beginnings: tuple[Beginning, ...]
    chapters: tuple[Chapter, ...]
    times_s: NDArray[np.float64]

    @property
    def interval_s(self) -> float:
        """Median seconds from frame to frame."""
        return frame_interval(self.times_s)

    @property
    def duration_s(self) -> float:
        """Seconds from the first picture to the end of the last."""
        return self.beginnings[-1].start_s + self.files[-1].look.duration_s


def in_a_row(camera: str, files: Sequence[LookedAt]) -> CameraVideo:
    """Files of one camera, given in order of time, on one clock.

    Raises:
        InvalidInput: their pictures have different sizes.
    """
    first = files[0]
    for other in files[1:]:
        here, there = first.look, other.look
        if (here.width, here.height) != (there.width, there.height):
            raise InvalidInput(
                f"{camera}: {first.name} has pictures of {here.width}×{here.height} pixels,"
                f" {other.name} of {there.width}×{there.height}. One camera has one size.",
                file=other.name,
                fault="image size",
            )
    beginnings = lay_out([file.look.file_facts(file.name) for file in files])
    chapters, count = [], 0
    for file, beginning in zip(files, beginnings, strict=True):
        chapters.append(Chapter(file.path, file.name, count, beginning.start_s))
        count += len(file.times_s)
    times = [file.times_s + b.start_s for file, b in zip(files, beginnings, strict=True)]
    return CameraVideo(tuple(files), tuple(beginnings), tuple(chapters), np.concatenate(times))
