"""Lenses with terms that are not known here, as the nearest ones that are.

OpenCV's models with 12 and 14 coefficients add thin prisms and a tilted sensor to the rational
model. Their effect is a shift and shear of the picture that grows outwards; focal lengths, centre,
tangential and radial terms take up nearly all of it. How much is left is said; more than a pixel is
refused.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.optimize import least_squares

Array = NDArray[np.float64]

WORST_PX: Final = 1.0
_GRID: Final = (17, 13)


def to_eight(
    K: Float[Array, "3 3"], distortion: Float[Array, " n"], size: tuple[int, int]
) -> tuple[Float[Array, "3 3"], Float[Array, "8"], float]:
    """The nearest rational model with 8 coefficients.

    Args:
        K: (3, 3) in OpenCV's convention.
        distortion: 12 or 14 coefficients in OpenCV's order.
        size: Width and height of the picture, over which both are compared.

    Returns:
        K, coefficients, and the largest distance between the two models' pixels.
    """
    x, y = np.meshgrid(np.linspace(0, size[0] - 1, _GRID[0]), np.linspace(0, size[1] - 1, _GRID[1]))
    pixels = np.stack((x, y), axis=-1).reshape(-1, 1, 2)
    rays = np.asarray(cv2.undistortPoints(pixels, K, distortion), float).reshape(-1, 2)
    points = np.column_stack((rays, np.ones(len(rays))))
    # Where a ray was not found exactly, it is compared where it really falls.
    target = _projected(points, K, distortion)

    def model(values: Array) -> tuple[Array, Array]:
        L = K.copy()
        L[0, 0], L[1, 1], L[0, 2], L[1, 2] = values[:4] * K[0, 0]
        return L, values[4:]

    start = np.concatenate((np.array([K[0, 0], K[1, 1], K[0, 2], K[1, 2]]) / K[0, 0],
                            distortion[:8]))  # fmt: skip
    found = least_squares(
        lambda values: (_projected(points, *model(values)) - target).reshape(-1), start,
        x_scale="jac", max_nfev=200,
    )  # fmt: skip
    L, bent = model(found.x)
    apart = np.linalg.norm(_projected(points, L, bent) - target, axis=1)
    return L, np.asarray(bent), float(apart.max())


def _projected(points: Array, K: Array, distortion: Array) -> Array:
    there, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, distortion)
    return np.asarray(there, float).reshape(-1, 2)
