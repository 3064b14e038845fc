"""Images as they are released: without metadata, and with every head masked.

Where nobody is in an image its coded pixels are copied. Where a head is masked the picture is coded
anew: a PNG is the same outside of the masks, bit by bit; a JPEG nearly, since it keeps the
quantisation tables and the chroma of the file and is never converted to RGB in between.

The bytes that come out depend on the bytes and people that go in, the rule, and the versions of
Pillow (with its libjpeg-turbo and zlib) and OpenCV (with its libpng and zlib); :func:`coders` names
them. Sums of pixels are of whole numbers and do not depend on the processor.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, features

from backend.domain.errors import Conflict
from backend.domain.masks import BoolMask
from backend.domain.orientation import Orientation
from backend.domain.privacy.check import FrameCheck, check_frame
from backend.domain.privacy.faces import HeadRegion, head_regions
from backend.domain.privacy.people import Person
from backend.domain.privacy.regions import Window
from backend.domain.privacy.rule import MaskingRule
from worker.media.decode import invalid
from worker.media.images import exif_orientation
from worker.media.masking import Left, Pixels, mask_pixels, what_is_left
from worker.media.pixels import DEFAULT_JPEG_QUALITY, upright
from worker.media.stripping import (
    PNG_START,
    Stripped,
    jpeg_profile,
    png_colours,
    stripped,
)

Size = tuple[int, int]

_NOBODY: Final = FrameCheck((), (), None, (), 0.0)


class NotMasked(Conflict):
    """A written image still shows a face, or somebody in it has no mask; nothing was kept of it."""


@dataclass(frozen=True, slots=True)
class Released:
    """An image as it is released.

    Attributes:
        data: The file.
        media_type: Its kind.
        regions: What was masked for whom.
        check: What was found when the written file was looked at.
        coded_anew: Whether pixels were coded again; else they are those of the stored file.
    """

    data: bytes
    media_type: str
    regions: tuple[HeadRegion, ...]
    check: FrameCheck
    coded_anew: bool


def released_image(
    data: bytes,
    name: str,
    people: Sequence[Person],
    rule: MaskingRule | None,
    size: Size,
    *,
    bare: bool = False,
) -> Released:
    """Make the file that a release holds of a stored image.

    Args:
        data: The stored file, JPEG or PNG.
        name: What to call it in errors.
        people: Everybody in the image, adults included; coordinates of the upright image.
        rule: How heads are masked; None where a release masks none.
        size: Width and height that the labels are of, pixels, upright.
        bare: Whether it is known, by its hash, to have been stored without metadata.

    Raises:
        InvalidInput: the file cannot be read, is of another size than its labels, or is coded in a
            way that cannot be masked.
        NotMasked: the written file does not pass the check.
    """
    file = stripped(data, name, bare=bare)
    orientation = _orientation(file, data, name)
    found = orientation.upright_size((file.width, file.height))
    if found != size:
        raise invalid(
            name,
            f"the image has {found[0]} × {found[1]} pixels, its labels are of "
            f"{size[0]} × {size[1]}",
        )
    if rule is None or not people:
        if orientation is Orientation.UPRIGHT:
            return Released(file.data, file.media_type, (), _NOBODY, False)
        picture = _Picture.read(file, name, orientation)
        return Released(picture.written(picture.pixels), file.media_type, (), _NOBODY, True)
    covered = np.zeros((size[1], size[0]), dtype=bool)
    regions = head_regions(people, *size)
    windows = [region.region.window(*size) for region in regions]
    for window in windows:
        covered[window.slices] |= window.inside
    if not covered.any() and orientation is Orientation.UPRIGHT:
        # Everybody's head lies beyond the image.
        check = _checked(name, people, regions, covered)
        return Released(file.data, file.media_type, regions, check, False)
    picture = _Picture.read(file, name, orientation)
    masked = picture.pixels.copy()
    for region, window in zip(regions, windows, strict=True):
        mask_pixels(masked[window.slices], window.inside, rule, region.head_px)
    out = picture.written(masked)
    _look_at(name, picture, out, regions, windows, covered, rule)
    check = _checked(name, people, regions, covered)
    return Released(out, file.media_type, regions, check, True)


def release_file(
    source: Path, target: Path, people: Sequence[Person], rule: MaskingRule | None, size: Size
) -> Released:
    """As :func:`released_image`, from file to file; after an error there is no target."""
    made = released_image(source.read_bytes(), source.name, people, rule, size)
    target.write_bytes(made.data)
    return made


def coders() -> dict[str, str]:
    """Versions on which the bytes of masked images depend, for a release's settings."""
    return {
        "pillow": PIL.__version__,
        "libjpeg": str(features.version("jpg")),
        "zlib": str(features.version("zlib")),
        "opencv": cv2.__version__,
    }


def _orientation(file: Stripped, data: bytes, name: str) -> Orientation:
    if not file.may_turn:
        return Orientation.UPRIGHT
    if file.orientation is not None:
        return Orientation(file.orientation)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            if image.format == "PNG":
                image.load()
            return exif_orientation(image)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise invalid(name, "the image is truncated or damaged") from error


def _checked(
    name: str, people: Sequence[Person], regions: Sequence[HeadRegion], covered: BoolMask
) -> FrameCheck:
    check = check_frame(people, regions, covered)
    if not check.passed:
        who = sorted({face.person for face in check.open_faces} | set(check.unmasked))
        raise NotMasked(
            f"{name}: the face of {', '.join(who)} is not masked.", file=name, people=who
        )
    return check


def _look_at(
    name: str,
    picture: _Picture,
    out: bytes,
    regions: Sequence[HeadRegion],
    windows: Sequence[Window],
    covered: BoolMask,
    rule: MaskingRule,
) -> None:
    """Decode what was written and look for what should be gone.

    Raises:
        NotMasked: a face is still there, or, in a PNG, something else changed.
    """
    read = _Picture.read(stripped(out, name), name, Orientation.UPRIGHT)
    written = read.pixels
    if written.shape != picture.pixels.shape:
        raise NotMasked(f"{name}: the written image has another size.", file=name)
    for region, window in zip(regions, windows, strict=True):
        if not window.inside.any():
            continue
        left: Left = what_is_left(
            picture.brightness(window),
            read.brightness(window),
            window.inside,
            rule,
            region.head_px,
        )
        if not left.hidden:
            raise NotMasked(
                f"{name}: {region.person} can still be recognised: {100 * left.most:.0f} % of the"
                " detail is left.",
                file=name,
                people=[region.person],
            )
    if picture.exact and not np.array_equal(written[~covered], picture.pixels[~covered]):
        raise NotMasked(f"{name}: the image changed outside of its masks.", file=name)


@dataclass(frozen=True)
class _Picture:
    """Decoded pixels, and how to write such a file.

    Attributes:
        pixels: (h, w) or (h, w, channels): YCbCr, RGB or grey of a JPEG, BGR(A) or grey of a PNG.
        file: Where they came from.
        mode: Pillow's name of a JPEG's pixels; empty for a PNG.
        tables: Quantisation tables of a JPEG.
        sampling: Chroma of a JPEG as Pillow counts it.
    """

    pixels: Pixels
    file: Stripped
    mode: str = ""
    tables: dict[int, list[int]] | None = None
    sampling: int = 0

    @property
    def exact(self) -> bool:
        """Whether what is written reads as it was."""
        return not self.mode

    def brightness(self, window: Window) -> NDArray[np.float32]:
        """(h, w) from 0 to 255, of a window; chroma is coarser, and runs over borders."""
        part = self.pixels[window.slices]
        if self.mode == "YCbCr":
            part = part[..., 0]
        elif part.ndim == 3:
            part = part[..., :3].mean(axis=2)
        scale = np.float32(255 / np.iinfo(self.pixels.dtype).max)
        return np.asarray(part, dtype=np.float32) * scale

    @classmethod
    def read(cls, file: Stripped, name: str, orientation: Orientation) -> _Picture:
        """Decode a file and turn it upright."""
        data = file.data
        picture = cls._png(data, file, name) if data.startswith(PNG_START) else None
        picture = picture or cls._jpeg(data, file, name)
        turned = upright(picture.pixels, orientation)
        sampling = 0 if orientation.swaps_sides else picture.sampling
        return cls(turned, file, picture.mode, picture.tables, sampling)

    @classmethod
    def _png(cls, data: bytes, file: Stripped, name: str) -> _Picture:
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None:
            raise invalid(name, "the image is truncated or damaged")
        return cls(np.asarray(pixels), file)

    @classmethod
    def _jpeg(cls, data: bytes, file: Stripped, name: str) -> _Picture:
        try:
            with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
                assert isinstance(image, JpegImagePlugin.JpegImageFile)
                coded_as_rgb = image.info.get("adobe_transform", 1) == 0
                if image.mode == "RGB" and not coded_as_rgb:
                    image.draft("YCbCr", None)
                if image.mode not in ("YCbCr", "RGB", "L"):
                    raise invalid(name, f"an image coded as {image.mode} cannot be masked")
                image.load()
                sampling = JpegImagePlugin.get_sampling(image)
                pixels = np.asarray(image)
                # Unknown chroma is written in full.
                return cls(pixels, file, image.mode, dict(image.quantization), max(sampling, 0))
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise invalid(name, "the image is truncated or damaged") from error

    def written(self, pixels: Pixels) -> bytes:
        """A file of such pixels, without metadata."""
        return self._as_png(pixels) if not self.mode else self._as_jpeg(pixels)

    def _as_png(self, pixels: Pixels) -> bytes:
        done, coded = cv2.imencode(".png", pixels)
        if not done:
            raise RuntimeError("OpenCV could not encode an image as PNG")
        data = coded.tobytes()
        # Behind the header, of 25 bytes; what colours mean comes before all else.
        place = len(PNG_START) + 25
        return data[:place] + png_colours(self.file.data) + data[place:]

    def _as_jpeg(self, pixels: Pixels) -> bytes:
        image = Image.fromarray(np.ascontiguousarray(pixels), mode=self.mode)
        out = io.BytesIO()
        tables = self.tables or {}
        plain = tables and max(max(table) for table in tables.values()) < 256
        options = {"qtables": tables} if plain else {"quality": DEFAULT_JPEG_QUALITY}
        image.save(out, "JPEG", subsampling=self.sampling, **options)
        data = stripped(out.getvalue(), "written image").data
        if self.file.profile is None:
            return data
        # Behind the start and the JFIF segment, of 2 and 18 bytes.
        return data[:20] + b"".join(jpeg_profile(self.file.profile)) + data[20:]
