"""A drawn figure as a network's input, the same numbers everywhere: no decoder, no resizing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LIMBS = (
    ((0.50, 0.34), (0.50, 0.56), 0.085),
    ((0.45, 0.34), (0.36, 0.44), 0.030),
    ((0.36, 0.44), (0.33, 0.56), 0.026),
    ((0.55, 0.34), (0.65, 0.43), 0.030),
    ((0.65, 0.43), (0.70, 0.54), 0.026),
    ((0.47, 0.58), (0.44, 0.72), 0.040),
    ((0.44, 0.72), (0.44, 0.87), 0.032),
    ((0.53, 0.58), (0.57, 0.72), 0.040),
    ((0.57, 0.72), (0.58, 0.87), 0.032),
    ((0.50, 0.22), (0.50, 0.25), 0.060),
)
"""Ends and half-widths in shares of the side: trunk, arms, legs, head."""


def drawn_figure(side: int) -> NDArray[np.float32]:
    """(1, side, side, 3) in [0, 1]: a person in front of a wall, softly shaded."""
    at = (np.arange(side) + 0.5) / side
    y, x = np.meshgrid(at, at, indexing="ij")
    picture = np.stack([0.55 + 0.2 * y, 0.6 + 0.1 * x, 0.65 - 0.1 * y], axis=-1)
    for number, ((x0, y0), (x1, y1), width) in enumerate(_LIMBS):
        along = np.clip(
            ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1
        )
        away = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
        inside = np.clip((width - away) * 64, 0, 1)[..., None]
        colour = (
            np.array([0.85, 0.65, 0.55]) if number in (1, 2, 3, 4, 9) else np.array([0.2, 0.3, 0.6])
        )
        shade = (1 - 0.4 * np.clip(away / width, 0, 1))[..., None]
        picture = picture * (1 - inside) + colour * shade * inside
    return picture[None].astype(np.float32)
