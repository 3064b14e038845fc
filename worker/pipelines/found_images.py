"""Images that labels name, held against the files that were sent: one rule for all formats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.file_names import IMAGE_SUFFIXES, How, NameMatch
from backend.domain.oddities import Answer, Odd
from backend.domain.orientation import LabelPixels
from backend.publishing.formats.coco import CocoImage
from backend.publishing.formats.findings import Findings
from worker.media.images import read_header
from worker.media.sources import ImageSource
from worker.pipelines.coco_turns import Turns

_ODD_OF: Final[Mapping[How, Odd]] = {
    How.SPELLING: Odd.IMAGE_NAME_DIFFERS,
    How.ENCODING: Odd.IMAGE_NAME_DIFFERS,
    How.FOLDER: Odd.IMAGE_NAME_DIFFERS,
    How.OTHER_FOLDER: Odd.IMAGE_OTHER_FOLDER,
    How.OTHER_EXTENSION: Odd.IMAGE_OTHER_EXTENSION,
    How.TRAILING_NUMBER: Odd.IMAGE_BY_NUMBER,
    How.AMBIGUOUS: Odd.IMAGE_AMBIGUOUS,
    How.MISSING: Odd.IMAGE_NOT_SENT,
}


def sized(
    image: CocoImage,
    match: NameMatch,
    source: ImageSource,
    findings: Findings,
    turns: Turns,
    reach: tuple[float, float] | None,
    max_pixels: int,
) -> CocoImage | None:
    """An image with the true size of the pixels that its labels count; None: it is left out.

    Args:
        image: As the labels say.
        match: The file that was found for its name.
        source: The files.
        findings: Takes down what is odd.
        turns: Takes down how Exif turns it.
        reach: The furthest x and y of its joints; None where it has none.
        max_pixels: Largest allowed image.
    """
    shown = image.file_name or f"image {image.id}"
    odd = _ODD_OF.get(match.how)
    if match.how is How.OTHER_EXTENSION and _has_no_extension(image.file_name):
        odd = Odd.IMAGE_NAME_DIFFERS
    if match.how is How.FOLDER and f"/{match.files[0]}".endswith(f"/{image.file_name}"):
        odd = None  # the archive only has a folder around what the labels name
    if odd is not None:
        answer = findings.odd(odd, image=shown, detail=_told(match))
        if answer is not Answer.MAP:
            return None
    try:
        header = read_header(source, match.files[0], max_pixels=max_pixels)
    except (InvalidInput, TooLarge) as error:
        findings.odd(Odd.IMAGE_BROKEN, image=shown, detail=str(error.context.get("fault", "")))
        return None
    sizes = {header.upright, (header.width, header.height)}
    if None not in (image.width, image.height) and (image.width, image.height) not in sizes:
        width, height = header.upright
        detail = f"stated as {image.width} x {image.height} pixels, has {width} x {height}"
        if findings.odd(Odd.IMAGE_SIZE_DIFFERS, image=shown, detail=detail) is not Answer.MAP:
            return None
    return turns.turned(image, header, reach, shown)


def upright_size(image: CocoImage) -> tuple[int, int]:
    """Width and height of the frame that an image becomes."""
    size = (image.width or 0, image.height or 0)
    turned = image.labels is LabelPixels.STORED
    return image.orientation.upright_size(size) if turned else size


def _has_no_extension(name: str) -> bool:
    return PurePosixPath(name.replace("\\", "/")).suffix.casefold() not in IMAGE_SUFFIXES


def _told(match: NameMatch) -> str:
    if match.how is How.MISSING:
        return "no such file was sent"
    if match.how is How.AMBIGUOUS:
        return f"fits {', '.join(match.files)}"
    return f"found as {match.files[0]}"
