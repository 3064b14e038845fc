"""Exif orientation in every format that carries it: header and pixels say the same."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.domain.orientation import Orientation
from worker.media.images import decode_image, read_header
from worker.media.pixels import upright

STORED = np.zeros((30, 50, 3), np.uint8)
STORED[3:9, 5:14] = (255, 0, 0)
STORED[20:26, 40:47] = (0, 255, 0)


class OneFile:
    """A source that holds one file."""

    name = "photos"

    def __init__(self, data: bytes) -> None:
        self.data = data

    def paths(self) -> list[str]:
        return ["photo"]

    def read(self, path: str) -> bytes:
        return self.data

    @contextmanager
    def open(self, path: str) -> Any:
        yield io.BytesIO(self.data)


def encoded(fmt: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"exif": exif}
    if fmt == "JPEG":
        options |= {"quality": 100, "subsampling": 0}
    elif fmt == "WEBP":
        options |= {"lossless": True}
    elif fmt == "TIFF":
        options = {"tiffinfo": {274: orientation}}
    buffer = io.BytesIO()
    Image.fromarray(STORED).save(buffer, fmt, **options)
    return buffer.getvalue()


def check(data: bytes, orientation: Orientation) -> None:
    header = read_header(OneFile(data), "photo")
    assert (header.width, header.height) == (50, 30)
    assert header.orientation is orientation
    pixels = decode_image(data, "photo").pixels
    assert header.upright == pixels.shape[1::-1]
    expected = upright(STORED[..., ::-1], orientation)
    assert np.abs(pixels.astype(int) - expected).max() < 30


@pytest.mark.parametrize("orientation", Orientation)
@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_an_image_is_seen_upright_and_its_header_tells_how_it_is_stored(
    fmt: str, orientation: Orientation
) -> None:
    check(encoded(fmt, orientation), orientation)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_png_may_say_behind_its_pixels_how_it_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    late = chunk(b"eXIf", exif.tobytes()[6:])
    data = encoded("PNG", 1)
    plain = io.BytesIO()
    Image.fromarray(STORED).save(plain, "PNG")
    end = plain.getvalue().index(b"IEND") - 4
    check(plain.getvalue()[:end] + late + plain.getvalue()[end:], Orientation.ROTATE_90_CLOCKWISE)
    check(data, Orientation.UPRIGHT)


def jpeg_with(exif: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(STORED).save(buffer, "JPEG", quality=100, subsampling=0)
    data = buffer.getvalue()
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]


def tiff_entries(*entries: bytes) -> bytes:
    head = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(entries))
    return head + b"".join(entries) + b"\0\0\0\0"


def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
    return struct.pack(">HHL", tag, kind, count) + value


BROKEN = {
    "garbage": b"Exif\0\0garbage here",
    "nothing": b"Exif\0\0",
    "cut off": b"Exif\0\0MM\0*",
    "an offset behind the end": b"Exif\0\0MM\0*\xff\xff\xff\xff",
    "more entries than bytes": b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(30),
    "orientation 0": tiff_entries(entry(0x0112, 3, 1, bytes(4))),
    "orientation 9": tiff_entries(entry(0x0112, 3, 1, b"\0\x09\0\0")),
    "orientation as text": tiff_entries(entry(0x0112, 2, 2, b"6\0\0\0")),
    "a type that there is not": tiff_entries(entry(0x0112, 99, 1, b"\0\x06\0\0")),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("exif", BROKEN.values(), ids=BROKEN.keys())
def test_exif_data_that_make_no_sense_turn_nothing_and_cost_nothing(exif: bytes) -> None:
    check(jpeg_with(exif), Orientation.UPRIGHT)


@pytest.mark.parametrize("fmt", ["PNG", "WEBP"])
def test_broken_exif_data_of_other_formats_cost_nothing_either(fmt: str) -> None:
    buffer = io.BytesIO()
    options = {"lossless": True} if fmt == "WEBP" else {}
    Image.fromarray(STORED).save(buffer, fmt, exif=b"Exif\0\0II*\0\x08\0\0\0\xff", **options)
    check(buffer.getvalue(), Orientation.UPRIGHT)
