"""What an adjustment of cameras is given beside the joints, and what it may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Array = NDArray[np.float64]


class LensFreedom(StrEnum):
    """What of the lenses may change."""

    FIXED = "fixed"
    FOCAL = "focal"
    FREE = "free"


LENS_SIZE: Final = {LensFreedom.FIXED: 0, LensFreedom.FOCAL: 1, LensFreedom.FREE: 6}


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """A scene point of known position: metres, and its pixels by camera index."""

    xyz: tuple[float, float, float]
    seen: Mapping[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class StillPoints:
    """Features of the room that one camera saw before and after it moved.

    Attributes:
        entries: The rig's entries of that camera before and after.
        pixels: (N, 2, 2) of each feature its place before and after.
    """

    entries: tuple[int, int]
    pixels: Float[Array, "n 2 2"]
