"""Frames out of a video: chosen by rate, exactly timed, as people see them, as JPEG."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from backend.domain.errors import Cancelled, InvalidInput
from backend.domain.findings import FrameFindings
from backend.domain.frame_rates import frames_at_rate
from backend.domain.quality import STANDARD_SIDE
from worker.media.colour import high_dynamic_range, unreadable_matrix
from worker.media.decode import MAX_PIXELS, invalid, look_of, read_index, stored_video
from worker.media.decoder import Decoded, decode
from worker.media.frame import ExtractedFrame, sha256_hex
from worker.media.look import Look, tilt_of
from worker.media.parallel import in_order, usable_cores
from worker.media.pixels import (
    DEFAULT_JPEG_QUALITY,
    THUMBNAIL_HEIGHT,
    encode_jpeg,
    make_thumbnail,
    shrink,
)
from worker.media.quality import measure
from worker.media.timeline import Timeline

_ASK_CANCELLED_EVERY_S = 0.25

Progress = Callable[[int, int | None], None]
"""Called with the frames done and, where known, the frames to do."""


@dataclass(frozen=True, slots=True)
class EveryNth:
    """The first frame and every n-th after it."""

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise InvalidInput(f"Every {self.n}-th frame: the step must be 1 or more.")

    def choose(self, times_s: Sequence[Fraction | float]) -> list[int]:
        """Numbers of the frames to take, from the seconds of all of them."""
        return list(range(0, len(times_s), self.n))


@dataclass(frozen=True, slots=True)
class AtRate:
    """So many frames per second: those nearest to an even grid (``backend.domain.frame_rates``).

    A video with fewer frames per second gives all of its frames; none is repeated.
    """

    fps: Fraction

    def __init__(self, fps: Fraction | float) -> None:
        if not (math.isfinite(fps) and fps > 0):
            raise InvalidInput(f"{fps} frames per second: the rate must be above 0.")
        object.__setattr__(self, "fps", Fraction(fps).limit_denominator(1_000_000))

    def choose(self, times_s: Sequence[Fraction | float]) -> list[int]:
        """Numbers of the frames to take, from the seconds of all of them."""
        return frames_at_rate(times_s, self.fps)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Frames of certain numbers, counted from 0."""

    numbers: frozenset[int]

    def choose(self, times_s: Sequence[Fraction | float]) -> list[int]:
        """Numbers of the frames to take, from the seconds of all of them."""
        return sorted(n for n in self.numbers if 0 <= n < len(times_s))


Sampling = EveryNth | AtRate | Numbered


def extract_frames(
    path: Path,
    sampling: Sampling,
    *,
    out: Callable[[ExtractedFrame], None] | Path | None = None,
    jpeg_quality: int = DEFAULT_JPEG_QUALITY,
    thumbnail_height: int = THUMBNAIL_HEIGHT,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
    name: str | None = None,
    max_pixels: int = MAX_PIXELS,
    workers: int | None = None,
    found: FrameFindings | None = None,
) -> Iterator[ExtractedFrame]:
    """Extract frames in order of time.

    Frames are decoded on all cores and encoded on a pool of threads. What can be decoded is given,
    damaged frames with a mark; what cannot be is counted.

    Args:
        path: The video.
        sampling: Which frames to take.
        out: Where each frame also goes: a function, called on several threads, or an existing
            folder that gets files such as ``000042.jpg``, named by frame index.
        jpeg_quality: libjpeg's scale, 1 to 100.
        thumbnail_height: Pixels.
        cancelled: Asked before each frame, and while no frame comes a few times a second.
        progress: Told after each frame.
        name: What to call the file in errors, by default its own name.
        max_pixels: Largest allowed frame, in pixels.
        workers: Encoding threads, by default one per core.
        found: Is filled in with what decoding them finds.

    Raises:
        InvalidInput: as ``decode.open_video``; or none of the frames of a rate can be decoded.
        TooLarge: more than ``max_pixels`` in a frame.
        Cancelled: ``cancelled`` said so.
    """
    name = name or path.name
    found = found if found is not None else FrameFindings()
    index = read_index(path, name)
    look = look_of(path, name, max_pixels)
    wanted = sampling.choose([picture.time_s for picture in index.pictures])
    decoded = decode(
        stored_video(path, name, max_pixels),
        index,
        wanted,
        cancelled=_asking(cancelled, name),
        noticed=look.notice,
    )
    encode = partial(
        _encode,
        look=look,
        timeline=index,
        deliver=_deliverer(out),
        jpeg_quality=jpeg_quality,
        thumbnail_height=thumbnail_height,
    )
    whole = _whole(decoded, index, found)
    calls = (partial(encode, i, one) for i, one in enumerate(whole))
    done = 0
    for frame, by_field, marked in in_order(calls, workers or usable_cores()):
        if cancelled():
            raise _cancellation(name)
        _note(found, frame, by_field, marked)
        yield frame
        done += 1
        if progress is not None:
            progress(done + len(found.undecodable_s), len(wanted))
    if not done and not isinstance(sampling, Numbered):
        raise invalid(name, "no frame can be decoded")


def _whole(
    decoded: Iterator[Decoded], timeline: Timeline, found: FrameFindings
) -> Iterator[Decoded]:
    """Those that came out of the decoder; the others are counted."""
    for one in decoded:
        if one.frame is None:
            found.undecodable_s.append(float(timeline.pictures[one.number].time_s))
            continue
        found.high_dynamic_range = found.high_dynamic_range or high_dynamic_range(one.frame)
        if found.unreadable_matrix is None:
            found.unreadable_matrix = unreadable_matrix(one.frame)
        found.tilt_degrees = found.tilt_degrees or tilt_of(one.frame)
        yield one


def _note(found: FrameFindings, frame: ExtractedFrame, by_field: bool, marked: bool) -> None:
    if frame.damage is not None:
        found.damaged[frame.damage] = found.damaged.get(frame.damage, 0) + 1
    found.untimed += not frame.own_time
    found.by_field += by_field
    found.unmarked_fields += by_field and not marked
    found.marked += marked
    found.sizes.setdefault((frame.width, frame.height), float(frame.pts_s or 0))


def _asking(cancelled: Callable[[], bool], name: str) -> Callable[[], None]:
    """A function that asks now and then, and raises."""
    asked = -math.inf

    def ask() -> None:
        nonlocal asked
        if time.monotonic() - asked > _ASK_CANCELLED_EVERY_S:
            asked = time.monotonic()
            if cancelled():
                raise _cancellation(name)

    return ask


def _cancellation(name: str) -> Cancelled:
    return Cancelled(f"{name}: the extraction was cancelled.", file=name)


def _deliverer(
    out: Callable[[ExtractedFrame], None] | Path | None,
) -> Callable[[ExtractedFrame], None] | None:
    if not isinstance(out, Path):
        return out
    folder = out

    def write(frame: ExtractedFrame) -> None:
        (folder / f"{frame.index:06d}{frame.suffix}").write_bytes(frame.data)

    return write


def _encode(
    index: int,
    decoded: Decoded,
    *,
    look: Look,
    timeline: Timeline,
    deliver: Callable[[ExtractedFrame], None] | None,
    jpeg_quality: int,
    thumbnail_height: int,
) -> tuple[ExtractedFrame, bool, bool]:
    """The frame, whether it is of one field, and whether it is marked as interlaced."""
    if decoded.frame is None:
        raise RuntimeError("a picture that could not be decoded was to be encoded")
    seen = look.see(decoded.frame)
    image, picture = seen.image, timeline.pictures[decoded.number]
    data = encode_jpeg(image, jpeg_quality)
    reduced = shrink(image, STANDARD_SIDE)
    frame = ExtractedFrame(
        index=index,
        source_frame_number=decoded.number,
        pts_s=picture.time_s,
        width=image.shape[1],
        height=image.shape[0],
        sha256=sha256_hex(data),
        data=data,
        media_type="image/jpeg",
        quality=measure(reduced),
        thumbnail=make_thumbnail(image, thumbnail_height, reduced=reduced),
        damage=decoded.damage,
        own_time=picture.own_time,
    )
    if deliver is not None:
        deliver(frame)
    return frame, seen.by_field, seen.marked
