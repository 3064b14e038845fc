"""What all formats share: what they are asked for, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from backend.domain.pixels import COCO_JOINTS, OutsideJoints, PixelRule
from backend.publishing.formats.image_places import ImagePlaces

DECIMALS: Final = 9
"""Coordinates and areas are rounded so far that what was imported comes out as it came."""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a file is to be written.

    Attributes:
        title: Of the dataset.
        version: Of the dataset.
        contributor: Who made it.
        created: By default now.
        licences: Objects with ``id``, ``name`` and ``url``, to which images refer.
        about: What the file says of itself beside; JSON values.
        pixels: The rule by which joints leave. Formats of programs that know one rule only go by
            that one, and say so.
        outside: What becomes of joints beyond the border.
        scratch: Folder for temporary files, by default the system's.
        images: Where the images lie, for formats that hold them or copies of them.
    """

    title: str
    version: str = "1.0"
    contributor: str = "infantnet"
    created: datetime | None = None
    licences: Sequence[Mapping[str, Any]] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    pixels: PixelRule = COCO_JOINTS
    outside: OutsideJoints = OutsideJoints.KEEP
    scratch: Path | None = None
    images: ImagePlaces | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        images: How many images.
        annotations: How many infants in them.
        fits: How many body fits.
        notes: What there is to say about it, in words.
    """

    images: int = 0
    annotations: int = 0
    fits: int = 0
    notes: tuple[str, ...] = ()


def outside_note(joints: int, images: int, outside: OutsideJoints) -> str:
    """How many joints lay beyond the borders of their images, and what became of them."""
    of = f"{joints:,} {'joint' if joints == 1 else 'joints'} of {images:,} "
    where = "image lie beyond its border" if images == 1 else "images lie outside them"
    if joints == 1:
        where = "image lies beyond its border"
    done = "kept as placed" if outside is OutsideJoints.KEEP else "written as not present"
    return f"{of}{where} and {'was' if joints == 1 else 'were'} {done}."
