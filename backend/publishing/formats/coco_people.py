"""People of a COCO file in whom nothing is odd, many at once, as columns.

Most people of most files are such, and most who ask for them only store their numbers: a person of
dataclasses is made of a row only where somebody wants it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.infants import PersonRole
from backend.domain.keypoints import StoredSkeleton
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.coco import NAMESPACE, CocoAnnotation, Key
from backend.publishing.formats.coco_elements import shared_provenance
from backend.publishing.formats.coco_shapes import whole_rle
from backend.publishing.formats.label_source import KeptMembers

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PeopleColumns:
    """See the module. None of them is a crowd or without joints.

    Attributes:
        places: (people,) places in the block that they come from, rising.
        ids: Their ids.
        images: Ids of their images.
        joints: (people, 51) in COCO's order; absent ones are at (0, 0).
        boxes: (people, 4) left, top, width, height; NaN where there is none.
        areas: (people,) square pixels; NaN where the file has none.
        scores: (people,) confidences; NaN where the file has none.
        categories: Ids of their categories.
        roles: Whether they are the infant, as far as names tell.
        masks: Their masks, as JSON; null where they have none.
        members: What the file says of each, as JSON.
        sources: What the database keeps of each, as JSON; None where they were not moved into the
            product's pixels.
    """

    places: Sequence[int]
    ids: Sequence[Key]
    images: Sequence[Key]
    joints: NDArray[np.float64]
    boxes: NDArray[np.float64]
    areas: NDArray[np.float64]
    scores: NDArray[np.float64]
    categories: Sequence[Key]
    roles: Sequence[PersonRole]
    masks: Sequence[bytes]
    members: Sequence[bytes]
    sources: Sequence[bytes] | None

    def __len__(self) -> int:
        return len(self.places)

    def person(self, row: int) -> CocoAnnotation:
        """One of them."""
        box, area, score = self.boxes[row], self.areas[row], self.scores[row]
        members = KeptMembers(self.members[row])
        provenance = members.plain().get(NAMESPACE)
        mask = orjson.loads(self.masks[row])
        # By their places: names take longer, for each of many people.
        return CocoAnnotation(
            self.ids[row],
            self.images[row],
            StoredSkeleton(self.joints[row]),
            None if np.isnan(box[0]) else Box(*box.tolist()),
            None if np.isnan(area) else float(area),
            whole_rle(mask) if mask else None,
            False,
            None if np.isnan(score) else float(score),
            None,
            self.categories[row],
            self.roles[row],
            None,
            shared_provenance(provenance) if provenance else _NOTHING,
            members,
            None if self.sources is None else orjson.loads(self.sources[row]),
        )

    def joints_outside(self, sizes: NDArray[np.float64]) -> NDArray[np.intp]:
        """How many joints of each are beyond the border of an image (people, 2) wide and high.

        As ``domain.pixels.joints_outside`` counts them of one.
        """
        joints = self.joints.reshape(-1, N_JOINTS, 3)
        places = joints[:, :, :2]
        inside = ((places >= 0) & (places <= sizes[:, None])).all(axis=2)
        beyond: NDArray[np.intp] = np.count_nonzero((joints[:, :, 2] != 0) & ~inside, axis=1)
        return beyond


NOBODY: Final = PeopleColumns(
    (), (), (), np.empty((0, 3 * N_JOINTS)), np.empty((0, 4)), np.empty(0), np.empty(0), (), (),
    (), (), (),
)  # fmt: skip


def sizes_of(boxes: NDArray[np.float64], joints: NDArray[np.float64]) -> list[float]:
    """Square pixels of people's boxes (people, 4), or of the extents of their joints (people, 51).

    Args:
        boxes: NaN where there is none.
        joints: At least one of each is there.
    """
    marked = joints.reshape(-1, N_JOINTS, 3)
    absent = (marked[:, :, 2] == 0)[:, :, None]
    places = marked[:, :, :2]
    low = np.where(absent, np.inf, places).min(axis=1)
    high = np.where(absent, -np.inf, places).max(axis=1)
    extents = (high - low).prod(axis=1)
    sizes: list[float] = np.where(
        np.isnan(boxes[:, 0]), extents, boxes[:, 2] * boxes[:, 3]
    ).tolist()
    return sizes
