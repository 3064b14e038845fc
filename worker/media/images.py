"""Images of a folder or archive as frames: checked, upright, kept byte for byte where possible."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from backend.domain.errors import Cancelled, TooLarge
from backend.domain.quality import STANDARD_SIDE
from worker.media.decode import MAX_PIXELS, invalid, too_large
from worker.media.frame import ExtractedFrame, sha256_hex
from worker.media.parallel import in_order, usable_cores
from worker.media.pixels import (
    DEFAULT_JPEG_QUALITY,
    THUMBNAIL_HEIGHT,
    BgrImage,
    Orientation,
    encode_jpeg,
    make_thumbnail,
    shrink,
    upright,
)
from worker.media.quality import measure
from worker.media.sources import ImageSource

FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
SUFFIXES: Final = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"))

# Pillow's own guard against decompression bombs, set to our default: it refuses from twice as many
# pixels on, while it reads the header; the exact limit is checked right after.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# What browsers and models read the same way without our help.
# MPO is a JPEG with further pictures behind it, as some phones and cameras write it.
_KEPT_MODES: Final = {"JPEG": ("RGB", "L"), "MPO": ("RGB", "L"), "PNG": ("RGB", "RGBA", "L", "P")}
_MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is no image, and why it was left out."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImageListing:
    """The images of a source in natural order, and what was left out."""

    images: list[str]
    skipped: list[SkippedFile]


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """Upright pixels of one image, and its encoded form.

    Attributes:
        pixels: (height, width, 3) uint8, BGR, upright.
        data: The original file where it is an upright JPEG or PNG, else a new JPEG.
        media_type: Of ``data``.
    """

    pixels: BgrImage
    data: bytes
    media_type: str


def list_images(source: ImageSource) -> ImageListing:
    """Tell images from other files by their suffix.

    Raises:
        InvalidInput: there is no image.
    """
    images: list[str] = []
    skipped: list[SkippedFile] = []
    for path in source.paths():
        dot = path.rfind(".")
        suffix = path[dot:].lower() if dot > path.rfind("/") else ""
        if suffix in SUFFIXES:
            images.append(path)
        else:
            kind = suffix or "file without suffix"
            skipped.append(SkippedFile(path, f"{kind} is not among the image formats read here"))
    if not images:
        raise invalid(source.name, "there is no image in it")
    return ImageListing(images, skipped)


def decode_image(
    data: bytes,
    name: str,
    *,
    max_pixels: int = MAX_PIXELS,
    jpeg_quality: int = DEFAULT_JPEG_QUALITY,
) -> DecodedImage:
    """Decode one image; its header is checked before any pixel is.

    Args:
        data: The file's bytes.
        name: What to call it in errors.
        max_pixels: Largest allowed image, in pixels.
        jpeg_quality: For images that must be encoded anew.

    Raises:
        InvalidInput: no image, truncated, damaged, or animated.
        TooLarge: more than ``max_pixels``.
    """
    if not data:
        raise invalid(name, "the file is empty (0 bytes)")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        found = re.search(r"\d+", str(error))
        raise _too_many_pixels(name, int(found[0]) if found else 0, max_pixels) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise invalid(name, "this is not an image that can be read") from error
    with image:
        if image.width * image.height > max_pixels:
            raise _too_many_pixels(name, image.width * image.height, max_pixels)
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise invalid(name, "the image is animated or has several pages")
        try:
            image.load()
            orientation = _exif_orientation(image)
            stored = _to_bgr(image)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise invalid(name, "the image is truncated or damaged") from error
        keep = (
            image.mode in _KEPT_MODES.get(image.format or "", ())
            and orientation is Orientation.UPRIGHT
        )
        if keep:
            return DecodedImage(stored, data, _MEDIA_TYPES[image.format or ""])
    pixels = upright(stored, orientation)
    return DecodedImage(pixels, encode_jpeg(pixels, jpeg_quality), "image/jpeg")


def extract_images(
    source: ImageSource,
    *,
    images: list[str] | None = None,
    out: Callable[[ExtractedFrame], None] | None = None,
    jpeg_quality: int = DEFAULT_JPEG_QUALITY,
    thumbnail_height: int = THUMBNAIL_HEIGHT,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int | None], None] | None = None,
    max_pixels: int = MAX_PIXELS,
    workers: int | None = None,
) -> Iterator[ExtractedFrame]:
    """Frames from images, in the order given.

    Args:
        source: An open folder or archive.
        images: Paths in the source, by default all images in natural order.
        out: Where each frame also goes; called on several threads.
        jpeg_quality: For images that must be encoded anew.
        thumbnail_height: Pixels.
        cancelled: Asked before each frame.
        progress: Told after each frame: done, to do.
        max_pixels: Largest allowed image, in pixels.
        workers: Decoding threads, by default one per core.

    Raises:
        InvalidInput: as ``list_images`` and ``decode_image``, naming the image.
        TooLarge: as ``decode_image``.
        Cancelled: ``cancelled`` said so.
    """
    paths = list_images(source).images if images is None else images

    def one(index: int, path: str, data: bytes) -> ExtractedFrame:
        decoded = decode_image(
            data, f"{source.name}/{path}", max_pixels=max_pixels, jpeg_quality=jpeg_quality
        )
        reduced = shrink(decoded.pixels, STANDARD_SIDE)
        frame = ExtractedFrame(
            index=index,
            source_frame_number=index,
            pts_s=None,
            width=decoded.pixels.shape[1],
            height=decoded.pixels.shape[0],
            sha256=sha256_hex(decoded.data),
            data=decoded.data,
            media_type=decoded.media_type,
            quality=measure(reduced),
            thumbnail=make_thumbnail(decoded.pixels, thumbnail_height, reduced=reduced),
            name=path,
        )
        if out is not None:
            out(frame)
        return frame

    calls = (partial(one, i, path, source.read(path)) for i, path in enumerate(paths))
    for done, frame in enumerate(in_order(calls, workers or usable_cores()), start=1):
        if cancelled():
            raise Cancelled(f"{source.name}: the import was cancelled.", file=source.name)
        yield frame
        if progress is not None:
            progress(done, len(paths))


def _too_many_pixels(name: str, pixels: int, limit: int) -> TooLarge:
    return too_large(
        name,
        f"the image has {pixels / 1e6:.4g} megapixels, the limit is {limit / 1e6:g}",
    )


def _exif_orientation(image: Image.Image) -> Orientation:
    value = image.getexif().get(ExifTags.Base.Orientation, 1)
    return Orientation(value) if value in range(1, 9) else Orientation.UPRIGHT


def _to_bgr(image: Image.Image) -> BgrImage:
    """Stored pixels as BGR, 8 bits, transparency over black dropped."""
    if image.mode.startswith("I;16") or image.mode == "I":
        # Pillow would clip 16 bits at 255 instead of scaling them.
        grey = np.asarray(image).astype(np.uint32)
        image = Image.fromarray((grey >> 8).clip(0, 255).astype(np.uint8))
    rgb = np.asarray(image.convert("RGB"))
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)
