"""What moves in a video between each frame and the next: how much, and how much of it upwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray
from scipy import ndimage

from backend.domain.orientation import Orientation
from worker.media.decode import invalid, read_index, stored_video
from worker.media.decoder import decode
from worker.media.look import frame_orientation
from worker.media.pixels import upright
from worker.synchronisation.correlate import Signal

Floats = NDArray[np.float64]

MAX_S: Final = 300.0
"""Seconds from the beginning that are looked at: decoding is slow, and offsets are short."""
_SIDE: Final = 160
_SLOW_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Motion:
    """What moves in a video, between each frame and the next.

    Attributes:
        times: Camera times half-way between frames, shape (n,).
        values: Shape (channels, n): change of brightness, speed, vertical velocity (up positive).
        interval_s: Median seconds between frames.
    """

    times: Floats
    values: Floats
    interval_s: float


def read_motion(
    path: Path, name: str | None = None, *, longest_s: float = MAX_S,
    cancelled: Callable[[], None] = lambda: None,
) -> Motion:  # fmt: skip
    """Decode a video, small and grey, and measure what moves.

    Raises:
        InvalidInput: not a video, or as :func:`motion_of`.
    """
    name = name or path.name
    return motion_of(pictures(path, name, longest_s), name, cancelled=cancelled)


def motion_of(
    shown: Iterable[tuple[float, NDArray[np.uint8]]],
    name: str,
    *,
    cancelled: Callable[[], None] = lambda: None,
) -> Motion:
    """Measure what moves from picture to picture.

    Args:
        shown: Camera times, seconds, and small grey pictures of shape (height, width).
        name: For errors.
        cancelled: Called now and then; raises to stop.

    Raises:
        InvalidInput: fewer than 8 frames, broken near its beginning, or all frames are alike.
    """
    times: list[float] = []
    values: list[tuple[float, float, float]] = []
    before: NDArray[np.uint8] | None = None
    last = 0.0
    try:
        for at, image in shown:
            if len(times) % 32 == 0:
                cancelled()
            if before is not None and before.shape == image.shape and at > last:
                times.append((at + last) / 2)
                values.append(_measure(before, image, at - last))
            before, last = image, at
    except av.FFmpegError as error:
        if len(times) < 30:
            raise invalid(name, f"the video is broken at {last:.2f} s") from error
    if len(times) < 7:
        raise invalid(name, "it has fewer than 8 frames, too few to compare")
    found = np.array(values).T
    if float(np.ptp(found[0])) < 1e-4:
        raise invalid(name, "nothing moves in it")
    return Motion(np.array(times), found, float(np.median(np.diff(times))))


def pictures(path: Path, name: str, longest_s: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Times of a file's frames up to a time, and the frames, small, grey and upright."""
    index = read_index(path, name)
    times = [float(picture.time_s) for picture in index.pictures]
    orientation: Orientation | None = None
    size: tuple[int, int] | None = None
    wanted = [number for number, at in enumerate(times) if at <= longest_s]
    for picture in decode(stored_video(path, name), index, wanted):
        if picture.frame is None:
            continue
        if orientation is None or size is None:
            orientation = frame_orientation(picture.frame)
            scale = min(1.0, _SIDE / max(picture.frame.width, picture.frame.height))
            width, height = picture.frame.width * scale, picture.frame.height * scale
            size = max(16, round(width / 2) * 2), max(16, round(height / 2) * 2)
        yield times[picture.number], upright(_shrunk(picture.frame, *size), orientation)


def _shrunk(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    small = frame.reformat(width=width, height=height, format="gray", interpolation="AREA")
    return np.asarray(small.to_ndarray(), dtype=np.uint8)


def _measure(
    before: NDArray[np.uint8], image: NDArray[np.uint8], seconds: float
) -> tuple[float, float, float]:
    """Change of brightness per second, speed and upward velocity in pixels per second."""
    # Lamps that flicker and cameras that adapt change the whole image, which is no motion.
    a = (before - before.mean()) / (before.std() + 2.0)
    b = (image - image.mean()) / (image.std() + 2.0)
    change = float(np.mean(np.abs(b - a)))
    flow = cv2.calcOpticalFlowFarneback(
        before, image, np.zeros((*image.shape, 2), np.float32), 0.5, 3, 13, 2, 5, 1.1, 0
    )
    speed = np.hypot(flow[..., 0], flow[..., 1])
    moving = np.where(speed > 0.1, 1.0, 0.0)
    return (
        change / seconds,
        float((speed * moving).mean()) / seconds,
        -float((flow[..., 1] * moving).mean()) / seconds,
    )


def signal_of(motion: Motion, rate: float) -> Signal:
    """Motion on an even grid, without single wild frames and without its slow part."""
    values = motion.values.copy()
    for row in values:
        wild = ndimage.median_filter(row, 5, mode="nearest")
        spread = 1.4826 * float(np.median(np.abs(row - wild)))
        np.copyto(row, wild, where=np.abs(row - wild) > 6 * spread + 1e-9)
    values[:2] = np.log(values[:2] + 0.1 * values[:2].mean(axis=1, keepdims=True) + 1e-9)
    start, end = motion.times[0], motion.times[-1]
    grid = np.arange(start, end + 1e-9, 1 / rate)
    even = np.stack([np.interp(grid, motion.times, row) for row in values])
    # A faster camera's noise tells nothing: 0.05 s is finer than a limb moves.
    even = ndimage.gaussian_filter1d(even, 0.03 * rate, axis=1, mode="nearest")
    if end - start > 3 * _SLOW_S:
        even -= ndimage.gaussian_filter1d(even, _SLOW_S * rate, axis=1, mode="nearest")
    return Signal(even, float(start), rate)
