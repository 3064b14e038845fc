"""How far a body fit can be trusted: intervals of its joints, its expected error, and why.

InfantNet's 16 px rule (``fits.GATE_PX``) stays what it is. It compares a fit with marks in pixels
and so cannot tell a fit that follows wrong marks from a right one. The quality beside it is the
mean error of the joints to be expected, in millimetres: from the fit's information, the noise of
the marks, the cameras' own covariance, and how much the views contradict one another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDTH_FILE: Final = Path(__file__).with_name("fit_width.json")
"""What was learnt from made recordings (``benchmarks/bodies/learn_width.py``)."""

_LEARNT = json.loads(WIDTH_FILE.read_text(encoding="utf-8"))

LEVELS: Final = (0.5, 0.8, 0.95)
"""Shares of intervals that are stated."""

RADII: Final[tuple[float, ...]] = tuple(_LEARNT["radii"])
"""Half axes of the ellipsoids that hold these shares, in standard deviations of the covariance.
Errors have longer tails than normal ones (1.54, 2.15, 2.80)."""

GOOD_MM: Final[float] = _LEARNT["good_mm"]
"""Expected error up to which a fit is called good: on the seed that was learnt on, 98 % of such
fits missed by less than 15 mm."""

POOR_MM: Final = 25.0
"""Expected error from which a fit is called poor."""

UNSEEN_MM: Final = 40.0
"""Half width of the 80 % interval from which a joint counts as not seen."""

LENGTH_M: Final = (0.45, 1.02)
"""Lengths of infants from birth to 36 months: WHO's 3rd and 97th percentiles are .454 m and
1.03 m."""


class Trust(StrEnum):
    """What the expected error says in a word."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Doubt(StrEnum):
    """Why a fit, or a part of it, is in doubt."""

    MARK = "mark"
    SIDES = "sides"
    VIEW = "view"
    CAMERA = "camera"
    SHAPE = "shape"
    UNSEEN = "unseen"


def trust_of(quality_mm: float) -> Trust:
    """The word for an expected error in millimetres."""
    if quality_mm <= GOOD_MM:
        return Trust.GOOD
    return Trust.FAIR if quality_mm <= POOR_MM else Trust.POOR


def half_widths(covariance: Float[Array, "*n 3 3"], share: float = LEVELS[1]) -> Float[Array, "*n"]:
    """Longest half axis of the ellipsoid that holds a share of the errors, in metres.

    Args:
        covariance: Of joints, m².
        share: One of ``LEVELS``.
    """
    radius = RADII[LEVELS.index(share)]
    return np.asarray(radius * np.sqrt(np.maximum(np.linalg.eigvalsh(covariance)[..., -1], 0)))


def pack(covariance: Float[Array, "n 3 3"]) -> Float[Array, " m"]:
    """xx, xy, xz, yy, yz, zz of each joint, one after the other."""
    rows, columns = np.triu_indices(3)
    return np.asarray(covariance[:, rows, columns].reshape(-1))


def unpack(values: Sequence[float]) -> Float[Array, "n 3 3"]:
    """Covariances (n, 3, 3) from six numbers each."""
    six = np.asarray(values, float).reshape(-1, 6)
    return np.asarray(six[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3))
