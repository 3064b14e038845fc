"""Videos whose pictures tell when they were taken, so that a test can ask the picture itself."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

BITS = 12
WIDTH, HEIGHT = 16 * BITS, 48
TICKS = 150
"""Pictures tell their time in ticks of 1/150 s: what 25, 30, 50 and 75 frames/s share."""
BASE = Fraction(1, 90_000)


def picture(ticks: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """A picture that tells a number by blocks from left to right, the lowest bit first."""
    bits = [255 if ticks >> b & 1 else 0 for b in range(BITS)]
    row = np.repeat(np.array(bits, np.uint8), width // BITS)
    return np.tile(np.pad(row, (0, width - len(row)))[None], (height, 1))


def told(data: bytes) -> float:
    """Seconds at which an encoded picture was taken."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    step = image.shape[1] // BITS
    rows = image[image.shape[0] // 4 : -image.shape[0] // 4]
    ticks = sum((rows[:, b * step + 4 : (b + 1) * step - 4].mean() > 128) << b for b in range(BITS))
    return float(ticks) / TICKS


def film(
    times_s: Sequence[float], *, first_s: float = 0.0, timecode: str | None = None,
    created: str | None = None, rate: Fraction | int = 30, size: tuple[int, int] = (WIDTH, HEIGHT),
    format_: str = "mp4",
) -> bytes:  # fmt: skip
    """A video with a picture at each of these times.

    Args:
        times_s: Seconds of the event at which pictures are taken, ascending.
        first_s: What the file's own clock shows at the first.
        timecode: Of the first picture.
        created: Time of creation, as ISO 8601.
        rate: Stated rate; times are exact whatever it is.
        size: Width and height.
        format_: Container.
    """
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=format_) as container:
        if created:
            container.metadata["creation_time"] = created
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "20"}
        stream.codec_context.time_base = stream.time_base = BASE
        if timecode:
            stream.metadata["timecode"] = timecode
        for time_s in times_s:
            image = picture(round(time_s * TICKS), *size)
            frame = av.VideoFrame.from_ndarray(image, format="gray").reformat(format="yuv420p")
            frame.pts = round((time_s - times_s[0] + first_s) / BASE)
            frame.time_base = BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def steady(
    fps: float | Fraction, seconds: float, *, start_s: float = 0.0,
    gap: tuple[float, float] | None = None,
) -> list[float]:  # fmt: skip
    """Times of a camera of an even rate, with a pause where one is wanted."""
    times = [start_s + k / fps for k in range(round(seconds * fps))]
    return [float(t) for t in times if gap is None or not gap[0] <= t < gap[1]]
