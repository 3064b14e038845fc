"""What every format is written from and read into: one image with the infant in it, in no format's
own terms.

Coordinates are the product's (``domain.pixels``): continuous, upright. A format takes a stream of
:class:`LabelledFrame` and needs nothing else; it never reads the database. Files of others also
hold the people beside the infant; where nothing tells who the infant is, all are such people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from numpy.typing import NDArray

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.keypoints import Skeleton
from backend.domain.masks import Rle
from backend.domain.outlines import Outline, mask_of


class AreaOf(StrEnum):
    """What an area was measured on."""

    MASK = "mask"
    BOX = "box"
    FILE = "file"
    """An imported file said it, of the mask or box that came with it."""


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """Which frame of which video an image is.

    Attributes:
        file: The video's name or path, as a file of labels gives it.
        index: Its number, from 0.
    """

    file: str
    index: int


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image.

    Attributes:
        id: At least 1. The same in every file that holds the image, whatever else is in it.
        file_name: Path relative to the dataset.
        width: Pixels, upright; 0 where neither labels nor image tell, which few formats can hold.
        height: Pixels, upright; 0 as above.
        licence: Id among the licences of the file, or None.
        facts: Where it belongs: recording, camera, moment …; JSON values.
        source: Where it came from: file, name or frame number in it, ids that it had; JSON values.
        extras: Members that an imported file gave the image and that mean nothing here.
        split: Which part of the dataset it is in: ``train``, ``val`` …; empty where there are none.
        video: Which frame of a video it is, where it is one.
    """

    id: int
    file_name: str
    width: int
    height: int
    licence: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    split: str = ""
    video: VideoFrame | None = None


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

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        height, width = self.rle["size"]
        return width, height


class OutlinedMask(LabelledMask):
    """A mask of outlines, which are filled when its pixels are first asked for.

    Filling takes longer than all the rest of reading a person, and many formats want no masks.

    Args:
        outlines: Each x1, y1, x2, y2, … in image pixels; such that they can be filled.
        width: Of the image, pixels.
        height: Of the image, pixels.
    """

    __slots__ = ("_filled", "_size")

    def __init__(self, outlines: tuple[Outline, ...], width: int, height: int) -> None:
        object.__setattr__(self, "outlines", outlines)
        object.__setattr__(self, "_size", (width, height))
        object.__setattr__(self, "_filled", None)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        found: tuple[int, int] = self._size  # type: ignore[attr-defined]
        return found

    @property
    def rle(self) -> Rle:
        """Run lengths."""
        return self._pixels()[0]

    @property
    def area(self) -> int:
        """Pixels."""
        return self._pixels()[1]

    def _pixels(self) -> tuple[Rle, int]:
        found: tuple[Rle, int] | None = self._filled  # type: ignore[attr-defined]
        if found is None:
            mask = mask_of(self.outlines or (), *self.size)
            found = masks.encode(mask), int(mask.sum())
            object.__setattr__(self, "_filled", found)
        return found


@dataclass(frozen=True, slots=True)
class FitReference:
    """Where the body of the infant is to be found.

    Attributes:
        file: Name of the file of body fits; empty where it is not written beside.
        index: Row of that file.
        view: Which of that row's views.
        quality_mm: Mean error of its joints that is to be expected; None where it is not known.
    """

    file: str
    index: int
    view: int
    quality_mm: float | None = None

    def told(self) -> dict[str, Any]:
        """As files name it; an expected error that is not known is left out."""
        told: dict[str, Any] = {"file": self.file, "index": self.index, "view": self.view}
        return told if self.quality_mm is None else told | {"quality_mm": self.quality_mm}


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
class PersonMarks:
    """What files say of a person beside joints, box and mask.

    Attributes:
        name: What the person is called: a label, a category; empty where nothing is said.
        track: Who this is in other images; empty where nothing is said.
        score: Confidence of a model, or None.
        joint_scores: Confidence of each joint, 17 in COCO's order, or None.
    """

    name: str = ""
    track: str = ""
    score: float | None = None
    joint_scores: tuple[float, ...] | None = None


UNMARKED: Final = PersonMarks()


@dataclass(frozen=True, slots=True)
class LabelledPerson:
    """One person in an image.

    Attributes:
        joints: All absent where only a box or a mask is known.
        box: Image pixels, or None.
        mask: Or None.
        marks: What else is said.
        imported: What an annotation file said, if the person came from one.
        infant: Whether this is the infant.
    """

    joints: Skeleton
    box: Box | None = None
    mask: LabelledMask | None = None
    marks: PersonMarks = UNMARKED
    imported: ImportedPerson | None = None
    infant: bool = False

    @property
    def area(self) -> tuple[float, AreaOf]:
        """Pixels of the person, with which OKS scales, and what they were measured on."""
        return _area(self.imported, self.mask, self.box)


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
        marks: What files say of the infant beside.
        others: The other people in the image.
    """

    image: LabelledImage
    infant: LabelledInfant | None = None
    joints: Skeleton | None = None
    box: Box | None = None
    mask: LabelledMask | None = None
    fit: FitReference | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    imported: ImportedPerson | None = None
    marks: PersonMarks = UNMARKED
    others: tuple[LabelledPerson, ...] = ()

    @property
    def area(self) -> tuple[float, AreaOf]:
        """Pixels of the infant, with which OKS scales, and what they were measured on."""
        return _area(self.imported, self.mask, self.box)

    @property
    def people(self) -> tuple[LabelledPerson, ...]:
        """Everybody in the image, the infant first."""
        if self.joints is None:
            return self.others
        infant = LabelledPerson(
            self.joints, self.box, self.mask, self.marks, self.imported, infant=True
        )
        return (infant, *self.others)


def _area(
    imported: ImportedPerson | None, mask: LabelledMask | None, box: Box | None
) -> tuple[float, AreaOf]:
    if imported is not None and imported.area is not None:
        return imported.area, AreaOf.FILE
    if mask is not None:
        return float(mask.area), AreaOf.MASK
    return (box.width * box.height if box else 0.0), AreaOf.BOX


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


def in_playback(fps: float | None) -> dict[str, Any]:
    """How a frame was accepted, where that was as one of many seen in playback."""
    return {} if fps is None else {"accepted": "in playback", "playback_fps": fps}
