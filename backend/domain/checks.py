"""What a careful eye would ask about a skeleton. Hints for people; nothing is ever blocked.

The server says them of every frame as it is stored. The browser follows the hand with an
implementation of its own (``editor/frames/checks.ts``), which takes every number from here and is
held to the same vectors (``tests/vectors/checks.json``). What lies around a skeleton is asked in
``around``, if it is known. The thresholds were set on infants lying, sitting and crawling, so that
a sound skeleton in any of these postures gives no hint; they are no measure of quality.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.around import NOTHING_AROUND, Around, worries
from backend.domain.keypoints import Joint, Skeleton
from backend.domain.limbs import HIPS, LIMBS, SHOULDERS, SIDES
from backend.domain.limits import LOW_SCORE
from backend.domain.pixels import is_inside
from backend.domain.skeleton import FACE, JOINTS, PAIRS, label
from backend.domain.suspicion.doubts import Doubt

LONG_LIMB: Final = 1.4
"""A limb longer than this many body scales is no infant's; theirs are about half a torso long."""

UNEVEN_LIMBS: Final = 3.5
"""Foreshortening makes one limb look shorter than its counterpart, but not by this factor …"""

UNEVEN_FROM: Final = 0.5
"""… and only limbs of at least this many body scales are compared."""

SAME_SPOT: Final = 0.04
SAME_SPOT_FACE: Final = 0.01
"""A left and a right joint nearer than this share of the body scale sit on one spot; in the face,
seen from the side, they come nearer."""

OPPOSED: Final = -0.6
"""Cosine between two left–right directions below which they point against each other."""

SWAPPED_SHARE: Final = 0.4
SWAPPED_JOINTS: Final = 8
"""Sides look exchanged where the exchanged skeleton lies nearer to the frame before than this share
of the distance, over at least so many joints."""

SCALE_SPANS: Final[tuple[tuple[int, int, float], ...]] = (
    *((*side.ends, 1.0) for side in SIDES),
    (*SHOULDERS.ends, 1.5),
    (*HIPS.ends, 2.0),
    (0, SHOULDERS.ends[0], 0.8),
    (0, SHOULDERS.ends[1], 0.8),
)
"""(joint, joint, factor): distances that shrink little however the infant lies. The largest one is
the body scale, about the length of the torso."""

_EYES: Final = (JOINTS.index("left_eye"), JOINTS.index("right_eye"))


class CheckKind(StrEnum):
    """What deserves a second look."""

    OUTSIDE = "outside"
    SAME_SPOT = "same_spot"
    LONG_LIMB = "long_limb"
    UNEVEN_LIMBS = "uneven_limbs"
    EXCHANGED = "exchanged"
    JUMP = "jump"
    LIMB = "limb"
    OTHER_PERSON = "other_person"
    OFF_MASK = "off_mask"
    VIEWS = "views"
    FROZEN = "frozen"


DOUBT_OF: Final[dict[CheckKind, Doubt]] = {
    CheckKind.OUTSIDE: Doubt.OUTSIDE,
    CheckKind.SAME_SPOT: Doubt.SAME_SPOT,
    CheckKind.LONG_LIMB: Doubt.LIMB,
    CheckKind.UNEVEN_LIMBS: Doubt.LIMB,
    CheckKind.EXCHANGED: Doubt.EXCHANGED,
    CheckKind.JUMP: Doubt.JUMP,
    CheckKind.LIMB: Doubt.LIMB,
    CheckKind.OTHER_PERSON: Doubt.OTHER_PERSON,
    CheckKind.OFF_MASK: Doubt.OFF_MASK,
    CheckKind.VIEWS: Doubt.VIEWS,
    CheckKind.FROZEN: Doubt.FROZEN,
}
"""What the suspicion queue calls each kind: a person answers both at once."""


@dataclass(frozen=True, slots=True)
class Check:
    """One hint.

    Attributes:
        kind: What it is about.
        message: A sentence for people.
        joints: The joints it is about; none where it is about the whole body.
    """

    kind: CheckKind
    message: str
    joints: tuple[int, ...]


def check_labels(
    skeleton: Skeleton | None,
    width: int,
    height: int,
    before: Skeleton | None = None,
    around: Around = NOTHING_AROUND,
) -> list[Check]:
    """Hints about a skeleton, the plainest first.

    Args:
        skeleton: The joints; None has nothing to ask about.
        width: Of the image, pixels.
        height: Of the image, pixels.
        before: The joints of the same camera's frame before, where it is near in time and kept.
        around: What else is known around it.
    """
    if skeleton is None:
        return []
    scale = body_scale(skeleton)
    more = [Check(CheckKind(w.doubt.value), w.message, w.joints) for w in worries(skeleton, around)]
    measured = [frozenset(check.joints) for check in more if check.kind is CheckKind.LIMB]
    return [
        *_outside(skeleton, width, height),
        *_same_spot(skeleton, scale),
        # Against this infant's own limbs says more than against any infant's.
        *(
            check
            for check in _limbs(skeleton, scale)
            if not any(limb <= frozenset(check.joints) for limb in measured)
        ),
        *_exchanged(skeleton, before),
        *more,
    ]


def doubtful_joints(
    skeleton: Skeleton | None, machine: Skeleton | None, scores: Sequence[float] | None
) -> list[int]:
    """Present joints of which the model was not sure and that nobody moved since.

    Args:
        skeleton: The joints as they are.
        machine: The joints as the model proposed them; None where a person placed them.
        scores: (17,) the model's scores in [0, 1].
    """
    if skeleton is None or machine is None or scores is None:
        return []
    return [
        i
        for i, (joint, found) in enumerate(zip(skeleton.joints, machine.joints, strict=True))
        if joint.present and (joint.x, joint.y) == (found.x, found.y) and scores[i] < LOW_SCORE
    ]


def body_scale(skeleton: Skeleton) -> float:
    """A length that shrinks little however the infant lies, in pixels; 0 where nothing is known."""
    return max(factor * (_apart(skeleton, a, b) or 0.0) for a, b, factor in SCALE_SPANS)


def looks_swapped(skeleton: Skeleton, before: Skeleton) -> bool:
    """Whether the exchanged skeleton would lie far nearer to the frame before."""
    shared = sum(
        a.present and b.present for a, b in zip(skeleton.joints, before.joints, strict=True)
    )
    return shared >= SWAPPED_JOINTS and _away(skeleton.swapped(), before) < (
        SWAPPED_SHARE * _away(skeleton, before)
    )


def _outside(skeleton: Skeleton, width: int, height: int) -> Iterator[Check]:
    for i, joint in enumerate(skeleton.joints):
        if joint.present and not is_inside(joint.x, joint.y, width, height):
            yield Check(CheckKind.OUTSIDE, f"The {label(i)} lies outside the image.", (i,))


def _same_spot(skeleton: Skeleton, scale: float) -> Iterator[Check]:
    for left, right in PAIRS:
        near = SAME_SPOT_FACE if left in FACE else SAME_SPOT
        apart = _apart(skeleton, left, right)
        if apart is not None and apart < near * scale:
            part = label(left).removeprefix("left ")
            yield Check(CheckKind.SAME_SPOT, f"Both {part}s are in the same place.", (left, right))


def _limbs(skeleton: Skeleton, scale: float) -> Iterator[Check]:
    if scale == 0:
        return
    for name, *sides in LIMBS:
        lengths = [_apart(skeleton, *bone.ends) for bone in sides]
        for bone, here, there in zip(sides, lengths, lengths[::-1], strict=True):
            if here is None:
                continue
            if here > LONG_LIMB * scale:
                message = f"The {bone.name} is very long for this body."
                yield Check(CheckKind.LONG_LIMB, message, bone.ends)
            elif there is not None and here > max(UNEVEN_FROM * scale, UNEVEN_LIMBS * there):
                times = math.floor(10 * here / max(there, 1.0) + 0.5) / 10
                message = f"The {bone.name} is {times:.1f} times as long as the other {name}."
                joints = (*sides[0].ends, *sides[1].ends)
                yield Check(CheckKind.UNEVEN_LIMBS, message, joints)


def _exchanged(skeleton: Skeleton, before: Skeleton | None) -> Iterator[Check]:
    """At most one hint: all are mended by exchanging left and right."""
    shoulders, hips = SHOULDERS.ends, HIPS.ends
    if _opposed(skeleton, shoulders, hips):
        message = "Left and right of shoulders and hips disagree: are they swapped?"
        yield Check(CheckKind.EXCHANGED, message, (*shoulders, *hips))
    elif _opposed(skeleton, _EYES, shoulders):
        message = "Left and right of face and shoulders disagree: are they swapped?"
        yield Check(CheckKind.EXCHANGED, message, (*_EYES, *shoulders))
    elif before is not None and looks_swapped(skeleton, before):
        message = "Left and right look swapped compared with the previous frame."
        yield Check(CheckKind.EXCHANGED, message, ())


def _opposed(skeleton: Skeleton, a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two pairs of (left, right) joints point against each other."""
    al, ar, bl, br = (skeleton.joints[i] for i in (*a, *b))
    if not (al.present and ar.present and bl.present and br.present):
        return False
    u, v = (al.x - ar.x, al.y - ar.y), (bl.x - br.x, bl.y - br.y)
    lengths = math.hypot(*u) * math.hypot(*v)
    return lengths > 0 and (u[0] * v[0] + u[1] * v[1]) / lengths < OPPOSED


def _apart(skeleton: Skeleton, a: int, b: int) -> float | None:
    """Pixels between two joints; None where one of them is not present."""
    p, q = skeleton.joints[a], skeleton.joints[b]
    return _distance(p, q) if p.present and q.present else None


def _away(skeleton: Skeleton, other: Skeleton) -> float:
    """Summed distance of the joints that both have, in pixels."""
    pairs = zip(skeleton.joints, other.joints, strict=True)
    return sum(_distance(a, b) for a, b in pairs if a.present and b.present)


def _distance(a: Joint, b: Joint) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)
