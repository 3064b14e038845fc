"""The region that hides one person's head, and what that region stands on.

The whole head is masked, from the front, the side and behind: hair and ears tell who somebody is as
well, and where a head ends does not depend on which way a joint's label took it to face. The region
holds *every* head that fits what is known, so the less is known, the larger it is, and the more of
the picture it costs; :class:`Ground` says which it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain import masks
from backend.domain.errors import InvalidInput
from backend.domain.privacy.heads import (
    HEADS,
    MISFIT,
    TANGENTS,
    fitting_heads,
    length_by_bones,
    smallest_length,
)
from backend.domain.privacy.people import Person
from backend.domain.privacy.regions import FAR, Region
from backend.domain.skeleton import FACE, JOINTS

Array = NDArray[np.float64]

MIN_RADIUS_PX: Final = 4.0
"""Around a joint at least so much is masked, however small the face."""

AROUND_JOINT: Final = 0.15
"""Around each joint of a face, in head lengths: its feature reaches beyond its middle."""

LOOSE: Final = 2.0
"""By how much joints may miss a head more than usual before they are taken for contradictory."""

FREE: Final = 1.3
"""How much larger than the bones say a head may be; where there are no bones, FREER."""
FREER: Final = 1.6

GIANT: Final = 2.5
"""How much larger than the bones say a head must be for one of its joints to be in doubt."""

LEANING: Final = np.deg2rad(60.0)
"""How far a head leans off the trunk's axis, seen in the image."""

AROUND_FIT: Final = 0.12
"""Of a fitted head's size: bodies are fitted without hair, and to within some pixels."""

AROUND_BOX: Final = 0.1
"""Of a box's or mask's size, where a whole person is masked."""

_SHOULDERS: Final = [JOINTS.index("left_shoulder"), JOINTS.index("right_shoulder")]
_HIPS: Final = [JOINTS.index("left_hip"), JOINTS.index("right_hip")]
_FACE: Final = list(FACE)


class Ground(StrEnum):
    """What a region stands on, the surest first."""

    FACE_JOINTS = "face_joints"
    """Three or more joints of the face that fit one head."""

    FITTED_HEAD = "fitted_head"
    """The head of a fitted body, with fewer than three joints of the face."""

    FEW_FACE_JOINTS = "few_face_joints"
    """One or two joints of the face, or such as fit no head."""

    SHOULDERS = "shoulders"
    """No joint of the face; the head is sought about the shoulders."""

    WHOLE_PERSON = "whole_person"
    """Neither face nor shoulders, or a box or mask alone: all of the person.

    Hips and legs do not tell where an infant's head is. Taken for the end of the body away from the
    knees, it was missed in 14 of 100 rendered infants, who sit and crawl with drawn-up legs.
    """

    WHOLE_IMAGE = "whole_image"
    """A person of whom nothing is known but that they are in the image."""


GROUNDS: Final[tuple[Ground, ...]] = tuple(Ground)
"""From the surest to the weakest."""


class Doubt(StrEnum):
    """Why a region should be looked at whatever it stands on."""

    JOINTS_DISAGREE = "joints_disagree"
    """The joints of the face fit no head, or one far too large for the body: one is misplaced."""

    JOINTS_UNREADABLE = "joints_unreadable"
    """A joint is said to be there and its place is not a number."""

    FIT_DISAGREES = "fit_disagrees"
    """A joint of the face lies outside of the fitted head; both are masked."""

    BEYOND_THE_PERSON = "beyond_the_person"
    """The region and the person's box do not meet."""

    OUTSIDE = "outside"
    """The region lies outside of the image; nothing is masked for this person."""

    LARGE = "large"
    """The region covers more than half of the image."""

    BESIDE = "beside"
    """The person was found in the frame before or after, not in this one."""


@dataclass(frozen=True, slots=True)
class HeadRegion:
    """What is masked for one person.

    Attributes:
        person: Name.
        region: Image pixels; it may reach beyond the image.
        head_px: Length of the largest head that fits, pixels: what the strength of a mask is
            measured by.
        ground: What it stands on.
        doubts: Why to look at it.
    """

    person: str
    region: Region
    head_px: float
    ground: Ground
    doubts: tuple[Doubt, ...] = ()


def head_region(person: Person, width: int, height: int) -> HeadRegion:
    """The region that hides a person's head.

    Args:
        person: The person.
        width: Image width in pixels.
        height: Image height in pixels.

    Raises:
        InvalidInput: the image has no pixels, or the mask is of another image.
    """
    if width <= 0 or height <= 0:
        raise InvalidInput(f"An image of {width} × {height} pixels cannot be masked.")
    if person.mask is not None and list(person.mask["size"]) != [height, width]:
        raise InvalidInput(
            f"{person.name}: the mask is not of an image of {width} × {height} pixels.",
            person=person.name,
        )
    found = _by_face(person) or _by_fit(person) or _by_shoulders(person)
    found = found or _by_extent(person)
    if found is None:
        whole = Region.rectangle((0, 0), (width, height))
        found = HeadRegion(person.name, whole, float(min(width, height)), Ground.WHOLE_IMAGE)
    return _doubted(_with_all_joints(found, person), person, width, height)


def head_regions(people: Sequence[Person], width: int, height: int) -> tuple[HeadRegion, ...]:
    """The region of each person, in the order given; errors as :func:`head_region`."""
    return tuple(head_region(person, width, height) for person in people)


def _placed(person: Person, joints: Sequence[int], *, sure: bool = False) -> list[int]:
    known = person.sure if sure else np.isfinite(person.points[:, 0])
    return [joint for joint in joints if known[joint]]


def _by_face(person: Person) -> HeadRegion | None:
    """By the joints of the face: the sure ones, or all where fewer than three are sure."""
    which = _placed(person, _FACE, sure=True)
    if len(which) < 3:
        which = _placed(person, _FACE)
    if not which or (len(which) < 3 and person.head is not None):
        return None
    joints, names = person.points[which], np.array(which)
    bones = length_by_bones(_sure_points(person), person.kind)
    least = smallest_length(joints, names, person.kind)
    if bones is not None:
        # A face of one or two joints may be foreshortened; its body tells how large it must be.
        least = max(least, bones * (0.6 if len(which) >= 3 else 0.8))
    # Joints are some pixels off: the least that they allow is not held to exactly.
    shortest = max(0.9 * least, 1.0)
    longest = max(1.15 * least, 1.0 if bones is None else FREE * bones)
    if bones is None:
        longest = max(FREER * least, *_without_scale(person, len(which)))
    name, ground = person.name, Ground.FACE_JOINTS if len(which) >= 3 else Ground.FEW_FACE_JOINTS
    for tolerance in (MISFIT, LOOSE * MISFIT):
        fitting = fitting_heads(joints, names, person.kind, shortest, longest, tolerance)
        if fitting is not None:
            giant = bones is not None and fitting.length > GIANT * bones
            doubts = (Doubt.JOINTS_DISAGREE,) if giant else ()
            around = Region.reaching(fitting.support)
            return HeadRegion(name, around, fitting.length, ground, doubts)
    reach = max(head.reach for head in HEADS[person.kind]) * longest
    around = Region.around(joints, reach)
    return HeadRegion(name, around, longest, Ground.FEW_FACE_JOINTS, (Doubt.JOINTS_DISAGREE,))


def _without_scale(person: Person, joints: int) -> tuple[float, float]:
    """Head lengths to reckon with where no bone tells any: by the box or mask, else by nothing."""
    extent = _extent(person)
    if joints > 1 or extent is None:
        return 1.0, 4 * MIN_RADIUS_PX
    # A head is no wider than the person's box, and no less than a third of an infant's width.
    return 1.0, float(min(extent[1] - extent[0]))


def _by_fit(person: Person) -> HeadRegion | None:
    if person.head is None:
        return None
    points, radius = np.clip(person.head.points, -FAR, FAR), min(person.head.radius, FAR)
    size = float(np.ptp(points, axis=0).max()) + 2 * radius
    margin = max(radius + AROUND_FIT * size, MIN_RADIUS_PX)
    around = Region.around(points, margin)
    return HeadRegion(person.name, around, max(size, 1.0), Ground.FITTED_HEAD)


def _by_shoulders(person: Person) -> HeadRegion | None:
    """About the shoulders, where the trunk points, or on all sides where it points nowhere."""
    which = _placed(person, _SHOULDERS)
    bones = length_by_bones(person.points, person.kind)
    if not which or bones is None:
        return None
    middle = person.points[which].mean(axis=0)
    length = FREE * bones
    # One shoulder alone is half a shoulder's width beside the middle, on a side that is not known.
    beside = 0.0 if len(which) == 2 else 0.45 * length
    support = np.full(len(TANGENTS), -np.inf)
    for head in HEADS[person.kind]:
        far, reach = head.above_shoulders * length, head.reach * length + beside
        for way in _ways(person, middle, far):
            for share in (0.25, 1.0):
                support = np.maximum(support, TANGENTS @ (middle + share * far * way) + reach)
    return HeadRegion(person.name, Region.reaching(support), length, Ground.SHOULDERS)


def _ways(person: Person, middle: Array, far: float) -> Array:
    """(n, 2) directions from the shoulders in which the head may lie."""
    hips = _placed(person, _HIPS)
    axis = middle - person.points[hips].mean(axis=0) if hips else np.zeros(2)
    long = float(np.linalg.norm(axis))
    # A trunk that is seen from its end points nowhere in the image.
    if long < 0.7 * far:
        return TANGENTS[::4]
    turn = np.linspace(-LEANING, LEANING, 5)
    u = axis / long
    return np.stack(
        [u[0] * np.cos(turn) - u[1] * np.sin(turn), u[0] * np.sin(turn) + u[1] * np.cos(turn)],
        axis=1,
    )


def _by_extent(person: Person) -> HeadRegion | None:
    """All of the person: box, mask and joints, with room for a head beyond the joints."""
    extent, places = _extent(person), person.points[np.isfinite(person.points[:, 0])]
    regions, size = [], 1.0
    if extent is not None:
        size = float(min(extent[1] - extent[0]))
        regions.append(_grown(extent))
    if len(places):
        bones = length_by_bones(person.points, person.kind)
        if bones is None and extent is None:
            return None
        # From any joint of a body its head is no further away than the body is long.
        reach = size if bones is None else (FREE * bones * (1 if extent is not None else 5))
        size = max(size, reach if bones is None else FREE * bones)
        regions.append(Region.around(places, reach if extent is None else MIN_RADIUS_PX))
    if not regions:
        return None
    return HeadRegion(person.name, Region.hull(regions), size, Ground.WHOLE_PERSON)


def _with_all_joints(found: HeadRegion, person: Person) -> HeadRegion:
    """Grown around every joint of the face, sure or not, and around the fitted head."""
    regions = [found.region]
    which = _placed(person, _FACE)
    if which:
        margin = max(AROUND_JOINT * found.head_px, MIN_RADIUS_PX)
        regions.append(Region.around(person.points[which], margin))
    fitted = _by_fit(person)
    head_px = found.head_px
    if fitted is not None:
        regions.append(fitted.region)
        if which and not _roughly(fitted.region, person.points[which], fitted.head_px):
            found = replace(found, doubts=(*found.doubts, Doubt.FIT_DISAGREES))
        head_px = max(head_px, fitted.head_px)
    return replace(found, region=Region.hull(regions), head_px=head_px)


def _roughly(region: Region, places: Array, size: float) -> bool:
    return bool(region.contains(places, AROUND_FIT * size).all())


def _doubted(found: HeadRegion, person: Person, width: int, height: int) -> HeadRegion:
    doubts = list(found.doubts)
    if person.beside:
        doubts.append(Doubt.BESIDE)
    if person.unreadable:
        doubts.append(Doubt.JOINTS_UNREADABLE)
    outline = found.region.outline
    low, high = outline.min(axis=0), outline.max(axis=0)
    extent = _extent(person)
    if extent is not None and ((low > extent[1]).any() or (high < extent[0]).any()):
        doubts.append(Doubt.BEYOND_THE_PERSON)
    covered = found.region.window(width, height).inside
    if not covered.any():
        doubts.append(Doubt.OUTSIDE)
    elif covered.sum() > 0.5 * width * height:
        doubts.append(Doubt.LARGE)
    return replace(found, doubts=tuple(doubts))


def _grown(extent: Array) -> Region:
    low, high = extent
    return Region.rectangle(low, high, AROUND_BOX * float((high - low).max()))


def _sure_points(person: Person) -> Array:
    return np.where(person.sure[:, None], person.points, np.nan)


def _extent(person: Person) -> Array | None:
    """Corners (2, 2) of the rectangle around box and mask."""
    corners = []
    if person.box is not None:
        box = person.box
        corners += [(box.x, box.y), (box.x + box.width, box.y + box.height)]
    rectangle = masks.rectangle(person.mask) if person.mask is not None else None
    if rectangle is not None:
        x, y, width, height = rectangle
        corners += [(x, y), (x + width, y + height)]
    if not corners:
        return None
    places = np.clip(corners, -FAR, FAR)
    return np.stack([places.min(axis=0), places.max(axis=0)])
