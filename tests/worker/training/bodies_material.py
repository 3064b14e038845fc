"""Bodies of which everything is known, as material without pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from backend.multiview.bodies.model_file import BodyModel, open_body
from tests.fixtures.fitting import four_cameras, sample_moments
from worker.training.material import TEST, TRAIN, VALIDATION, Body, Material, Sample

SIDE = 128


@cache
def samples(count: int, seed: int = 0) -> tuple[Sample, ...]:
    """Infants of one shape in poses of the prior, seen by one camera without noise."""
    camera = four_cameras()[0]
    made = sample_moments(count, seed=seed, cameras=[camera], noise_px=0, occluded=0)
    found = []
    for t in range(count):
        joints = made.joints[t, 0]
        low, high = joints[:, :2].min(axis=0), joints[:, :2].max(axis=0)
        box = (*low.tolist(), *(high - low).tolist())
        found.append(
            Sample(
                image=Path(f"{seed}-{t}.png"), image_id=t, width=camera.width,
                height=camera.height, joints=joints, box=box, area=float(np.prod(high - low)),
                infant=f"INF-{seed}", K=camera.K, distortion=camera.distortion,
                T_camera_world=camera.pose, joints_3d=camera.in_camera(made.coco[t]),
                body=Body(
                    open_body().name, made.betas, made.pose[t], made.scale, made.x[t, :3]
                ),
            )
        )  # fmt: skip
    return tuple(found)


def bodies() -> dict[str, BodyModel]:
    """Those of the samples' fits."""
    return {open_body().name: open_body()}


def material() -> Material:
    """Three infants, one a side."""
    parts = {TRAIN: samples(24, 1), VALIDATION: samples(6, 2), TEST: samples(6, 3)}
    return Material("sampled", Path(), "0" * 64, parts)
