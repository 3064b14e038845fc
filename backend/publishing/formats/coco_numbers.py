"""The numbers of many people as COCO files have them: rounded, and by the file's rule of pixels.

The rules are ``domain.pixels``'; they are applied to the numbers of many people at once here,
because a skeleton for each step would take as long as all the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.keypoints import Skeleton, StoredSkeleton
from backend.domain.pixels import OutsideJoints
from backend.publishing.formats.boxed import drawn_box
from backend.publishing.formats.holding import Losses
from backend.publishing.formats.writing import DECIMALS, WriteOptions, outside_note
from backend.publishing.labelled import AreaOf, LabelledFrame, LabelledImage, LabelledPerson
from backend.publishing.labelled_columns import LabelledColumns


class PersonNumbers(NamedTuple):
    """What is written of a person in numbers.

    Attributes:
        keypoints: 51 numbers, absent joints at 0.
        present: How many joints are there.
        box: Left, top, width, height; None where there is no box.
        edges: The same rounded; zeros where there is none.
        area: Pixels, rounded.
        area_of: What they were measured on.
        finite: Whether the area is a size.
    """

    keypoints: list[float]
    present: int
    box: Box | None
    edges: list[float]
    area: float
    area_of: AreaOf
    finite: bool


class JointNumbers:
    """Joints on their way out, with a count of those beyond the border."""

    def __init__(self, options: WriteOptions) -> None:
        self._drop = options.outside is OutsideJoints.DROP
        self._rule = options.outside
        self._shift = options.pixels.shift
        self._beyond = self._images = 0

    def of_frames(
        self,
        frames: Sequence[LabelledFrame],
        everybody: Sequence[Sequence[LabelledPerson]],
        losses: Losses,
    ) -> list[PersonNumbers]:
        """The numbers of everybody in some frames, in their order."""
        people = [
            (frame.image, person)
            for frame, those in zip(frames, everybody, strict=True)
            for person in those
        ]
        if not people:
            return []
        flat = np.array([_flat(person.joints) for _, person in people], dtype=np.float64)
        sizes = np.array([(image.width, image.height) for image, _ in people], dtype=np.float64)
        keypoints, counts = self._written(flat, sizes[:, :1], sizes[:, 1:])
        boxes = [_box_of(image, person, losses) for image, person in people]
        areas = [person.area for _, person in people]
        edges = rounded(
            [(0.0,) * 4 if box is None else (box.x, box.y, box.width, box.height) for box in boxes]
        )
        return [
            PersonNumbers(
                keypoints=numbers,
                present=count,
                box=box,
                edges=sides,
                area=area,
                area_of=area_of,
                finite=math.isfinite(area) and area >= 0,
            )
            for numbers, count, box, sides, area, (_, area_of) in zip(
                keypoints, counts, boxes, edges, rounded([area for area, _ in areas]), areas,
                strict=True,
            )
        ]  # fmt: skip

    def of_columns(self, columns: LabelledColumns) -> tuple[list[bytes], list[int]]:
        """Of each infant the 51 numbers as JSON has them, and how many joints are there."""
        widths = np.array(columns.widths, np.float64)[:, None]
        heights = np.array(columns.heights, np.float64)[:, None]
        keypoints, counts = self._written(columns.joints, widths, heights)
        return row_texts(keypoints), counts

    def notes(self) -> tuple[str, ...]:
        """What there is to say of joints beyond the border."""
        return (outside_note(self._beyond, self._images, self._rule),) if self._beyond else ()

    def _written(
        self,
        flat: NDArray[np.float64],
        width: NDArray[np.float64],
        height: NDArray[np.float64],
    ) -> tuple[list[list[float]], list[int]]:
        """Joints (people, 51) as they are written, and how many of each person are present."""
        x, y, v = flat[:, 0::3], flat[:, 1::3], flat[:, 2::3]
        present = v != 0
        inside = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
        per_person = np.count_nonzero(present & ~inside, axis=1)
        self._beyond += int(per_person.sum())
        self._images += int(np.count_nonzero(per_person))
        shown = present & inside if self._drop else present
        seen = np.where(shown, v, 0).astype(np.int64)
        # An array of objects: of visibility, whole numbers are written.
        written = np.empty(flat.shape, object)
        written[:, 0::3] = _rounded(np.where(shown, x - self._shift, 0.0))
        written[:, 1::3] = _rounded(np.where(shown, y - self._shift, 0.0))
        written[:, 2::3] = seen
        return written.tolist(), np.count_nonzero(seen, axis=1).tolist()


def rounded(values: Any) -> list[Any]:
    """Numbers of any shape as they are written."""
    found: list[Any] = _rounded(np.array(values, dtype=np.float64)).tolist()
    return found


def row_texts(rows: Sequence[Sequence[float]]) -> list[bytes]:
    """Lists of numbers, at least one in each, as JSON has them without their brackets."""
    return orjson.dumps(rows)[2:-2].split(b"],[")


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(values, DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


def _flat(skeleton: Skeleton) -> Sequence[float] | NDArray[np.float64]:
    """51 numbers that a skeleton may hold; absent joints may have a place."""
    return skeleton.values if isinstance(skeleton, StoredSkeleton) else skeleton.to_flat()


def _box_of(image: LabelledImage, person: LabelledPerson, losses: Losses) -> Box | None:
    if person.box is None and not person.infant:
        return drawn_box(person, image, losses)
    return person.box
