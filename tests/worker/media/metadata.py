"""Images that carry all that a released one must not."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

SECRET = b"Anna 2026:03:01 Kinderzimmer"


def textured(width: int = 160, height: int = 120, seed: int = 0) -> NDArray[np.uint8]:
    """(height, width, 3) smooth shapes with fine detail all over, as a face in focus has."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(40, 216, (height, width, 3)).astype(np.float32)
    return (
        np.asarray(cv2.GaussianBlur(rough, (0, 0), 1.2) * 1.6 - 76, np.float32)
        .clip(0, 255)
        .astype(np.uint8)
    )


def profile() -> bytes:
    """A colour profile with names in it."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[80:84] = b"anna"
    return bytes(made)


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = SECRET.decode()
    return tags.tobytes()


def jpeg(
    pixels: NDArray[np.uint8],
    *,
    orientation: int | None = None,
    icc: bytes | None = None,
    comment: bytes | None = None,
    xmp: bytes | None = None,
    progressive: bool = False,
    quality: int = 92,
    subsampling: int = 2,
) -> bytes:
    options: dict[str, object] = {}
    if orientation is not None:
        options["exif"] = exif(orientation)
    if comment is not None:
        options["comment"] = comment
    if xmp is not None:
        options["xmp"] = xmp
    out = io.BytesIO()
    Image.fromarray(pixels).save(
        out, "JPEG", quality=quality, subsampling=subsampling, icc_profile=icc,
        progressive=progressive, **options,
    )  # fmt: skip
    return out.getvalue()


def png(
    pixels: NDArray[np.uint8], *, orientation: int | None = None, icc: bytes | None = None
) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_itxt("Comment", SECRET.decode(), zip=False)
    options: dict[str, object] = {} if orientation is None else {"exif": exif(orientation)}
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", pnginfo=info, icc_profile=icc, **options)
    return out.getvalue()


def decoded(data: bytes) -> NDArray[np.uint8]:
    """Stored pixels, as Pillow reads them."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)
