"""Bundle adjustment over what was marked in the recording itself: cameras, and lenses if asked.

Every joint of every moment is a free point, eliminated from the normal equations (Schur
complement); cameras are solved for by Levenberg–Marquardt with Cauchy weights, whose scale follows
the marks' own scatter. Marks alone do not tell where the world lies nor how large it is, and hardly
whether a camera turned or moved aside: cameras are pulled towards where they were calibrated, by
Cauchy weights too, so that one that was moved neither stays there nor carries the others along.

Sources: Triggs et al. (2000), *Bundle adjustment – a modern synthesis*; Holland and Welsch (1977)
for the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.adjustable import KnownPoint, LensFreedom, StillPoints
from worker.calibration.adjustment import CAUCHY, Adjustment
from worker.calibration.adjustment_spread import covariances
from worker.calibration.marks import Marks, Rig
from worker.calibration.poses import inverse

Array = NDArray[np.float64]

_STEPS: Final = 30
_LEAST_MARKS: Final = 30


@dataclass(frozen=True, slots=True)
class Refined:
    """Cameras after adjustment, one entry for each of the rig's.

    sd_px: what a mark's coordinate scatters by. marks: how many were used. left_px: of each mark
    its distance from where the cameras together put it.
    """

    rig: Rig
    sd_px: float
    marks: int
    left_px: Array

    def cost(self, sd_px: float) -> float:
        """What is left over, in variances of a coordinate, far marks counting less and less."""
        c2 = (CAUCHY * sd_px) ** 2
        return float(c2 * np.log1p(np.square(self.left_px) / c2).sum()) / sd_px**2


def refine(
    rig: Rig,
    marks: Marks,
    *,
    lenses: LensFreedom = LensFreedom.FIXED,
    known: Sequence[KnownPoint] = (),
    still: Sequence[StillPoints] = (),
    floor_z: float | None = None,
    steps: int = _STEPS,
) -> Refined:
    """Adjust cameras to marks.

    Args:
        rig: Placed cameras, the start. Entries after the first of a camera were knocked.
        marks: Joints; at least two cameras must see a joint for it to count.
        lenses: Held; the focal length alone; or focal lengths, centre and two radial terms.
        known: Scene points of known position. With three or more that two cameras see they, and
            not the cameras' former places, tell where the world is.
        still: Features of the room in cameras that moved: how they turned.
        floor_z: Height of the floor, on which most of the room's features lie, where z is up.
        steps: At most.

    Raises:
        InvalidInput: too few marks that two cameras share.
    """
    adjustment = Adjustment(rig, marks, lenses, known, still, floor_z)
    if adjustment.count < _LEAST_MARKS:
        raise InvalidInput(
            f"{adjustment.count} marks of joints that two cameras see; at least {_LEAST_MARKS}"
            " are needed.",
            fault="too few marks",
        )
    damping = 1e-3
    cost = adjustment.cost()
    for _ in range(steps):
        normal = adjustment.linearise()
        for _ in range(8):
            trial = adjustment.stepped(normal, damping)
            better = trial.cost()
            if better < cost:
                break
            damping *= 6
        else:
            break
        gain = (cost - better) / max(cost, 1e-12)
        adjustment, cost, damping = trial, better, max(damping / 8, 1e-9)
        adjustment.rescale()
        cost = adjustment.cost()
        if gain < 1e-7:
            break
    done = tuple(covariances(adjustment))
    return Refined(
        replace(rig, cameras=done), adjustment.sd_px, adjustment.count, adjustment.left_px()
    )


def turned_by_deg(before: Camera, after: Camera) -> float:
    """Angle between two orientations of a camera, degrees."""
    turn = (after.pose @ inverse(before.pose))[:3, :3]
    return float(np.degrees(np.linalg.norm(cv2.Rodrigues(np.ascontiguousarray(turn))[0])))
