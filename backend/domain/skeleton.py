"""The COCO-17 skeleton: names, order, edges, left/right pairs and OKS sigmas.

Source: COCO keypoint task (Lin et al. 2014; cocodataset.org, "Keypoint Evaluation"). The frontend's
copy is generated from this module by ``python -m backend.domain.codegen``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Side(StrEnum):
    """The infant's own side, not the image's."""

    LEFT = "left"
    RIGHT = "right"
    MIDDLE = "middle"


JOINTS: Final[tuple[str, ...]] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
"""Joint names in COCO order."""

N_JOINTS: Final = len(JOINTS)

SIGMAS: Final[tuple[float, ...]] = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072,
    0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
)  # fmt: skip
"""Per-joint OKS constants k_i / 2, in joint order, as in pycocotools."""

EDGES: Final[tuple[tuple[int, int], ...]] = (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7),
    (6, 8), (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
)  # fmt: skip
"""Bones as pairs of joint indices from 0, in COCO's order. COCO files write them from 1."""

FACE: Final[tuple[int, ...]] = (0, 1, 2, 3, 4)
"""Nose, eyes and ears."""

PAIRS: Final[tuple[tuple[int, int], ...]] = tuple(
    (JOINTS.index(name), JOINTS.index(name.replace("left_", "right_")))
    for name in JOINTS
    if name.startswith("left_")
)
"""(left, right) index pairs."""

MIRROR: Final[tuple[int, ...]] = tuple(
    {**dict(PAIRS), **{right: left for left, right in PAIRS}}.get(i, i) for i in range(N_JOINTS)
)
"""For each joint the index of its left/right counterpart (itself for the nose)."""


def side(joint: int) -> Side:
    """Side of the infant on which a joint lies.

    Args:
        joint: Index in ``JOINTS``.
    """
    name = JOINTS[joint]
    if name.startswith("left_"):
        return Side.LEFT
    return Side.RIGHT if name.startswith("right_") else Side.MIDDLE


def label(joint: int) -> str:
    """Name of a joint for people: ``left wrist``."""
    return JOINTS[joint].replace("_", " ")
