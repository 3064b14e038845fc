"""Where the images of a set of labels lie, and how large they are.

File names of a set begin where its tool began them: beside the labels (labelme), at the set's
folder (this program's releases), or at ``images/SPLIT`` of it (COCO's own folders, YOLO). Nothing
in the files tells which, so the places are looked through, likeliest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from PIL import Image, UnidentifiedImageError

from backend.domain.limits import MAX_IMAGE_PIXELS
from backend.domain.orientation import Orientation

KEYPOINTS_PREFIX: Final = "person_keypoints_"
"""Begins the name of a file of COCO's folders; its split follows."""

_SUFFIXES: Final = (".jpg", ".png", ".jpeg", ".webp", ".bmp", ".tif")
_EXIF_ORIENTATION: Final = 0x0112


class ImagePlaces:
    """The folders in which images of a file or folder of labels may lie.

    Args:
        labels: The file or folder.
        given: Where somebody said that they are; looked at first.
    """

    def __init__(self, labels: Path, given: Path | None = None) -> None:
        folder = labels if labels.is_dir() else labels.parent
        self._split = "" if labels.is_dir() else labels.stem.removeprefix(KEYPOINTS_PREFIX)
        self._roots = [folder]
        if not labels.is_dir() and folder.absolute().name == "annotations":
            self._roots.append(folder.parent)
        if given is not None:
            self._roots.insert(0, given)

    def folders(self, split: str = "") -> Iterator[Path]:
        """These folders, likeliest first; those of a split before those of all."""
        split = split or self._split
        for root in self._roots:
            if split:
                yield root / "images" / split
            yield root / "images"
            yield root / "data"
            yield root

    def find(self, name: str, split: str = "") -> Path | None:
        """An image that labels name, or None; also where folders of its name are gone.

        A name that climbs out of its folder names no image of the set.
        """
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or "\0" in name:
            return None
        for part in dict.fromkeys((path, PurePosixPath(path.name))):
            for folder in self.folders(split):
                if (folder / part).is_file():
                    return folder / part
        return None


class Sizes:
    """Sizes of images, where labels do not tell: upright, from the images' headers.

    Args:
        places: Where images are.
        size: Width and height of all images, where nothing else tells.
    """

    def __init__(self, places: ImagePlaces, size: tuple[int, int] | None = None) -> None:
        self.looked = False
        """Whether a size was asked for since somebody last set this to false."""
        self._places = places
        self._size = size

    def of(self, name: str) -> tuple[int, int]:
        """Width and height of an image, (0, 0) where nothing tells."""
        path = self._places.find(name)
        return self._size or (0, 0) if path is None else self.of_file(path)

    def of_file(self, path: Path) -> tuple[int, int]:
        """Width and height of an image that is there, (0, 0) where it cannot be read."""
        self.looked = True
        return _upright_size(path) or self._size or (0, 0)

    def with_suffix(self, stem: str) -> Path | None:
        """The image of that name whatever its suffix, or None."""
        return next((p for s in _SUFFIXES if (p := self._places.find(stem + s)) is not None), None)


def _upright_size(path: Path) -> tuple[int, int] | None:
    """Width and height of an image as it is seen, by its header; None where it is no image."""
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(_EXIF_ORIENTATION, 1) if image.format == "JPEG" else 1
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if not 0 < width * height <= MAX_IMAGE_PIXELS:
        return None
    across = turned in {int(o) for o in Orientation} and int(turned) >= 5
    return (height, width) if across else (width, height)
