"""Where the images of a set lie, and what is known of those that were read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from backend.domain.splits.file_evidence import split_word

_ANNOTATION_FOLDERS: Final = ("annotations", "annotation", "labels", "coco")

MAX_IMAGE_BYTES: Final = 512 << 20
"""Larger files are not read."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What one image file is.

    Attributes:
        sha256: Of the file, hex digits.
        difference_hash: Of its upright pixels, as the import takes it; None where it cannot be
            decoded.
    """

    sha256: str
    difference_hash: int | None


@dataclass(slots=True)
class SplitPictures:
    """The image files of one split.

    Attributes:
        found: By number of the image.
        missing: Numbers of images whose file was not found.
        unreadable: Words by number, of files that could not be read or decoded.
    """

    found: dict[int, Picture] = field(default_factory=dict)
    missing: list[int] = field(default_factory=list)
    unreadable: dict[int, str] = field(default_factory=dict)


def image_roots(given: Sequence[Path], annotation_files: Sequence[Path], split: str) -> list[Path]:
    """Folders in which a split's images are looked for, the likeliest first.

    That is the folders that somebody named, else those around the annotation files, and in both
    ``images`` and what is named after the split, such as ``val2017``. Where one of several named
    folders is named after the split, those named after others are passed over: the same number
    there is another image.

    Args:
        given: Folders that somebody named.
        annotation_files: The split's files.
        split: Its name.
    """
    around: list[Path] = []
    for file in annotation_files:
        around.append(file.parent)
        if file.parent.name.casefold() in _ANNOTATION_FOLDERS:
            around.append(file.parent.parent)
    named = any(_is_of(folder, split) for folder in given)
    bases = [folder for folder in given if not (named and _of_another(folder, split))] + around
    bases += [base / "images" for base in bases]
    own = [folder for base in bases for folder in _folders(base) if _is_of(folder, split)]
    roots = [*own, *(folder / "images" for folder in own), *bases]
    return list(dict.fromkeys(root for root in roots if root.is_dir()))


def _folders(base: Path) -> list[Path]:
    """What stands in a folder and is one; images by the hundred thousand are not asked."""
    try:
        with os.scandir(base) as entries:
            return sorted(base / entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []


def _is_of(folder: Path, split: str) -> bool:
    return folder.name == split or (
        split_word(folder.name) is not None and split_word(folder.name) == split_word(split)
    )


def _of_another(folder: Path, split: str) -> bool:
    return split_word(folder.name) is not None and not _is_of(folder, split)


def locate(name: str, roots: Sequence[Path]) -> Path | None:
    """The file of an image; None where it is in none of the folders.

    A name never leads out of a folder: ``..`` and the beginning of absolute names are passed over.
    Folders of the name are kept, since 000001.jpg of another folder is another image.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part not in ("/", ".", "..") and part[1:] != ":"]
    if not parts or any("\0" in part for part in parts):
        return None
    inside = Path(*parts)
    for root in roots:
        try:
            file = root / inside
            if file.is_file():
                return file
        except OSError:
            return None
    return None
