"""What was accepted in playback: whether a release takes it, and the sample that vouches for it.

How many joints of that sample are wrong is told by :mod:`backend.domain.error_rates`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Bool, Int
from numpy.typing import NDArray

from backend.domain.chance import keys_of


class PlaybackPolicy(StrEnum):
    """Whether acceptance in playback suffices for a release."""

    ALLOWED = "allowed"
    SAMPLED = "sampled"
    REFUSED = "refused"


def in_sample(frames: Int[NDArray[Any], " n"], share: float, seed: int) -> Bool[NDArray[Any], " n"]:
    """Which frames a random sample of a share holds.

    Whether a frame belongs to it hangs on the frame and the seed alone: the sample stays the same
    when frames come and go, and a larger share holds the smaller.

    Args:
        frames: Ids.
        share: 0 to 1.
        seed: Another seed draws another sample.
    """
    keys = keys_of(frames, seed)
    return np.asarray((keys >> np.uint64(11)).astype(np.float64) * 2.0**-53 < share)
