"""What COCO keypoint files hold, as dataclasses. Source: cocodataset.org, "Data format"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from backend.domain.boxes import Box
from backend.domain.keypoints import Skeleton

NAMESPACE: Final = "infantnet"
"""Key under which images and annotations carry what COCO has no place for."""


@dataclass(frozen=True, slots=True)
class Rle:
    """A mask in COCO's compressed run-length form.

    Attributes:
        height: Pixels of the mask, which are the image's.
        width: Pixels.
        counts: The compressed counts as pycocotools writes them, in ASCII.
    """

    height: int
    width: int
    counts: str


Polygons = tuple[tuple[float, ...], ...]
"""Outlines x1, y1, x2, y2, …, at least three points each."""


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One image that was read. ``provenance`` is empty in files of others."""

    id: int
    file_name: str
    width: int
    height: int
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CocoAnnotation:
    """One person that was read.

    Attributes:
        id: The file's id.
        image_id: Id of the image.
        skeleton: The joints; absent ones are at (0, 0) whatever the file says.
        box: Image pixels; None where the file has none or an empty one.
        area: Square pixels; None where the file has none.
        segmentation: Mask, outlines, or None.
        iscrowd: Whether it stands for a group of people.
        score: Confidence where a model wrote the file, else None.
        provenance: Empty in files of others.
    """

    id: int
    image_id: int
    skeleton: Skeleton
    box: Box | None = None
    area: float | None = None
    segmentation: Rle | Polygons | None = None
    iscrowd: bool = False
    score: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CocoDataset:
    """A COCO keypoint file.

    Attributes:
        info: The file's ``info``.
        licenses: The file's ``licenses``.
        images: In the order of the file.
        candidates: Image id → people in that image, in the order of the file. Images without
            people have no entry.
        ignored_annotations: Annotations of categories without keypoints, which were left out.
    """

    info: Mapping[str, Any]
    licenses: Sequence[Mapping[str, Any]]
    images: Sequence[CocoImage]
    candidates: Mapping[int, Sequence[CocoAnnotation]]
    ignored_annotations: int = 0
