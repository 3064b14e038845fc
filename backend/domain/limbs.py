"""The bones of a body between COCO joints: names, ends, and how long they are.

Whoever compares lengths reads them here: the choice of the infant among people found
(``candidates``), the checks of labels (``checks``), the body fits, and the browser (generated).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.skeleton import JOINTS


@dataclass(frozen=True, slots=True)
class Bone:
    """A part of the body that two joints hold apart.

    Attributes:
        name: For people: ``left upper arm``.
        ends: Indices of its joints, the one nearer to the trunk first.
        stature: Its length as a share of the body's.
    """

    name: str
    ends: tuple[int, int]
    stature: float


def _bone(name: str, a: str, b: str, stature: float) -> Bone:
    return Bone(name, (JOINTS.index(a), JOINTS.index(b)), stature)


def _both(part: str, a: str, b: str, stature: float) -> tuple[Bone, Bone]:
    return (
        _bone(f"left {part}", f"left_{a}", f"left_{b}", stature),
        _bone(f"right {part}", f"right_{a}", f"right_{b}", stature),
    )


LIMBS: Final[tuple[tuple[str, Bone, Bone], ...]] = (
    ("upper arm", *_both("upper arm", "shoulder", "elbow", 0.19)),
    ("forearm", *_both("forearm", "elbow", "wrist", 0.15)),
    ("thigh", *_both("thigh", "hip", "knee", 0.25)),
    ("shin", *_both("shin", "knee", "ankle", 0.25)),
)
"""Limbs by name: that of the left, that of the right."""

LIMB_BONES: Final[tuple[Bone, ...]] = tuple(bone for _, *pair in LIMBS for bone in pair)
"""Upper arms, forearms, thighs and shins, left before right."""

SHOULDERS: Final = _bone("shoulders", "left_shoulder", "right_shoulder", 0.26)
HIPS: Final = _bone("hips", "left_hip", "right_hip", 0.19)
SIDES: Final = _both("side", "shoulder", "hip", 0.29)
"""Of the trunk, from shoulder to hip."""

BONES: Final[tuple[Bone, ...]] = (SHOULDERS, HIPS, *SIDES, *LIMB_BONES)
"""All bones whose share of the stature is known.

Source: Winter, Biomechanics and Motor Control of Human Movement, adult segment lengths. Infants'
limbs are shorter against their stature, by about the same share for all infants, which does not
change who is the smallest.
"""

ARMS: Final[tuple[tuple[int, int, int], ...]] = ((5, 7, 9), (6, 8, 10))
LEGS: Final[tuple[tuple[int, int, int], ...]] = ((11, 13, 15), (12, 14, 16))
"""Joints of each arm and leg from the trunk outwards, left before right."""

TRUNK: Final[tuple[int, ...]] = (*SHOULDERS.ends, *HIPS.ends)
"""Shoulders and hips."""
