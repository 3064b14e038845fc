"""What each of the twelve postures looks like in space, told by its joints alone.

Source: the descriptions of weight bearing and posture in Piper & Darrah 1994; the numbers are ours.
Made to check bodies whose posture is known by construction: a body between postures meets none.

Joints do not show what a back leans on. *Sitting with support* is told by a trunk that leans back
with its hands off the floor, which nobody does unsupported. *Reciprocal crawling* is told by an arm
and the opposite leg that are ahead, on the belly (as AIMS means it) or on hands and knees.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from backend.domain.posture_proposals import (
    FACES,
    LOW_KNEES,
    SITS_BELOW,
    STANDS_FROM,
    STEEP_THIGHS,
    UPRIGHT,
    measure_bodies,
)
from backend.domain.postures import GROUP_OF
from backend.domain.skeleton import JOINTS

TWELVE: Final = tuple(GROUP_OF)
"""The postures, in the order of their codes."""

ON_FLOOR: Final = 0.20
"""Height of a wrist or elbow above the lowest joint up to which it carries, in trunk lengths."""
LOW_ELBOWS: Final = 0.32
"""The same for elbows, which the chest of a stout infant keeps from the floor."""
OFF_FLOOR: Final = 0.28
"""Height from which on a wrist bears none."""
STEEP_ARMS: Final = 0.75
"""Sine of the upper arms' inclination from which on elbows carry the chest."""
FLAT_ARMS: Final = 0.65
"""The same below which they do not."""
BELLY_DOWN: Final = 0.55
"""Sine of the chest's inclination from which on the belly is down on hands and knees or feet."""
STEEPEST: Final = 0.8
"""Sine of the trunk's inclination up to which hands carry; long arms raise it."""
LEANS_BACK: Final = 0.25
"""Sine of the chest's inclination from which on a sitting body leans back and needs support."""
AHEAD: Final = 0.22
"""By how much one knee or wrist is ahead of the other in crawling, in trunk lengths."""
ABREAST: Final = 0.18
"""By how much it is at most, where both are beside each other."""
HOLDS: Final = 0.40
"""From wrist to knee or ankle where the hand holds it, in trunk lengths."""
FREE: Final = 0.50
"""The same where it does not."""

_LEFT: Final = {name: JOINTS.index(f"left_{name}") for name in ("elbow", "wrist", "knee", "ankle")}
_RIGHT: Final = {name: JOINTS.index(f"right_{name}") for name in _LEFT}
_SHOULDERS: Final = (JOINTS.index("left_shoulder"), JOINTS.index("right_shoulder"))
_HIPS: Final = (JOINTS.index("left_hip"), JOINTS.index("right_hip"))


def postures_met(
    joints: Float[NDArray[Any], "n 17 3"], up: Float[NDArray[Any], "3"]
) -> Bool[NDArray[Any], "n 12"]:
    """Which of ``TWELVE`` each body's joints meet; at most one of a body's is True.

    Args:
        joints: COCO joints in the world's axes, in any unit.
        up: Unit vector against gravity.
    """
    of = measure_bodies(joints, up)
    heights = (joints @ up - (joints @ up).min(axis=1, keepdims=True)) / of.trunk[:, None]
    wrists = heights[:, (_LEFT["wrist"], _RIGHT["wrist"])]
    arms = _steepness_of_arms(joints, up)
    knees, hands = _ahead(joints, "knee"), _ahead(joints, "wrist")
    held = _hand_to_leg(joints, of.trunk)

    lying = of.upright < UPRIGHT
    belly_down, back_down = lying & (of.facing < -FACES), lying & (of.facing > FACES)
    carried = of.thighs >= STEEP_THIGHS
    on_all_fours = carried & (of.facing < -BELLY_DOWN) & (of.upright < STEEPEST)
    low_knees = of.knees < LOW_KNEES
    hands_down, hands_off = (wrists < ON_FLOOR).all(axis=1), (wrists > OFF_FLOOR).all(axis=1)
    reciprocal = (np.abs(knees) > AHEAD) & (np.abs(hands) > AHEAD) & (knees * hands < 0)
    abreast = (np.abs(knees) < ABREAST) & (np.abs(hands) < ABREAST)
    flat = belly_down & ~carried & low_knees & ~reciprocal
    sits = ~lying & (of.hips < SITS_BELOW)
    met = {
        "prone_lying": flat & (arms < FLAT_ARMS).all(axis=1),
        "forearm_support": flat
        & (arms > STEEP_ARMS).all(axis=1)
        & (heights[:, (_LEFT["elbow"], _RIGHT["elbow"])] < LOW_ELBOWS).all(axis=1),
        "reciprocal_crawling": (belly_down | on_all_fours) & low_knees & reciprocal,
        "four_point_kneeling": on_all_fours & low_knees & abreast & hands_down,
        "supine_lying": back_down & (held > FREE).all(axis=1),
        "hands_to_knees_or_feet": back_down & (held < HOLDS).all(axis=1),
        "rolling": lying & (np.abs(of.facing) <= FACES),
        "sitting_with_support": sits & hands_off & (of.facing >= LEANS_BACK),
        "sitting_with_arm_support": sits
        & (wrists < ON_FLOOR).any(axis=1)
        & (of.facing < LEANS_BACK),
        "sitting_without_support": sits & hands_off & (of.facing < LEANS_BACK),
        "four_point_standing": on_all_fours & ~low_knees & (of.hips >= STANDS_FROM) & hands_down,
        "standing": ~lying & ~low_knees & (of.hips >= STANDS_FROM) & ~on_all_fours,
    }
    return np.stack([met[name] for name in TWELVE], axis=1)


def _ahead(joints: NDArray[Any], name: str) -> NDArray[np.float64]:
    """(n,) how far the left one is ahead of the right, along the trunk, in trunk lengths."""
    along = joints[:, _SHOULDERS].mean(axis=1) - joints[:, _HIPS].mean(axis=1)
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    offset = joints[:, _LEFT[name]] - joints[:, _RIGHT[name]]
    return np.asarray((offset * along).sum(axis=1) / squared)


def _steepness_of_arms(joints: NDArray[Any], up: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 2) sine of each upper arm's inclination: 1 the elbow is below the shoulder."""
    arms = joints[:, _SHOULDERS] - joints[:, (_LEFT["elbow"], _RIGHT["elbow"])]
    return np.asarray((arms @ up) / np.maximum(np.linalg.norm(arms, axis=2), 1e-9))


def _hand_to_leg(joints: NDArray[Any], trunk: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 2) from each wrist to the nearest knee or ankle, in trunk lengths."""
    legs = joints[:, [side[name] for name in ("knee", "ankle") for side in (_LEFT, _RIGHT)]]
    hands = joints[:, (_LEFT["wrist"], _RIGHT["wrist"])]
    apart = np.linalg.norm(hands[:, :, None] - legs[:, None], axis=3).min(axis=2)
    return np.asarray(apart / trunk[:, None])
