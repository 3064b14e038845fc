"""Formats that are folders: names that stay inside, and images beside the labels."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Final

from backend.domain.errors import InvalidInput
from backend.publishing.formats.holding import Losses
from backend.publishing.formats.image_places import ImagePlaces
from backend.publishing.labelled import LabelledImage

IMAGE_SUFFIXES: Final = frozenset(
    (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".jp2")
)


def relative(name: str) -> PurePosixPath:
    """A file name of a record as a path below a folder.

    Raises:
        InvalidInput: it is empty, absolute, or climbs out of its folder.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part != "."]
    drive = bool(parts) and parts[0].endswith(":")
    if not parts or path.is_absolute() or drive or ".." in parts or "\0" in name:
        raise InvalidInput(
            f"{name!r} names no file inside of a folder.", file=name, fault="path outside"
        )
    return PurePosixPath(*parts)


def inside(root: Path, name: str) -> Path | None:
    """A path that a file names, below ``root``; None where it leads out of it."""
    path = (root / name.replace("\\", "/")).resolve()
    return path if path.is_relative_to(root.resolve()) else None


class ImageCopies:
    """Puts images beside labels: as hard links where that is possible, else as copies.

    Args:
        places: Where they lie; None: nowhere.
        losses: Counts those that were not found.
    """

    def __init__(self, places: ImagePlaces | None, losses: Losses) -> None:
        self._places = places
        self._losses = losses

    def put(self, image: LabelledImage, target: Path) -> bool:
        """Put one image at ``target``; whether it was found."""
        source = None
        if self._places is not None:
            source = self._places.find(image.file_name, image.split)
        if source is None:
            self._losses.add(
                "{n} image was not found and is not in the folder.",
                "{n} images were not found and are not in the folder.",
            )
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
        return True
