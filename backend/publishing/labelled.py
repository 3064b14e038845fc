"""What every format is written from: one image with the infant in it, in no format's own terms.

Coordinates are the product's (``domain.pixels``): continuous, upright. A format takes a stream of
:class:`LabelledFrame` and needs nothing else; it never reads the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.keypoints import Skeleton
from backend.domain.masks import Rle
from backend.domain.outlines import Outline


class AreaOf(StrEnum):
    """What an area was measured on."""

    MASK = "mask"
    BOX = "box"
    FILE = "file"
    """An imported file said it, of the mask or box that came with it."""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image.

    Attributes:
        id: At least 1. The same in every file that holds the image, whatever else is in it.
        file_name: Path relative to the dataset.
        width: Pixels, upright.
        height: Pixels, upright.
        licence: Id among the licences of the file, or None.
        facts: Where it belongs: recording, camera, moment …; JSON values.
        source: Where it came from: file, name or frame number in it, ids that it had; JSON values.
        extras: Members that an imported file gave the image and that mean nothing here.
    """

    id: int
    file_name: str
    width: int
    height: int
    licence: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledInfant:
    """Who is to be seen, by pseudonym."""

    pseudonym: str
    sex: str | None = None
    age_months: float | None = None


@dataclass(frozen=True, slots=True)
class LabelledMask:
    """The infant's mask.

    Attributes:
        rle: Run lengths; their size is the image's.
        area: Pixels.
        outlines: The same mask as the outlines that it was imported as, or None.
    """

    rle: Rle
    area: int
    outlines: tuple[Outline, ...] | None = None


@dataclass(frozen=True, slots=True)
class FitReference:
    """Where the body of the infant is to be found.

    Attributes:
        file: Name of the file of body fits; empty where it is not written beside.
        index: Row of that file.
        view: Which of that row's views.
    """

    file: str
    index: int
    view: int


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """What an annotation file said of the person whom the infant was imported as.

    Attributes:
        category: Its category: id, name …; None where the file named none.
        crowd: Whether it stood for a group of people, and nobody has touched it since.
        area: The area that it gave for the mask or box that is still in use; None otherwise.
        source: Its ids and what it said of box, area and mask; JSON values.
        extras: Members that mean nothing here: track ids, attributes …
    """

    category: Mapping[str, Any] | None = None
    crowd: bool = False
    area: float | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """One image with the infant in it.

    Attributes:
        image: The image.
        infant: Who it is; None where that is not known.
        joints: The infant's joints; None where nobody is in the image.
        box: The infant's box; None where nobody is in the image.
        mask: The infant's mask, if there is one.
        fit: Where the infant's body is, if it is written beside.
        provenance: How joints, box and mask came about; JSON values.
        imported: What an annotation file said, if the person came from one.
    """

    image: LabelledImage
    infant: LabelledInfant | None = None
    joints: Skeleton | None = None
    box: Box | None = None
    mask: LabelledMask | None = None
    fit: FitReference | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    imported: ImportedPerson | None = None

    @property
    def area(self) -> tuple[float, AreaOf]:
        """Pixels of the infant, with which OKS scales, and what they were measured on."""
        if self.imported is not None and self.imported.area is not None:
            return self.imported.area, AreaOf.FILE
        if self.mask is not None:
            return float(self.mask.area), AreaOf.MASK
        return (self.box.width * self.box.height if self.box else 0.0), AreaOf.BOX


@dataclass(frozen=True, slots=True)
class BodyFits:
    """Body fits of recordings, by recording and group of frames.

    Attributes:
        arrays: By name in the file that ``docs/export.md`` describes.
        references: For each frame that a fit was made from, its row and view.
    """

    arrays: Mapping[str, NDArray[Any]]
    references: Mapping[int, FitReference]

    @property
    def count(self) -> int:
        """How many fits."""
        return len(self.arrays["pose"])
