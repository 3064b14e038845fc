"""What moves along when a person drags one joint."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Array = NDArray[np.float64]


def drag_along(
    positions: Float[Array, "17 2"], sigmas: Float[Array, "17"], joint: int, to: Float[Array, "2"]
) -> Float[Array, "17 2"]:
    """The body after one joint was dragged: the others follow as far as they are unsure.

    Args:
        positions: (17, 2) before; NaN joints stay.
        sigmas: (17,) pixels; 0 for confirmed joints, which do not move.
        joint: The dragged one. to: (2,) where it is now.
    """
    raise NotImplementedError
