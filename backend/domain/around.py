"""Hints about a skeleton from what lies around it: frames, people, views, the infant's own limbs.

``suspicion`` ranks whole recordings in the background; these are the same questions asked of one
frame while a hand drags, with the same thresholds. Less is known then: one frame before and one
after, so that a jump must be plainer. The browser has an implementation of its own
(``editor/frames/around.ts``), held to the same vectors (``tests/vectors/checks.json``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.limbs import BONES
from backend.domain.limits import LOW_SCORE
from backend.domain.skeleton import label
from backend.domain.suspicion.bodies import SAME_BODY
from backend.domain.suspicion.doubts import (
    HALF_JUMP,
    HALF_LIMB,
    HALF_OFF_MASK,
    HALF_OTHER,
    HALF_VIEWS,
    USUAL_VIEWS,
    Doubt,
)
from backend.domain.suspicion.surroundings import ALIKE_JOINTS
from backend.domain.suspicion.trajectory import AT_LEAST, MAX_GAP_S, USUAL_TIMES

BETWEEN_TIMES: Final = 1.5
BESIDE_TIMES: Final = 2.5
"""Tolerances are so many times the ranking's, which has up to nine lines between frames: with one
frame on each side, and with one on a single side."""

MOVING: Final = 0.5
"""… and so much of the way from the frame before to that after: a kick is no straight line."""

NEARLY_JUMPS: Final = 0.75
"""A joint on somebody else is doubted from this share of a jump on."""

FROZEN_JOINTS: Final = 8
"""Fewest joints by which a pose is told to be a copy."""

SAME_PX: Final = 0.005
"""Joints nearer than that in two frames were copied."""

BOX_ENDS: Final = 4
"""x, y, width, height."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The same camera's frame before or after, as far as its joints are trusted.

    Attributes:
        skeleton: Its joints; absent are those that are doubted themselves.
        apart_s: Seconds away.
        same_picture: Whether it shows the same picture; there a pose may be the same.
    """

    skeleton: Skeleton
    apart_s: float
    same_picture: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for the infant in this camera (``suspicion.Reference``); None: not known.

    Attributes:
        stature: Pixels.
        limbs: The longest usual length of each of ``limbs.BONES``, in statures.
        noise: By joint, the distance from where the frames around put it, in statures.
        views: By joint, the distance from where the other views see it, in units of the limit.
    """

    stature: float | None
    limbs: Sequence[float | None]
    noise: Sequence[float | None]
    views: Sequence[float | None]

    @classmethod
    def of_reference(cls, value: dict[str, Any]) -> Usual:
        """Read what ``Reference.to_json`` wrote."""
        return cls(value["stature"], value["limbs"], value["noise"][0], value["views"])


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person whom the model found.

    Attributes:
        skeleton: Where their joints lie.
        scores: (17,) in [0, 1].
    """

    skeleton: Skeleton
    scores: Sequence[float]


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a skeleton; everything may be missing.

    Attributes:
        before: The same camera's frame before.
        after: The one after.
        usual: What is usual for the infant in this camera.
        people: Everybody whom the model found in this frame, the infant too.
        box: The infant's, (x, y, width, height).
        views: By joint, pixels from where the views agree, in units of the limit.
    """

    before: Neighbour | None = None
    after: Neighbour | None = None
    usual: Usual | None = None
    people: Sequence[Somebody] = ()
    box: Sequence[float] | None = None
    views: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Worry:
    """One hint.

    Attributes:
        doubt: What it is about.
        message: A sentence for people.
        joints: The joints it is about, the one that probably moved first; none: the whole body.
    """

    doubt: Doubt
    message: str
    joints: tuple[int, ...]


def worries(skeleton: Skeleton, around: Around) -> list[Worry]:
    """Hints from what lies around, the plainest first."""
    size = _size(skeleton, around)
    found = [*_frozen(skeleton, around), *_views(skeleton, around)]
    if size is None:
        return found
    jump = jumps(skeleton, around, size)
    over = _limbs_over(skeleton, around, size)
    return [
        *found,
        *_jumps(jump),
        *_limbs(over, jump),
        *_on_others(skeleton, around, size, jump, over),
        *_off_box(skeleton, around, size),
    ]


def stature(skeleton: Skeleton) -> float | None:
    """How tall the body would be stretched out, pixels, as ``suspicion.tracks.statures``."""
    lengths = sorted(
        away / bone.stature for bone in BONES if (away := _length(skeleton, *bone.ends)) is not None
    )
    if len(lengths) < 3:
        return None
    at = 0.75 * (len(lengths) - 1)
    low = math.floor(at)
    high = min(low + 1, len(lengths) - 1)
    return lengths[low] + (at - low) * (lengths[high] - lengths[low])


def jumps(skeleton: Skeleton, around: Around, size: float) -> list[float | None]:
    """(17,) distance from where the frames around put each joint, over its tolerance."""
    usual = around.usual.noise if around.usual is not None else ()
    return [
        _jump(joint, i, around, size, usual[i] if i < len(usual) else None)
        for i, joint in enumerate(skeleton.joints)
    ]


def _jump(joint: Joint, i: int, around: Around, size: float, noise: float | None) -> float | None:
    place = _foretold(i, around)
    if not joint.present or place is None:
        return None
    x, y, times, moving = place
    away = math.hypot(joint.x - x, joint.y - y) / size
    usual = USUAL_TIMES * (noise or 0.0)
    tolerance = times * math.sqrt(AT_LEAST**2 + usual**2 + (MOVING * moving / size) ** 2)
    return away / tolerance


def _foretold(i: int, around: Around) -> tuple[float, float, float, float] | None:
    """x, y, how much more is tolerated, pixels between the two frames."""
    before, after = around.before, around.after
    b = before.skeleton.joints[i] if before is not None else None
    a = after.skeleton.joints[i] if after is not None else None
    has_b, has_a = b is not None and b.present, a is not None and a.present
    if has_b and has_a and b and a and before and after:
        gap = before.apart_s + after.apart_s
        if 0 < gap <= MAX_GAP_S:
            share = before.apart_s / gap
            x, y = b.x + share * (a.x - b.x), b.y + share * (a.y - b.y)
            return x, y, BETWEEN_TIMES, math.hypot(a.x - b.x, a.y - b.y)
    sides = [(n.apart_s, j) for n, j in ((before, b), (after, a)) if n and j and j.present]
    near = [side for side in sides if side[0] <= MAX_GAP_S / 2]
    if not near:
        return None
    _, nearest = min(near, key=lambda side: side[0])
    return nearest.x, nearest.y, BESIDE_TIMES, 0.0


def _size(skeleton: Skeleton, around: Around) -> float | None:
    """The infant's size here: of the frames around, else the usual one, else this body's own."""
    near = [
        tall
        for n in (around.before, around.after)
        if n is not None and n.apart_s <= MAX_GAP_S and (tall := stature(n.skeleton)) is not None
    ]
    if near:
        return sum(near) / len(near)
    usual = around.usual.stature if around.usual is not None else None
    return usual or stature(skeleton) or None


def _frozen(skeleton: Skeleton, around: Around) -> Iterator[Worry]:
    for neighbour, word in ((around.before, "before"), (around.after, "after")):
        if neighbour is None or neighbour.same_picture:
            continue
        pairs = list(zip(skeleton.joints, neighbour.skeleton.joints, strict=True))
        both = [(p, q) for p, q in pairs if p.present and q.present]
        if len(both) >= FROZEN_JOINTS and all(_is_same(p, q) for p, q in both):
            message = f"The pose is the same as in the frame {word}, though the picture moved."
            yield Worry(Doubt.FROZEN, message, ())
            return


def _is_same(p: Joint, q: Joint) -> bool:
    return abs(p.x - q.x) < SAME_PX and abs(p.y - q.y) < SAME_PX


def _views(skeleton: Skeleton, around: Around) -> Iterator[Worry]:
    usual = around.usual.views if around.usual is not None else ()
    for i, error in enumerate(around.views):
        often = usual[i] if i < len(usual) else None
        limit = max(HALF_VIEWS, USUAL_VIEWS * (often or 0.0))
        if error is not None and error >= limit and skeleton.joints[i].present:
            yield Worry(Doubt.VIEWS, f"The other cameras see the {label(i)} elsewhere.", (i,))


def _jumps(jump: Sequence[float | None]) -> Iterator[Worry]:
    for i, ratio in enumerate(jump):
        if ratio is not None and ratio >= HALF_JUMP:
            yield Worry(Doubt.JUMP, f"The {label(i)} jumps against the frames around it.", (i,))


def _limbs_over(skeleton: Skeleton, around: Around, size: float) -> list[float | None]:
    """By bone, statures by which it is longer than the longest usual one."""
    usual = around.usual.limbs if around.usual is not None else ()
    over: list[float | None] = []
    for number, bone in enumerate(BONES):
        longest = usual[number] if number < len(usual) else None
        length = _length(skeleton, *bone.ends)
        known = longest is not None and length is not None
        over.append(length / size - longest if known and length and longest else None)
    return over


def _limbs(over: Sequence[float | None], jump: Sequence[float | None]) -> Iterator[Worry]:
    for bone, excess in zip(BONES, over, strict=True):
        if excess is None or excess < HALF_LIMB:
            continue
        inner, outer = bone.ends
        ends = (inner, outer) if (jump[inner] or 0.0) > (jump[outer] or 0.0) else (outer, inner)
        more = "are wider" if bone.name.endswith("s") else "is longer"
        yield Worry(Doubt.LIMB, f"The {bone.name} {more} than this infant's.", ends)


def _on_others(
    skeleton: Skeleton,
    around: Around,
    size: float,
    jump: Sequence[float | None],
    over: Sequence[float | None],
) -> Iterator[Worry]:
    """At the same joint of somebody else, and not where the infant's own joints put it."""
    strangers = [one for one in around.people if not _is_one_body(skeleton, one, size)]
    for i, joint in enumerate(skeleton.joints):
        if not joint.present or not any(_is_on(joint, i, one, size) for one in strangers):
            continue
        ratio = jump[i]
        astray = (
            ratio >= NEARLY_JUMPS
            if ratio is not None
            else any(
                i in bone.ends and (excess or 0.0) >= HALF_LIMB / 2
                for bone, excess in zip(BONES, over, strict=True)
            )
        )
        if astray:
            yield Worry(Doubt.OTHER_PERSON, f"The {label(i)} lies on another person.", (i,))


def _is_on(joint: Joint, i: int, one: Somebody, size: float) -> bool:
    theirs = one.skeleton.joints[i]
    seen = theirs.present and one.scores[i] >= LOW_SCORE
    return seen and math.hypot(joint.x - theirs.x, joint.y - theirs.y) < HALF_OTHER * size


def _is_one_body(skeleton: Skeleton, one: Somebody, size: float) -> bool:
    """Whether most of somebody's joints lie where the infant's do: it is the infant."""
    seen = near = 0
    for i, (own, theirs) in enumerate(zip(skeleton.joints, one.skeleton.joints, strict=True)):
        if own.present and theirs.present and one.scores[i] >= LOW_SCORE:
            seen += 1
            near += math.hypot(own.x - theirs.x, own.y - theirs.y) < SAME_BODY * size
    return near > ALIKE_JOINTS * max(seen, 1)


def _off_box(skeleton: Skeleton, around: Around, size: float) -> Iterator[Worry]:
    if around.box is None or len(around.box) != BOX_ENDS:
        return
    left, top, width, height = around.box
    for i, joint in enumerate(skeleton.joints):
        if joint.visibility is not Visibility.VISIBLE:
            continue
        x = max(left - joint.x, 0.0, joint.x - left - width)
        y = max(top - joint.y, 0.0, joint.y - top - height)
        if math.hypot(x, y) >= HALF_OFF_MASK * size:
            yield Worry(Doubt.OFF_MASK, f"The {label(i)} lies outside the infant's box.", (i,))


def _length(skeleton: Skeleton, a: int, b: int) -> float | None:
    p, q = skeleton.joints[a], skeleton.joints[b]
    return math.hypot(p.x - q.x, p.y - q.y) if p.present and q.present else None


NOTHING_AROUND: Final = Around()
