"""Images coded anew as JPEG or PNG, whatever they were, for releases that want one kind of file.

The bytes depend on the versions of Pillow (with its libjpeg-turbo) and OpenCV (with its libpng and
zlib); ``anonymising.coders`` names them.
"""

from __future__ import annotations

import io
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.masks import BoolMask
from worker.media.decode import invalid
from worker.media.stripping import PNG_START, png_chunk


def as_jpeg(data: bytes, name: str, quality: int) -> bytes:
    """A JPEG of an image, in colour or grey; what was transparent is on white.

    Args:
        data: JPEG or PNG without metadata, upright.
        name: What to call it in errors.
        quality: 1 to 100, as libjpeg counts it; from 90 on colours are kept in full.

    Raises:
        InvalidInput: the file cannot be read.
    """
    image, profile = _opened(data, name)
    chroma = 0 if quality >= 90 else 2
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=chroma, icc_profile=profile)
    return out.getvalue()


def as_png(data: bytes, name: str) -> bytes:
    """A PNG of an image; a PNG stays as it is.

    Args:
        data: JPEG or PNG without metadata, upright.
        name: What to call it in errors.

    Raises:
        InvalidInput: the file cannot be read.
    """
    if data.startswith(PNG_START):
        return data
    image, profile = _opened(data, name)
    pixels = np.asarray(image)
    png = _png(pixels if pixels.ndim == 2 else pixels[..., ::-1])
    if profile is None:
        return png
    chunk = png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile, 9))
    # Behind the header, of 25 bytes.
    place = len(PNG_START) + 25
    return png[:place] + chunk + png[place:]


def mask_png(mask: BoolMask) -> bytes:
    """A mask (h, w) as a grey PNG: 255 where it is, 0 elsewhere."""
    return _png(mask.astype(np.uint8) * np.uint8(255))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Of grey (h, w) or BGR (h, w, 3); OpenCV is eight times as fast as Pillow for that size."""
    done, coded = cv2.imencode(".png", np.ascontiguousarray(pixels))
    if not done:
        raise RuntimeError("OpenCV could not encode an image as PNG")
    return coded.tobytes()


def _opened(data: bytes, name: str) -> tuple[Image.Image, bytes | None]:
    """Decoded as RGB or grey of 8 bits, and the colour profile."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            image.load()
            profile = image.info.get("icc_profile")
            if image.mode.startswith("I"):
                wide = np.asarray(image).astype(np.uint32)
                return Image.fromarray((wide >> 8).astype(np.uint8)), profile
            if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                clear = image.convert("RGBA")
                ground = Image.new("RGBA", clear.size, "white")
                return Image.alpha_composite(ground, clear).convert("RGB"), profile
            grey = image.mode in ("L", "1")
            return image.convert("L" if grey else "RGB"), profile
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise invalid(name, "the image is truncated or damaged") from error
