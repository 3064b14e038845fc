"""Small videos and images, made on the spot."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

Painter = Callable[..., Path]
MARK_CELLS = 8


def numbered_picture(number: int, width: int = 160, height: int = 96) -> np.ndarray:
    """A picture whose lower half spells its number in 8 black or white cells; top-left is red."""
    image = np.full((height, width, 3), 128, np.uint8)
    image[: height // 4, : width // 4] = (0, 0, 255)
    cell = width // MARK_CELLS
    for bit in range(MARK_CELLS):
        shade = 235 if number >> bit & 1 else 20
        image[height // 2 :, bit * cell : (bit + 1) * cell] = shade
    return image


def number_of(data: bytes) -> int:
    """The number that an encoded picture spells."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = image.shape
    row = image[height * 3 // 4]
    centres = [int((bit + 0.5) * width / MARK_CELLS) for bit in range(MARK_CELLS)]
    return sum((row[x] > 128) << bit for bit, x in enumerate(centres))


def decode(data: bytes) -> np.ndarray:
    return cv2.imdecode(
        np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    )


def is_red(pixel: np.ndarray) -> bool:
    blue, green, red = (int(value) for value in pixel)
    return red > 180 and green < 80 and blue < 80


@pytest.fixture
def make_video(tmp_path: Path) -> Painter:
    """Write a video of numbered pictures."""

    def make(
        name: str = "clip.mp4",
        *,
        frames: int = 30,
        rate: int | Fraction = 30,
        codec: str = "libx264",
        options: dict[str, str] | None = None,
        container_options: dict[str, str] | None = None,
        rotate_clockwise: int = 0,
        hflip: bool = False,
        times: list[int] | None = None,
        audio: bool = False,
        metadata: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w", options=container_options or {}) as container:
            stream = container.add_stream(codec, rate=rate)
            stream.width, stream.height = 160, 96
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            stream.options = options or {}
            if rotate_clockwise or hflip:
                stream.set_display_rotation(-rotate_clockwise, hflip=hflip)
            if metadata:
                container.metadata.update(metadata)
            sound = container.add_stream("aac", rate=48000) if audio else None
            for number in range(frames):
                frame = av.VideoFrame.from_ndarray(numbered_picture(number), format="bgr24")
                frame.pts = number if times is None else times[number]
                frame.time_base = 1 / Fraction(rate)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            if sound is not None:
                _silence(container, sound)
        return path

    return make


@pytest.fixture
def sound_only(tmp_path: Path) -> Path:
    path = tmp_path / "voice.mp4"
    with av.open(str(path), "w") as container:
        _silence(container, container.add_stream("aac", rate=48000))
    return path


def _silence(container: av.container.OutputContainer, stream: av.AudioStream) -> None:
    for i in range(20):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        frame.pts = i * 1024
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@pytest.fixture
def image_bytes() -> Callable[..., bytes]:
    """Encode a numbered picture by Pillow."""

    def make(
        number: int = 1,
        format: str = "JPEG",
        *,
        exif_orientation: int | None = None,
        mode: str = "RGB",
    ) -> bytes:
        image = Image.fromarray(numbered_picture(number)[:, :, ::-1]).convert(mode)
        buffer = io.BytesIO()
        extra = {}
        if exif_orientation is not None:
            exif = Image.Exif()
            exif[0x0112] = exif_orientation
            extra["exif"] = exif.tobytes()
        image.save(buffer, format, **extra)
        return buffer.getvalue()

    return make


@pytest.fixture
def shared_data() -> Path:
    default = Path(__file__).parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("INFANTNET_SHARED_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real recordings are not on this machine (looked in {folder})")
    return folder
