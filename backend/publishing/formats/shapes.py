"""Shapes as tools for drawing keep them, and how they become people.

A skeleton is one person. Boxes, outlines and masks belong to the person of their group; without a
group, to the one skeleton of the same label in the image. Single points are joints by their labels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.masks import BoolMask
from backend.domain.oddities import Odd
from backend.domain.outlines import check_outlines, mask_of
from backend.domain.skeleton import N_JOINTS
from backend.domain.skeleton_maps import SkeletonMap
from backend.publishing.formats.coco import CocoChoices
from backend.publishing.formats.findings import Spot, shown
from backend.publishing.formats.reading import skeleton_map
from backend.publishing.labelled import LabelledMask, LabelledPerson, OutlinedMask, PersonMarks

MAX_COORDINATE: Final = 1e9


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape.

    Attributes:
        kind: ``skeleton``, ``points``, ``box``, ``polygon``, ``mask``, or another of the tool's.
        label: Its label.
        points: x, y in its pixels; of a box its two corners.
        occluded: Whether it is marked as occluded.
        outside: Whether it is marked as not in the image.
        group: Number of its group in the image; 0: none.
        track: Number of its track; empty: none.
        elements: Joints of a skeleton.
        runs: Run lengths of a mask, row by row, outside first.
        place: Left, top, width, height of a mask.
        turned: Whether it is a box that is rotated.
    """

    kind: str
    label: str
    points: tuple[tuple[float, float], ...] = ()
    occluded: bool = False
    outside: bool = False
    group: int = 0
    track: str = ""
    elements: tuple[Shape, ...] = ()
    runs: tuple[int, ...] = ()
    place: tuple[int, int, int, int] = (0, 0, 0, 0)
    turned: bool = False


class BadShape(ValueError):
    """A shape that cannot be read, in words."""


@dataclass(slots=True)
class _Person:
    label: str
    track: str = ""
    skeletons: list[Shape] = field(default_factory=list)
    points: list[Shape] = field(default_factory=list)
    boxes: list[Shape] = field(default_factory=list)
    areas: list[Shape] = field(default_factory=list)


class People:
    """Makes people of the shapes of one image after the other.

    Args:
        joints: Names of the joints of each skeleton label, where the file lists them; under an
            empty label the names of all single points of the file.
        choices: What was chosen.
        shift: What is added to joints.
    """

    def __init__(self, joints: dict[str, list[str]], choices: CocoChoices, shift: float) -> None:
        self._joints = joints
        self._choices = choices
        self._shift = shift
        self._maps: dict[tuple[str, tuple[str, ...] | int], SkeletonMap | None] = {}

    def of(
        self, shapes: Sequence[Shape], size: tuple[int, int], spot: Spot
    ) -> list[LabelledPerson]:
        """The people of one image.

        Args:
            shapes: All its shapes.
            size: Width and height, pixels.
            spot: The image.
        """
        found = []
        for person in _persons([shape for shape in shapes if not shape.outside], spot):
            made = self._person(person, size, spot)
            if made is not None:
                found.append(made)
        return found

    def _person(self, person: _Person, size: tuple[int, int], spot: Spot) -> LabelledPerson | None:
        joints: Skeleton | None = Skeleton.empty()
        if person.skeletons:
            joints = self._skeleton(person.skeletons[0], spot)
        elif person.points:
            joints = self._points(person, spot)
        if joints is None:
            return None
        box = None
        if person.boxes:
            (x0, y0), (x1, y1) = person.boxes[0].points
            if x1 > x0 and y1 > y0 and not person.boxes[0].turned:
                box = Box(x0, y0, x1 - x0, y1 - y0)
            else:
                spot.odd(Odd.BOX_UNREADABLE, "", shown(person.boxes[0].points))
        for extra in (*person.skeletons[1:], *person.boxes[1:]):
            spot.odd(Odd.SHAPE_LEFT_OUT, "", f"a second {extra.kind} in one group")
        return LabelledPerson(
            joints,
            box,
            self._mask(person.areas, size, spot),
            PersonMarks(person.label, person.track),
        )

    def _skeleton(self, shape: Shape, spot: Spot) -> Skeleton | None:
        names = self._joints.get(shape.label) or [element.label for element in shape.elements]
        mapped = self._map(shape.label, names, spot)
        if mapped is None:
            return None
        targets = dict(zip(names, mapped.coco, strict=True))
        return self._placed(shape.elements, targets, spot)

    def _points(self, person: _Person, spot: Spot) -> Skeleton | None:
        """Joints out of points that are no skeleton's: one shape of many, or one each."""
        several = [shape for shape in person.points if len(shape.points) > 1]
        if several:
            shape = several[0]
            mapped = self._map(shape.label, len(shape.points), spot)
            if mapped is None:
                return None
            elements = [
                Shape("points", name, (point,), shape.occluded)
                for name, point in zip(mapped.joints, shape.points, strict=True)
            ]
            targets = dict(zip(mapped.joints, mapped.coco, strict=True))
            return self._placed(elements, targets, spot)
        names = self._joints.get("") or sorted({shape.label for shape in person.points})
        mapped = self._map("", names, spot)
        if mapped is None:
            return None
        return self._placed(person.points, dict(zip(names, mapped.coco, strict=True)), spot)

    def _placed(
        self, elements: Sequence[Shape], targets: dict[str, int | None], spot: Spot
    ) -> Skeleton:
        joints = [ABSENT_JOINT] * N_JOINTS
        counts = Counter(element.label for element in elements)
        for element in elements:
            if element.label not in targets:
                spot.odd(Odd.JOINT_UNKNOWN, "", shown(element.label))
                continue
            if counts[element.label] > 1:
                spot.odd(Odd.JOINT_TWICE, "", element.label)
                continue
            target = targets[element.label]
            if target is None or element.outside:
                continue
            if len(element.points) != 1:
                spot.odd(Odd.JOINT_NOT_A_NUMBER, "", element.label)
                continue
            x, y = element.points[0]
            seen = Visibility.OCCLUDED if element.occluded else Visibility.VISIBLE
            joints[target] = Joint(x + self._shift, y + self._shift, seen)
        return Skeleton(tuple(joints))

    def _map(self, label: str, names: list[str] | int, spot: Spot) -> SkeletonMap | None:
        if isinstance(names, int):
            key: tuple[str, tuple[str, ...] | int] = (label, names)
            known, count = None, names
        else:
            key, known, count = (label, tuple(names)), names, len(names)
        if key not in self._maps:
            self._maps[key] = skeleton_map(
                known, self._choices, spot, of=label, count=count, partial=not label
            )
        return self._maps[key]

    def _mask(
        self, areas: Sequence[Shape], size: tuple[int, int], spot: Spot
    ) -> LabelledMask | None:
        width, height = size
        if not areas or width < 1 or height < 1 or width * height > masks.MAX_PIXELS:
            return None
        outlines = tuple(
            tuple(n for point in area.points for n in point)
            for area in areas
            if area.kind == "polygon"
        )
        if len(outlines) == len(areas):
            try:
                check_outlines(outlines)
            except InvalidInput as error:
                spot.odd(Odd.OUTLINE_UNREADABLE, "", error.message)
                return None
            return OutlinedMask(outlines, width, height)
        pixels = np.zeros((height, width), bool)
        for area in areas:
            try:
                if area.kind == "mask":
                    pixels |= _uncovered(area, width, height)
                else:
                    outline = tuple(n for point in area.points for n in point)
                    pixels |= mask_of([outline], width, height)
            except (BadShape, InvalidInput) as error:
                spot.odd(Odd.MASK_UNREADABLE, "", str(error))
        if not pixels.any():
            return None
        return LabelledMask(masks.encode(pixels), int(pixels.sum()))


def _uncovered(shape: Shape, width: int, height: int) -> BoolMask:
    """A part of an image as a mask of the whole, (height, width)."""
    left, top, across, down = shape.place
    if not (left >= 0 and top >= 0 and left + across <= width and top + down <= height):
        raise BadShape("the mask lies outside of its image")
    if sum(shape.runs) != across * down or any(run < 0 for run in shape.runs):
        raise BadShape(f"the runs cover {sum(shape.runs)} pixels, not {across} x {down}")
    values = np.arange(len(shape.runs)) % 2 == 1
    part = np.repeat(values, shape.runs).reshape(down, across)
    pixels = np.zeros((height, width), bool)
    pixels[top : top + down, left : left + across] = part
    return pixels


def runs_of(mask: BoolMask) -> tuple[list[int], tuple[int, int, int, int]]:
    """The part of a mask that is not empty: runs row by row, and left, top, width, height."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    part = mask[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    flat = np.ascontiguousarray(part).reshape(-1)
    edges = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1, [flat.size]])
    runs = np.diff(edges).tolist()
    return ([0, *runs] if flat[0] else runs), (left, top, part.shape[1], part.shape[0])


def _persons(shapes: Sequence[Shape], spot: Spot) -> list[_Person]:
    """Shapes that belong together; see the module."""
    groups: dict[tuple[int, str], _Person] = {}
    alone: list[_Person] = []
    loose: list[Shape] = []
    for shape in shapes:
        if shape.kind not in ("skeleton", "points", "box", "polygon", "mask"):
            spot.odd(Odd.SHAPE_LEFT_OUT, "", f"{shape.kind} {shape.label}")
        elif shape.group or shape.track:
            person = groups.setdefault(
                (shape.group, "" if shape.group else shape.track), _Person("")
            )
            _join(person, shape)
        elif shape.kind == "skeleton":
            alone.append(_join(_Person(shape.label), shape))
        else:
            loose.append(shape)
    everybody = [*groups.values(), *alone]
    return [*everybody, *_loose(loose, everybody)]


def _loose(shapes: Sequence[Shape], everybody: Sequence[_Person]) -> list[_Person]:
    """Shapes without a group: to the one person of their label, else people of their own."""
    found: list[_Person] = []
    by_kind: dict[tuple[str, str], list[Shape]] = defaultdict(list)
    for shape in shapes:
        by_kind["points" if shape.kind == "points" else shape.kind, shape.label].append(shape)
    singles = [s for (kind, _), some in by_kind.items() if kind == "points" for s in some
               if len(s.points) == 1]  # fmt: skip
    if singles:
        person = _Person("")
        for shape in singles:
            _join(person, shape)
        found.append(person)
    for (kind, label), some in by_kind.items():
        many = [shape for shape in some if kind != "points" or len(shape.points) != 1]
        owners = [p for p in everybody if p.label == label]
        if kind != "points" and len(owners) == 1 and len(many) == 1:
            _join(owners[0], many[0])
            continue
        found += [_join(_Person(label), shape) for shape in many]
    return found


def _join(person: _Person, shape: Shape) -> _Person:
    if shape.kind == "skeleton":
        person.skeletons.append(shape)
        person.label = shape.label
    elif shape.kind == "points":
        person.points.append(shape)
        if len(shape.points) > 1:
            person.label = person.label or shape.label
    else:
        (person.boxes if shape.kind == "box" else person.areas).append(shape)
        person.label = person.label or shape.label
    person.track = person.track or shape.track
    return person
