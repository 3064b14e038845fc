"""What a fit of a recording gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from worker.fitting.config import FitConfig
from worker.fitting.odd import Odd

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SessionFit:
    """Body fits of N moments of one recording seen by C views. World metres, radians, pixels.

    Attributes:
        body_name: Of the body model. body_sha256: Hash of its file.
        config: The settings.
        calibration: Version or name of the calibration; "" if not said.
        camera_names: (C,).
        camera_assumed: (C,) whether nothing was known of the camera; its fits have no true scale.
        moment: (N,) number of the moment in the input. Moments with too few joints have no fit.
        time_s: (N,), NaN where times are not known.
        betas: (N, B), the same in all. scale: (N,), the same in all.
        pose: (N, 72) axis-angle, SMPL's joint order, the first the orientation in the world.
        translation: (N, 3) where the pelvis is.
        joints3d_coco: (N, 17, 3). joints3d_body: (N, 24, 3).
        error_px: (N, C, 17) reprojection error, NaN where no joint was given.
        mean_error_px: (N,).
        mask_iou: (N, C) overlap with the mask, NaN where there is none.
        gate_passed: (N,) whether the fit is good enough (see ``FitConfig.gate_px``).
        self_intersections: (N,) pairs of limbs that overlap.
        facing_restarts: (N,) how many other starts were tried.
        converged: (N,). energy: (N,) of the last stage. steps: (N,) Levenberg–Marquardt steps.
        limb_error: (N,) largest relative difference between a limb of the triangulated joints and
            the body's, NaN where nothing could be triangulated.
        shape_moments: Moments that fixed the shape.
        offsets: (V, 3) metres at scale 1 added to the skin at rest, or None.
        refitted: Moments that this run fitted; the others are as they were.
        covariance: (N, 17, 3, 3) m² of ``joints3d_coco``; ``domain.fit_quality.RADII`` says which
            share of errors lies within which ellipsoid.
        quality_mm: (N,) expected mean error of the joints, millimetres.
        doubts: Of each fit what is odd about it, the weightiest first.
        shape_covariance: (B + 1, B + 1) of betas and scale.
        noise_px: Standard deviation of a visible mark along x or y, as estimated.
        time_filter: How neighbours in time had a say: "moment" (not at all), "neighbours" (each
            moment with what both beside it predict), or "sequence" (all together).
        spread_m: (N, 17) standard deviation of each joint along an axis as the sequence leaves it,
            NaN where a moment belongs to none.
        bridged: (N,) moments that had too few joints: the sequence alone places them.
        raw_pose: (N, 72), raw_translation (N, 3) and raw_joints3d_coco (N, 17, 3): the same
            without the sequence, NaN where a moment has no fit of its own. None: there was no
            sequence, and the pose is raw.
    """

    body_name: str
    body_sha256: str
    config: FitConfig
    calibration: str
    camera_names: tuple[str, ...]
    camera_assumed: NDArray[np.bool_]
    moment: NDArray[np.int64]
    time_s: Array
    betas: Array
    scale: Array
    pose: Array
    translation: Array
    joints3d_coco: Array
    joints3d_body: Array
    error_px: Array
    mean_error_px: Array
    mask_iou: Array
    gate_passed: NDArray[np.bool_]
    self_intersections: NDArray[np.int64]
    facing_restarts: NDArray[np.int8]
    converged: NDArray[np.bool_]
    energy: Array
    steps: Array
    limb_error: Array
    shape_moments: tuple[int, ...] = ()
    offsets: Array | None = None
    refitted: tuple[int, ...] = field(default=())
    covariance: Array | None = None
    quality_mm: Array | None = None
    doubts: tuple[tuple[Odd, ...], ...] = ()
    shape_covariance: Array | None = None
    noise_px: float | None = None
    time_filter: str = "moment"
    spread_m: Array | None = None
    bridged: NDArray[np.bool_] | None = None
    raw_pose: Array | None = None
    raw_translation: Array | None = None
    raw_joints3d_coco: Array | None = None

    def __len__(self) -> int:
        return len(self.moment)
