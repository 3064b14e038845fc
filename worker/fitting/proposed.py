"""Bodies that something else proposes, as further starts of a fit: a regressor's, for example.

A single view leaves facing and depth open, and the fit tries several starts. A proposal is one
more: it is taken only where the fit from there ends at a lower energy, so that a wrong one costs
time and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from worker.fitting.priors import active_pose
from worker.fitting.problem import Problem
from worker.fitting.rig import JointBasis

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Proposed:
    """Bodies of N moments in the fit's world.

    Attributes:
        moment: (N,) numbers of the moments in the input, rising.
        pose: (N, 72) axis-angle. translation: (N, 3) where the pelvis is, metres.
        scale: (N,) of the body model that is fitted.
    """

    moment: NDArray[np.int64]
    pose: Array
    translation: Array
    scale: Array

    def __post_init__(self) -> None:
        n = len(self.moment)
        shapes = (self.pose.shape, self.translation.shape, self.scale.shape)
        if shapes != ((n, 72), (n, 3), (n,)) or (np.diff(self.moment) <= 0).any():
            raise _wrong(f"{n} proposed bodies have shapes {shapes}, or moments that do not rise")
        numbers = (self.pose, self.translation, self.scale)
        if not all(np.isfinite(v).all() for v in numbers) or (self.scale <= 0).any():
            raise _wrong("proposed bodies hold values that are no numbers, or sizes below zero")

    def starts(
        self, problem: Problem, basis: JointBasis, scale: float
    ) -> tuple[Float[Array, "t n"], Bool[NDArray[np.bool_], " t"]]:
        """Solutions (T, 3 + 3A) and which moments have one (T,).

        A proposal seen by one view is moved along its ray until it looks as large with the scale
        of this fit as with its own: what one view cannot tell, the fit has decided.
        """
        x = np.zeros((problem.moments, 3 + 3 * len(basis.active)))
        at = np.searchsorted(self.moment, problem.moment).clip(max=max(len(self.moment) - 1, 0))
        if not len(self.moment):
            return x, np.zeros(problem.moments, bool)
        known = np.asarray(self.moment[at] == problem.moment)
        rows = np.flatnonzero(known)
        at = at[rows]
        place = self.translation[at].copy()
        best = (problem.w2[rows] > 0).sum(2).argmax(1)
        for i, row in enumerate(rows):
            camera = problem.cameras[best[i]]
            if problem.views_seen[row] == 1 and camera is not None:
                ratio = scale / self.scale[at[i]]
                place[i] = camera.centre + (place[i] - camera.centre) * ratio
        x[rows] = active_pose(basis, self.pose[at], place)
        return x, known


def _wrong(fault: str) -> InvalidInput:
    return InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
