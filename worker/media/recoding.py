"""Images coded anew as JPEG or PNG, whatever they were, for releases that want one kind of file.

The bytes depend on the version of Pillow with its libjpeg-turbo and zlib; ``anonymising.coders``
names them.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

from worker.media.decode import invalid
from worker.media.stripping import PNG_START

_PNG_LEVEL: Final = 6


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
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=_PNG_LEVEL, icc_profile=profile)
    return out.getvalue()


def mask_png(mask: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> bytes:
    """A mask (h, w) as a grey PNG: 255 where it is, 0 elsewhere."""
    out = io.BytesIO()
    pixels = mask.view(np.uint8) * np.uint8(255)
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


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
