"""Images coded anew: pixels, colours and kinds survive, metadata does not come back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from backend.domain.errors import InvalidInput
from worker.media.recoding import as_jpeg, as_png, mask_png

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def coded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def smooth(mode: str = "RGB") -> Image.Image:
    rows, columns = np.mgrid[0:48, 0:64]
    bands = [rows * 5, columns * 4, (rows + columns) * 2, rows * 0 + 255]
    return Image.fromarray(np.stack(bands, axis=-1).astype(np.uint8), "RGBA").convert(mode)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_png_of_a_jpeg_has_the_jpegs_pixels(mode: str) -> None:
    jpeg = coded(smooth(mode), "JPEG", quality=90)
    png = opened(as_png(jpeg, "a"))
    assert (png.format, png.mode) == ("PNG", mode)
    assert np.array_equal(np.asarray(png), np.asarray(opened(jpeg)))


def test_a_png_stays_as_it_is() -> None:
    png = coded(smooth(), "PNG")
    assert as_png(png, "a") is png


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_a_jpeg_of_a_png_looks_the_same(mode: str) -> None:
    png = coded(smooth(mode), "PNG")
    jpeg = opened(as_jpeg(png, "a", 95))
    assert jpeg.format == "JPEG"
    expected = np.asarray(smooth(mode).convert("RGB"), int)
    limit = 6 if mode in ("RGB", "L") else 20
    assert np.abs(np.asarray(jpeg.convert("RGB"), int) - expected).mean() < limit


def test_a_lower_quality_is_smaller() -> None:
    png = coded(smooth(), "PNG")
    assert len(as_jpeg(png, "a", 50)) < len(as_jpeg(png, "a", 90)) < len(as_jpeg(png, "a", 100))


def test_what_is_clear_becomes_white() -> None:
    clear = Image.new("RGBA", (16, 16), (200, 0, 0, 0))
    assert np.asarray(opened(as_jpeg(coded(clear, "PNG"), "a", 95))).min() > 250


def test_sixteen_bits_become_eight() -> None:
    wide = Image.fromarray((np.arange(256, dtype=np.uint16) * 256).reshape(16, 16))
    found = np.asarray(opened(as_jpeg(coded(wide, "PNG"), "a", 100)), int)
    assert np.abs(found - np.arange(256).reshape(16, 16)).max() <= 3


def test_colours_keep_their_meaning() -> None:
    jpeg = coded(smooth(), "JPEG", icc_profile=PROFILE)
    png = as_png(jpeg, "a")
    assert opened(png).info["icc_profile"] == PROFILE
    assert opened(as_jpeg(png, "a", 90)).info["icc_profile"] == PROFILE


def test_the_same_image_gives_the_same_bytes() -> None:
    jpeg = coded(smooth(), "JPEG")
    assert as_png(jpeg, "a") == as_png(jpeg, "a")
    assert as_jpeg(jpeg, "a", 80) == as_jpeg(jpeg, "a", 80)


def test_a_damaged_image_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"visit\.jpg"):
        as_png(coded(smooth(), "JPEG")[:-400], "visit.jpg")


def test_a_mask_is_black_and_white() -> None:
    mask = np.zeros((48, 64), dtype=bool)
    mask[10:20, 30:40] = True
    found = opened(mask_png(mask))
    assert found.mode == "L"
    assert np.array_equal(np.asarray(found), mask * 255)
