"""Images of a folder or archive as frames: checked, upright, without metadata, else untouched."""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO, Final

import cv2
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from backend.domain.errors import Cancelled, DomainError, InvalidInput, TooLarge
from backend.domain.file_names import IMAGE_SUFFIXES
from backend.domain.orientation import Orientation
from backend.domain.quality import STANDARD_SIDE
from worker.media.decode import MAX_PIXELS, invalid, too_large
from worker.media.frame import ExtractedFrame, sha256_hex
from worker.media.parallel import in_order, usable_cores
from worker.media.pixels import (
    DEFAULT_JPEG_QUALITY,
    THUMBNAIL_HEIGHT,
    BgrImage,
    encode_jpeg,
    make_thumbnail,
    shrink,
    upright,
)
from worker.media.quality import measure
from worker.media.sources import ImageSource
from worker.media.stripping import stripped

FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")

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
        data: The original picture without metadata where it is an upright JPEG or PNG, else a new
            JPEG.
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
        if suffix in IMAGE_SUFFIXES:
            images.append(path)
        else:
            kind = suffix or "file without suffix"
            skipped.append(
                SkippedFile(path, f"{kind} is not an image format that can be read here")
            )
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
    with _opened(io.BytesIO(data), name, max_pixels) as image:
        try:
            image.load()
            orientation = exif_orientation(image)
            stored = _to_bgr(image)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise invalid(name, "the image is truncated or damaged") from error
        keep = (
            image.mode in _KEPT_MODES.get(image.format or "", ())
            and orientation is Orientation.UPRIGHT
        )
        if keep and (bare := _without_metadata(data, name)) is not None:
            return DecodedImage(stored, bare, _MEDIA_TYPES[image.format or ""])
    pixels = upright(stored, orientation)
    return DecodedImage(pixels, encode_jpeg(pixels, jpeg_quality), "image/jpeg")


def _without_metadata(data: bytes, name: str) -> bytes | None:
    """A file with its coded picture alone; None where it can be decoded, but is not built rightly.

    Places, times, makers and small unmasked pictures have no business in the store. And a release
    can link the file as it is.
    """
    try:
        return stripped(data, name).data
    except InvalidInput:
        return None


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the first bytes of an image say.

    Attributes:
        width: Pixels as they are stored.
        height: Pixels as they are stored.
        orientation: How they are to be turned to be upright.
    """

    width: int
    height: int
    orientation: Orientation

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the upright image in pixels."""
        return self.orientation.upright_size((self.width, self.height))


def read_header(source: ImageSource, path: str, *, max_pixels: int = MAX_PIXELS) -> ImageHeader:
    """Size and orientation of one image, without decoding a pixel.

    Raises:
        InvalidInput: as ``decode_image``, except that damage behind the header is not seen.
        TooLarge: as ``decode_image``.
    """
    name = f"{source.name}/{path}"
    with source.open(path) as file, _opened(file, name, max_pixels) as image:
        try:
            orientation = Orientation.UPRIGHT
            if image.format != "PNG":
                orientation = exif_orientation(image)
            elif _may_turn(image, file):
                # What turns it may also stand behind the pixels.
                image.load()
                orientation = exif_orientation(image)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise invalid(name, "the image is truncated or damaged") from error
        size = image.size
        if image.format == "TIFF":
            # Pillow turns these itself, and says their upright size.
            size = orientation.upright_size(size)
        return ImageHeader(*size, orientation)


@contextmanager
def _opened(file: BinaryIO, name: str, max_pixels: int) -> Iterator[Image.Image]:
    """An image whose header was checked.

    Raises:
        InvalidInput: no image, or one that is animated.
        TooLarge: more than ``max_pixels``.
    """
    if not file.read(1):
        raise invalid(name, "the file is empty (0 bytes)")
    file.seek(0)
    try:
        image = Image.open(file, formats=FORMATS)
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
        yield image


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
    broken: Callable[[str, DomainError], None] | None = None,
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
        broken: Told of each image that cannot be decoded, which is then left out; by default such
            an image ends the extraction.

    Raises:
        InvalidInput: as ``list_images`` and ``decode_image``, naming the image.
        TooLarge: as ``decode_image``.
        Cancelled: ``cancelled`` said so.
    """
    paths = list_images(source).images if images is None else images

    def one(index: int, path: str, data: bytes | DomainError) -> ExtractedFrame | DomainError:
        try:
            if isinstance(data, DomainError):
                raise data
            return taken(index, path, data)
        except (InvalidInput, TooLarge) as error:
            if broken is None:
                raise
            return error

    def taken(index: int, path: str, data: bytes) -> ExtractedFrame:
        decoded = decode_image(
            data, f"{source.name}/{path}", max_pixels=max_pixels, jpeg_quality=jpeg_quality
        )
        reduced = shrink(decoded.pixels, STANDARD_SIDE)
        sha256 = sha256_hex(decoded.data)
        frame = ExtractedFrame(
            index=index,
            source_frame_number=index,
            pts_s=None,
            width=decoded.pixels.shape[1],
            height=decoded.pixels.shape[0],
            sha256=sha256,
            received_sha256=sha256 if decoded.data == data else sha256_hex(data),
            data=decoded.data,
            media_type=decoded.media_type,
            quality=measure(reduced),
            thumbnail=make_thumbnail(decoded.pixels, thumbnail_height, reduced=reduced),
            name=path,
        )
        if out is not None:
            out(frame)
        return frame

    calls = (partial(one, i, path, _read(source, path)) for i, path in enumerate(paths))
    index = 0
    for done, frame in enumerate(in_order(calls, workers or usable_cores()), start=1):
        if cancelled():
            raise Cancelled(f"{source.name}: the import was cancelled.", file=source.name)
        if isinstance(frame, DomainError):
            assert broken is not None
            broken(paths[done - 1], frame)
        else:
            # Images that were left out leave no gap in the numbers.
            yield replace(frame, index=index, source_frame_number=index)
            index += 1
        if progress is not None:
            progress(done, len(paths))


def _read(source: ImageSource, path: str) -> bytes | DomainError:
    try:
        return source.read(path)
    except InvalidInput as error:
        return error


def _too_many_pixels(name: str, pixels: int, limit: int) -> TooLarge:
    return too_large(
        name,
        f"the image has {pixels / 1e6:.4g} megapixels, the limit is {limit / 1e6:g}",
    )


def exif_orientation(image: Image.Image) -> Orientation:
    """How an image is to be turned; Exif data that cannot be read turns nothing."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, struct.error):
        return Orientation.UPRIGHT
    return Orientation(value) if value in range(1, 9) else Orientation.UPRIGHT


def _may_turn(image: Image.Image, file: BinaryIO) -> bool:
    """Whether a PNG has anything that may say how it is turned; asking Pillow decodes all of it."""
    told = ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif")
    if any(key in image.info for key in told):
        return True
    place = file.tell()
    try:
        file.seek(8)
        behind = False
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if behind and kind in (b"eXIf", b"iTXt", b"tEXt", b"zTXt"):
                return True
            behind = behind or kind == b"IDAT"
            file.seek(length + 4, io.SEEK_CUR)
        return False
    finally:
        file.seek(place)


def _to_bgr(image: Image.Image) -> BgrImage:
    """Stored pixels as BGR, 8 bits, transparency over black dropped."""
    if image.mode.startswith("I;16") or image.mode == "I":
        # Pillow would clip 16 bits at 255 instead of scaling them.
        grey = np.asarray(image).astype(np.uint32)
        image = Image.fromarray((grey >> 8).clip(0, 255).astype(np.uint8))
    rgb = np.asarray(image.convert("RGB"))
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)
