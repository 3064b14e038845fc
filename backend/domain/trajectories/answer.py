"""The answer: where the joints most likely are, how sure that is, and what it leans on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.domain.trajectories.noise import Noise

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

RADII = ((0.5, 1.1), (0.8, 1.74), (0.95, 2.45))
"""Share of joints, and the radius within which they lie, in sigmas. Of a Gaussian they
are 1.18, 1.79 and 2.45: errors have a narrower core and wider tails. Medians over sessions for
development."""


@dataclass(frozen=True, eq=False)
class CameraAnswer:
    """Of one camera's T frames.

    Attributes:
        positions: (T, 17, 2) pixels; NaN where nothing is known (discarded frames, no evidence).
            Confirmed joints stand exactly where the person put them; where the evidence does not
            contradict the pre-label, the answer is the pre-label exactly.
        sigmas: (T, 17) pixels along each axis; inf where nothing is known.
        bare: (T, 17) the same, not widened by what misses at confirmed frames say.
        visibility: (T, 17) proposal 0, 1 or 2; what a person said stays.
        leans: (T, 2, 2) the confirmed frames before and after that the answer leans on, as
            (camera, frame); -1 where there is none. A confirmed frame leans on itself.
        source: (T, 17) of :class:`Source`: what the position is.
        choice: (T,) which of the options of the frame the marks were taken from, see ``options``.
        reach: (T-1, 17) correlation of the error between consecutive frames, 0 to 1.
        scale: (T,) the body's size in the image, pixels: root of its area.
    """

    positions: Array
    sigmas: Array
    bare: Array
    visibility: Ints
    leans: Ints
    source: Ints
    choice: Ints
    reach: Array
    scale: Array


class Source:
    """What a joint's position is (plain numbers, they fill arrays)."""

    NOTHING = 0
    PRE_LABEL = 1
    INFERRED = 2
    CONFIRMED = 3


@dataclass(frozen=True, eq=False)
class Space:
    """Joints in the world, where cameras are calibrated.

    Attributes:
        joints: (M, 17, 3) metres; NaN where nothing is known.
        covariances: (M, 17, 3, 3) square metres.
    """

    joints: Array
    covariances: Array


@dataclass(frozen=True, eq=False)
class Answer:
    """Of a session.

    Attributes:
        cameras: One answer for each camera.
        space: The joints in the world, or None.
        noise: What was learnt of this session's noise; a later local solution starts from it.
        shifts: (C, 2) pixels by which calibrated cameras are off, or None (``shifts``).
    """

    cameras: tuple[CameraAnswer, ...]
    space: Space | None = None
    noise: tuple[Noise, ...] = ()
    shifts: Array | None = None


def radius(sigmas: Array, share: float) -> Array:
    """Pixels within which the stated share of joints lies, from their sigmas."""
    shares, sizes = np.array(RADII).T
    return np.asarray(sigmas * np.interp(share, shares, sizes))
