"""What lies around a joint: the image's border, other people, the infant's outline."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.limits import LOW_SCORE
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion.bodies import SAME_BODY
from backend.domain.suspicion.doubts import HALF_OTHER, fallen
from backend.domain.suspicion.tracks import Track

Array = NDArray[np.float64]

ALIKE_JOINTS: Final = 0.5
"""Share of joints that two people found may have in one place and still be two."""


UNFORETOLD: Final = 0.45
"""What lying on somebody else counts where no frame is near that could put the joint elsewhere: not
enough by itself, since carers hold infants."""


def outside(track: Track) -> Array:
    """(T, 17) 1 where a present joint lies outside the image."""
    x, y = track.joints[..., 0], track.joints[..., 1]
    width, height = track.size
    with np.errstate(invalid="ignore"):
        return ((x < 0) | (y < 0) | (x > width) | (y > height)).astype(float)


def on_others(track: Track, size: Array, jump: Array) -> Array:
    """(T, 17) how likely a joint lies on somebody else.

    Carers hold infants, so that hands in one place are no fault. A joint is doubted where it lies
    at the same joint of somebody else *and* the infant's own frames put it elsewhere.

    Args:
        track: The infant.
        size: (T,) its size.
        jump: (T, 17) probability that a joint jumps; NaN where no frame is near.
    """
    others = track.others
    if not others.joints.shape[1]:
        return np.zeros((len(track), N_JOINTS))
    away = np.linalg.norm(others.joints - track.joints[:, None], axis=-1)
    away = np.where(others.scores >= LOW_SCORE, away, np.nan) / size[:, None, None]
    seen = np.isfinite(away)
    near = np.where(seen, away < SAME_BODY, False).sum(-1)
    same = near > ALIKE_JOINTS * np.maximum(seen.sum(-1), 1)
    elsewhere = np.where(np.isfinite(jump), np.minimum(1.0, 2 * jump), UNFORETOLD)
    away = np.where(same[..., None], np.inf, np.where(seen, away, np.inf)).min(axis=1)
    return fallen(np.where(np.isfinite(away), away, np.nan), HALF_OTHER) * elsewhere
