"""Where the joints of a frame come from, by its history."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.skeleton import N_JOINTS


def settled_since(
    history: Float[NDArray[Any], "m 17 3"], first: Int[NDArray[Any], " n"]
) -> Int[NDArray[Any], "n 17"]:
    """The version in which each joint came to lie where it lies now.

    A joint that was moved away and back came there when it was moved back.

    Args:
        history: Joints (x, y, visibility) after every step of n frames, frame after frame, oldest
            first; zeros where nobody was placed.
        first: (n,) index of each frame's first step, rising.

    Returns:
        (n, 17) index of the step; the frame's first where the joint was never anything else.
    """
    count = np.diff(first, append=len(history))
    frame = np.repeat(np.arange(len(first)), count)
    last = history[first + count - 1]
    other = (history != last[frame]).any(axis=2)
    after = np.where(other, np.arange(1, len(history) + 1)[:, None], 0)
    since = np.maximum.reduceat(after, first, axis=0)
    return np.asarray(np.maximum(since, first[:, None]))


def still_theirs(
    joints: Float[NDArray[Any], "n 17 3"], proposed: Float[NDArray[Any], "n 17 3"]
) -> Bool[NDArray[Any], "n 17"]:
    """Which joints still lie exactly where the chosen person of a model or file had them.

    Args:
        joints: x, y, visibility now.
        proposed: The chosen person's; NaN where nobody was chosen.
    """
    return np.asarray((joints == proposed).all(axis=2))


def still_carried(bits: Int[NDArray[Any], " n"]) -> Bool[NDArray[Any], "n 17"]:
    """Which joints lie as they were inferred from other frames, and were taken so by a person.

    Args:
        bits: Of each frame, bit i for joint i (``domain.carried``).
    """
    return np.asarray(bits[:, None] >> np.arange(N_JOINTS) & 1, dtype=bool)
