"""What moves along when a person drags one joint.

The errors of a body's joints are alike: whoever placed the elbow wrongly placed the wrist wrongly
too. Their correlation falls with each bone between them (a Gaussian Markov field on the skeleton's
tree); given that one joint was off by d, joint k is expected to be off by r · min(s_k / s, 1) · d,
the conditional mean, where r is the product of the bones' correlations on the way. Nobody follows
farther than the hand, and what is certain stays. The browser follows the same rule, held to
``tests/vectors/drag.json``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.skeleton import N_JOINTS

Array = NDArray[np.float64]

TREE: Final[tuple[tuple[int, int, float], ...]] = (
    (0, 1, 0.9), (0, 2, 0.9), (1, 3, 0.8), (2, 4, 0.8), (0, 5, 0.4), (5, 6, 0.5), (5, 11, 0.4),
    (11, 12, 0.6), (5, 7, 0.5), (7, 9, 0.7), (6, 8, 0.5), (8, 10, 0.7), (11, 13, 0.5),
    (13, 15, 0.7), (12, 14, 0.5), (14, 16, 0.7),
)  # fmt: skip
"""Bones of the tree and the correlation of the errors at their ends. A forearm is taken elsewhere
as a whole, a face too; the trunk holds."""

LEAST_SIGMA: Final = 0.5
"""Pixels: a joint surer than this counts as that sure."""


def _correlations() -> Array:
    out = np.eye(N_JOINTS)
    for _ in range(N_JOINTS):
        for a, b, r in TREE:
            better = r * out[a] > out[b]
            out[b, better] = r * out[a][better]
            better = r * out[b] > out[a]
            out[a, better] = r * out[b][better]
    return out


CORRELATIONS: Final = _correlations()
"""(17, 17) products of the bones' correlations between joints."""


def drag_along(
    positions: Float[Array, "17 2"], sigmas: Float[Array, "17"], joint: int, to: Float[Array, "2"]
) -> Float[Array, "17 2"]:
    """The body after one joint was dragged: the others follow as far as they are unsure.

    Args:
        positions: (17, 2) before; NaN joints stay.
        sigmas: (17,) pixels; 0 for confirmed joints, which do not move.
        joint: The dragged one. to: (2,) where it is now.
    """
    out = np.array(positions, float)
    moved = np.asarray(to, float) - out[joint]
    if not np.isfinite(moved).all():
        out[joint] = to
        return out
    own = max(float(sigmas[joint]), LEAST_SIGMA)
    sure = np.asarray(sigmas, float)
    share = CORRELATIONS[joint] * np.minimum(np.where(np.isfinite(sure), sure, own) / own, 1.0)
    share[joint] = 1.0
    return np.asarray(out + share[:, None] * moved)
