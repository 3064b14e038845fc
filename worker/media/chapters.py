"""Several files in a row as one video: one clock, and frames that are counted through."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from backend.domain.findings import FrameFindings
from worker.media.decode import MAX_PIXELS
from worker.media.extract import Numbered, Progress, extract_frames
from worker.media.frame import ExtractedFrame
from worker.media.pixels import THUMBNAIL_HEIGHT
from worker.media.times import frame_times


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file of a video.

    Attributes:
        path: The file.
        name: What to call it in errors.
        first_frame: Number of its first frame in the whole video.
        start_s: Seconds from the video's first frame to its own.
    """

    path: Path
    name: str
    first_frame: int = 0
    start_s: float = 0.0


def times_of(chapters: Sequence[Chapter]) -> list[float]:
    """Seconds of each frame since the video's first.

    Raises:
        InvalidInput: as ``times.frame_times``.
    """
    return [
        chapter.start_s + at
        for chapter in chapters
        for at in frame_times(chapter.path, chapter.name)
    ]


def extract_numbered(
    chapters: Sequence[Chapter],
    numbers: Collection[int],
    *,
    out: Callable[[ExtractedFrame], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
    max_pixels: int = MAX_PIXELS,
    thumbnail_height: int = THUMBNAIL_HEIGHT,
    found: FrameFindings | None = None,
) -> Iterator[ExtractedFrame]:
    """Extract frames by their number in the whole video, in order; as ``extract.extract_frames``.

    A chapter of which no frame is wanted is not opened.
    """
    ends = [chapter.first_frame for chapter in chapters[1:]]
    done = 0
    for chapter, end in zip(chapters, [*ends, None], strict=True):
        own = frozenset(
            n - chapter.first_frame
            for n in numbers
            if n >= chapter.first_frame and (end is None or n < end)
        )
        if not own:
            continue
        before = done

        def report(count: int, _: int | None, before: int = before) -> None:
            if progress is not None:
                progress(before + count, len(numbers))

        start = Fraction(chapter.start_s).limit_denominator(10**9)
        for frame in extract_frames(
            chapter.path, Numbered(own), out=out, name=chapter.name, cancelled=cancelled,
            progress=report, max_pixels=max_pixels, thumbnail_height=thumbnail_height, found=found,
        ):  # fmt: skip
            yield replace(
                frame,
                index=done,
                source_frame_number=chapter.first_frame + frame.source_frame_number,
                pts_s=None if frame.pts_s is None else start + frame.pts_s,
            )
            done += 1
