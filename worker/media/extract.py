"""Frames out of a video: chosen by rate, exactly timed, upright, as JPEG."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
from av import VideoFrame, VideoStream

from backend.domain.errors import Cancelled, InvalidInput
from backend.domain.quality import STANDARD_SIDE
from worker.media.decode import MAX_PIXELS, frame_to_bgr, invalid, open_video, read_index
from worker.media.frame import ExtractedFrame, sha256_hex
from worker.media.packets import PacketIndex, relative_time
from worker.media.parallel import in_order, usable_cores
from worker.media.pixels import (
    DEFAULT_JPEG_QUALITY,
    THUMBNAIL_HEIGHT,
    encode_jpeg,
    make_thumbnail,
    shrink,
)
from worker.media.quality import measure

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

    def selector(self) -> Callable[[int, Fraction], bool]:
        """A function of frame number and time that tells which frames to take."""
        return lambda number, at: number % self.n == 0


@dataclass(frozen=True, slots=True)
class AtRate:
    """At most so many frames per second: the first frame of each interval of 1/fps seconds.

    A video with fewer frames per second gives all of its frames; none is repeated.
    """

    fps: Fraction

    def __init__(self, fps: Fraction | float) -> None:
        if not (math.isfinite(fps) and fps > 0):
            raise InvalidInput(f"{fps} frames per second: the rate must be above 0.")
        object.__setattr__(self, "fps", Fraction(fps).limit_denominator(1_000_000))

    def selector(self) -> Callable[[int, Fraction], bool]:
        """A function of frame number and time that tells which frames to take."""
        next_interval = 0

        def take(number: int, at: Fraction) -> bool:
            nonlocal next_interval
            interval = math.floor(at * self.fps)
            if number and interval < next_interval:
                return False
            next_interval = interval + 1
            return True

        return take


@dataclass(frozen=True, slots=True)
class Numbered:
    """Frames of certain numbers, counted from 0."""

    numbers: frozenset[int]

    def selector(self) -> Callable[[int, Fraction], bool]:
        """A function of frame number and time that tells which frames to take."""
        return lambda number, at: number in self.numbers


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
) -> Iterator[ExtractedFrame]:
    """Extract frames in order of time.

    Frames are decoded on all cores and encoded on a pool of threads. A video that breaks midway
    raises after the good frames before the break were given; the caller decides what to keep.

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

    Raises:
        InvalidInput: as ``decode.open_video``; or the video breaks, with the second at which.
        TooLarge: more than ``max_pixels`` in a frame.
        Cancelled: ``cancelled`` said so.
    """
    name = name or path.name
    index = read_index(path, name)
    total: int | None = None
    with open_video(path, name, max_pixels) as (container, stream):
        clock = _Clock(stream, index)
        packets = _until_cancelled(container.demux(stream), cancelled, name)
        chosen: Iterator[_Decoded]
        if index.presentation:
            wanted = _wanted(index, sampling, clock)
            total = len(wanted)
            chosen = _decode_wanted(packets, index, wanted, clock, name)
        else:
            chosen = _decode_counting(packets, sampling, clock, name)
        encode = partial(
            _encode,
            deliver=_deliverer(out),
            jpeg_quality=jpeg_quality,
            thumbnail_height=thumbnail_height,
        )
        calls = (partial(encode, i, decoded) for i, decoded in enumerate(chosen))
        done = 0
        for frame in in_order(calls, workers or usable_cores()):
            if cancelled():
                raise _cancellation(name)
            yield frame
            done += 1
            if progress is not None:
                progress(done, total)
        if not done:
            raise invalid(name, "no frame can be decoded")


@dataclass(frozen=True, slots=True)
class _Decoded:
    frame: VideoFrame
    number: int
    time: Fraction


class _Clock:
    """Times relative to the first frame; by frame count where the file has no timestamps."""

    def __init__(self, stream: VideoStream, index: PacketIndex) -> None:
        self._base = Fraction(stream.time_base or 1)
        self._interval = 1 / Fraction(stream.average_rate or stream.guessed_rate or 25)
        self._first = index.presentation[0] if index.presentation else None

    def at(self, number: int, pts: int | None) -> Fraction:
        if pts is None:
            return number * self._interval
        if self._first is None:
            self._first = pts
        return relative_time(pts, self._first, self._base)


def _wanted(index: PacketIndex, sampling: Sampling, clock: _Clock) -> dict[int, int]:
    """Presentation time → frame number of the frames to take, in order of time."""
    take = sampling.selector()
    return {
        pts: number
        for number, pts in enumerate(index.presentation)
        if take(number, clock.at(number, pts))
    }


def _decode_wanted(
    packets: Iterator[av.Packet[VideoStream]],
    index: PacketIndex,
    wanted: dict[int, int],
    clock: _Clock,
    name: str,
) -> Iterator[_Decoded]:
    """Decode what the wanted frames need; see that each of them comes out whole."""
    awaited = iter(wanted)
    anything_came = False
    last_time = Fraction(0)
    for frame in _decode(_needed(packets, index.to_decode(wanted.keys())), name, clock):
        last_time = clock.at(0, frame.pts)
        if frame.pts not in wanted:
            anything_came = True
            continue
        for pts in awaited:
            if pts == frame.pts:
                break
            # A recording cut out of a longer one may begin with pictures that need what was cut.
            if anything_came:
                raise _broken(name, clock.at(wanted[pts], pts))
        anything_came = True
        yield _Decoded(frame, wanted[frame.pts], last_time)
    missing = next(awaited, None)
    if missing is not None and anything_came:
        raise _broken(name, clock.at(wanted[missing], missing))


def _until_cancelled(
    packets: Iterator[av.Packet[VideoStream]], cancelled: Callable[[], bool], name: str
) -> Iterator[av.Packet[VideoStream]]:
    asked = -math.inf
    for packet in packets:
        if time.monotonic() - asked > _ASK_CANCELLED_EVERY_S:
            asked = time.monotonic()
            if cancelled():
                raise _cancellation(name)
        yield packet


def _needed(
    packets: Iterator[av.Packet[VideoStream]], needed: list[bool]
) -> Iterator[av.Packet[VideoStream]]:
    position = 0
    for packet in packets:
        if not packet.size:  # the end: asks the decoder for what it still holds
            yield packet
            continue
        if position < len(needed) and needed[position]:
            yield packet
        position += 1


def _decode_counting(
    packets: Iterator[av.Packet[VideoStream]], sampling: Sampling, clock: _Clock, name: str
) -> Iterator[_Decoded]:
    """Decode everything and number the frames as they come."""
    take = sampling.selector()
    for number, frame in enumerate(_decode(packets, name, clock)):
        at = clock.at(number, frame.pts)
        if take(number, at):
            yield _Decoded(frame, number, at)


def _decode(
    packets: Iterator[av.Packet[VideoStream]], name: str, clock: _Clock
) -> Iterator[VideoFrame]:
    at = Fraction(0)
    count = 0
    try:
        for packet in packets:
            for frame in packet.decode():
                at = clock.at(count, frame.pts)
                count += 1
                if frame.is_corrupt:
                    raise _broken(name, at)
                yield frame
    except av.FFmpegError as error:
        raise _broken(name, at) from error


def _cancellation(name: str) -> Cancelled:
    return Cancelled(f"{name}: the extraction was cancelled.", file=name)


def _broken(name: str, at: Fraction) -> InvalidInput:
    fault = f"the video is broken at {float(at):.2f} s"
    return InvalidInput(f"{name}: {fault}.", file=name, fault=fault, broken_at_s=float(at))


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
    decoded: _Decoded,
    *,
    deliver: Callable[[ExtractedFrame], None] | None,
    jpeg_quality: int,
    thumbnail_height: int,
) -> ExtractedFrame:
    image = frame_to_bgr(decoded.frame)
    data = encode_jpeg(image, jpeg_quality)
    reduced = shrink(image, STANDARD_SIDE)
    frame = ExtractedFrame(
        index=index,
        source_frame_number=decoded.number,
        pts_s=decoded.time,
        width=image.shape[1],
        height=image.shape[0],
        sha256=sha256_hex(data),
        data=data,
        media_type="image/jpeg",
        quality=measure(reduced),
        thumbnail=make_thumbnail(image, thumbnail_height, reduced=reduced),
    )
    if deliver is not None:
        deliver(frame)
    return frame
