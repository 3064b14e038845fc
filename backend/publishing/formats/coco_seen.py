"""What the annotations of a whole COCO file tell of how they are counted and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.publishing.formats.coco import CocoImage, Key
from backend.publishing.formats.coco_alike import AlikeColumns
from backend.publishing.formats.coco_elements import read_key
from backend.publishing.formats.coco_joints import MAX_COORDINATE, triple_count
from backend.publishing.formats.coco_kept import Block, Rows
from backend.publishing.formats.coco_shapes import (
    MAX_NUMBER,
    corners_of_numbers,
    sides,
    told_corners,
)
from backend.publishing.formats.findings import Spot

_NUMBERS: Final = (int, float)


@dataclass(slots=True)
class SeenPlaces:
    """What the joints of a file tell of how they are counted.

    Attributes:
        whole_numbers: Whether all coordinates so far are whole.
        reach: The furthest x and y of the joints of each image.
    """

    whole_numbers: bool = True
    reach: dict[Key, tuple[float, float]] = field(default_factory=dict)

    def note(self, image: Key | None, keypoints: Any) -> None:
        """Look at a ``keypoints`` member; what cannot be read is passed over."""
        right, bottom = self.reach.get(image, (0.0, 0.0)) if image is not None else (0.0, 0.0)
        seen = False
        for x, y in _placed(keypoints):
            seen = True
            right, bottom = max(right, x), max(bottom, y)
            if self.whole_numbers and not (float(x).is_integer() and float(y).is_integer()):
                self.whole_numbers = False
        if seen and image is not None:
            self.reach[image] = (right, bottom)

    def note_all(self, images: Sequence[Key | None], joints: NDArray[np.float64]) -> None:
        """The same for many members that are plain numbers (people, joints, 3)."""
        places = joints[:, :, :2]
        placed = (joints[:, :, 2] != 0) & (np.abs(places) <= MAX_COORDINATE).all(axis=2)
        if self.whole_numbers and (places[placed] != np.floor(places[placed])).any():
            self.whole_numbers = False
        furthest = np.where(placed[:, :, None], places, -np.inf).max(axis=1).tolist()
        for image, (x, y), any_placed in zip(
            images, furthest, placed.any(axis=1).tolist(), strict=True
        ):
            if any_placed and image is not None:
                right, bottom = self.reach.get(image, (0.0, 0.0))
                self.reach[image] = (max(right, x), max(bottom, y))

    def join(self, same_image: Mapping[Key, Key]) -> None:
        """Count what was said of one image under several ids together."""
        for other, image in same_image.items():
            if other in self.reach:
                (x, y), (right, bottom) = self.reach[other], self.reach.get(image, (0.0, 0.0))
                self.reach[image] = (max(x, right), max(y, bottom))


@dataclass(slots=True)
class SeenJoints:
    """What the joints of a file tell of how they are written.

    Attributes:
        places: Of how they are counted.
        with_joints: Annotations that have a ``keypoints`` member that is not empty.
        labelled: Those of them that mark a joint as labelled and do not stand for a crowd.
        ones: Third values that are 1.
        other_marks: Whether some third value is neither 0 nor 1.
    """

    places: SeenPlaces
    with_joints: int = 0
    labelled: int = 0
    ones: int = 0
    other_marks: bool = False

    def note_numbers(self, images: Sequence[Key | None], numbers: NDArray[np.float64]) -> None:
        """Look at the joints (people, 3 n) of annotations that do not stand for a crowd."""
        joints = numbers.reshape(len(numbers), -1, 3)
        marks = joints[:, :, 2]
        self.with_joints += len(joints)
        self.labelled += int(np.count_nonzero((marks != 0).any(axis=1)))
        self._marks(marks)
        self.places.note_all(images, joints)

    def _marks(self, marks: NDArray[np.float64]) -> None:
        ones = marks == 1
        self.ones += int(np.count_nonzero(ones))
        self.other_marks = self.other_marks or bool(((marks != 0) & ~ones).any())

    def note(
        self, elements: Sequence[Mapping[str, Any]], images: Sequence[Key | None], rows: Rows
    ) -> None:
        """Look at a block of annotations, with the keys of their images and joints' numbers."""
        members = [element.get("keypoints") for element in elements]
        left = {i for i, joints in enumerate(members) if joints}
        self.with_joints += len(left)
        for chosen, numbers in rows:
            left.difference_update(chosen)
            joints = numbers.reshape(len(chosen), -1, 3)
            marks = joints[:, :, 2]
            marked = (marks != 0).any(axis=1).tolist()
            crowds = [bool(elements[i].get("iscrowd")) for i in chosen]
            self.labelled += sum(m and not c for m, c in zip(marked, crowds, strict=True))
            self._marks(marks)
            self.places.note_all([images[i] for i in chosen], joints)
        for i in sorted(left):
            values = members[i]
            singly = values[2::3] if isinstance(values, list) else []
            self.labelled += any(singly) and not elements[i].get("iscrowd")
            self.ones += singly.count(1)
            self.other_marks = self.other_marks or any(mark not in (0, 1) for mark in singly)
            self.places.note(images[i], values)


class SeenAnnotations:
    """What all annotations of a file tell beside single people.

    Args:
        images: The file's images, as far as they are known.
        places: Takes down how joints are counted.
        repeated: Takes ids that several annotations have.
        spot: Where ids are read; they are read again with the annotations, and told there.

    Attributes:
        images: Ids of images that annotations name.
        lengths: How many joints the annotations of each category have.
        corners: Boxes that can only be two corners (True), or only a corner and a size (False).
        joints: Of how joints are written.
    """

    def __init__(
        self, images: Mapping[Key, CocoImage], places: SeenPlaces, repeated: set[Key], spot: Spot
    ) -> None:
        self.images: dict[Key, None] = {}
        self.lengths: dict[Key, Counter[int]] = {}
        self.corners = {True: 0, False: 0}
        self.joints = SeenJoints(places)
        self._listed = images
        self._repeated = repeated
        self._once: set[Key] = set()
        self._spot = spot

    def note(self, block: Block) -> None:
        """Look at a block of annotations."""
        known = [element if type(element) is dict else {} for element in block.others]
        images = self._keys([element.get("image_id") for element in known])
        categories = self._keys([element.get("category_id") for element in known])
        joints = [element.get("keypoints") for element in known]
        lengths = [triple_count(some) if some else None for some in joints]
        if block.alike is not None:
            self._alike(block.alike)
        if known:
            self._others(known, images, block.rows)
        if not known and block.alike is not None:
            self._met_alike(block.alike)
            return
        # Which stands first in the file counts.
        found: list[tuple[Key | None, Key | None, int | None]] = [(None, None, None)] * block.size
        if (alike := block.alike) is not None:
            for row, place in enumerate(alike.places):
                found[place] = (alike.images[row], alike.categories[row], alike.length)
        told = zip(images, categories, lengths, strict=True)
        for place, one in zip(block.places, told, strict=True):
            found[place] = one
        for image, category, length in found:
            if image is not None:
                self.images[image] = None
            if category is not None and length is not None:
                self.lengths.setdefault(category, Counter())[length] += 1

    def _met_alike(self, found: AlikeColumns) -> None:
        self.images.update(dict.fromkeys(found.images))
        for category, count in Counter(found.categories).items():
            self.lengths.setdefault(category, Counter())[found.length] += count

    def _alike(self, found: AlikeColumns) -> None:
        self._ids(found.ids)
        self.joints.note_numbers(found.images, found.numbers)
        sizes = sides(map(self._listed.get, found.images))
        for kind, count in corners_of_numbers(found.boxes, sizes).items():
            self.corners[kind] += count

    def _others(
        self, known: Sequence[Mapping[str, Any]], images: Sequence[Key | None], rows: Rows
    ) -> None:
        self._ids([element.get("id") for element in known])
        self.joints.note(known, images, rows)
        boxes = [
            (element["bbox"], self._listed[image])
            for element, image in zip(known, images, strict=True)
            if element.get("bbox") and image is not None and image in self._listed
        ]
        for kind, count in told_corners(*zip(*boxes, strict=True)).items() if boxes else ():
            self.corners[kind] += count

    def _ids(self, values: Sequence[Any]) -> None:
        own = self._keys(values)
        here = {key for key in own if key is not None}
        if len(here) == len(own) and self._once.isdisjoint(here):
            self._once |= here
            return
        for key in own:
            if key is not None and key in self._once:
                self._repeated.add(key)
            elif key is not None:
                self._once.add(key)

    def _keys(self, values: Sequence[Any]) -> Sequence[Key | None]:
        """As ``read_key`` reads them."""
        if set(map(type, values)) == {int} and -MAX_NUMBER <= min(values) <= max(values) <= (
            MAX_NUMBER
        ):
            return values
        return [read_key(value, self._spot, "") for value in values]


def _placed(values: Any) -> Iterator[tuple[float, float]]:
    """Places of the joints of a ``keypoints`` member that are numbers and not marked as absent."""
    if not isinstance(values, list):
        return
    if values and isinstance(values[0], list):
        values = [number for joint in values if isinstance(joint, list) for number in joint]
    if len(values) % 3:
        return
    for x, y, v in zip(values[::3], values[1::3], values[2::3], strict=True):
        if v and all(type(n) in _NUMBERS and abs(n) <= MAX_COORDINATE for n in (x, y)):
            yield x, y
