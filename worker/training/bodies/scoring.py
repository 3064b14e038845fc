"""Errors of body regressors in millimetres, and two plain answers beside them.

MPJPE and PVE are about the pelvis (the middle of COCO's hips) and unaligned; PA-MPJPE after a
similarity with scale (:mod:`backend.domain.evaluation.body_errors`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from mmengine.evaluator import BaseMetric

from backend.domain.errors import InvalidInput
from backend.domain.evaluation.body_errors import body_measures
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import BodyModel
from worker.fitting.session import fit_session
from worker.training.bodies.crops import camera_of
from worker.training.bodies.regression import Mean
from worker.training.bodies.rotations import mean_rotations
from worker.training.bodies.samples import BodySamples, true_joints, true_vertices, truth_in
from worker.training.bodies.torch_body import TorchBody

KEY: Final = "PA-MPJPE"


class BodyErrors(BaseMetric):  # type: ignore[misc]
    """MPJPE, PA-MPJPE, PVE and the unaligned ones, means over samples.

    Takes what :class:`~worker.training.bodies.model.BodyRegressor` predicts; vertices are compared
    where the truth has the same mesh.
    """

    default_prefix = None

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """See mmengine."""
        for said in data_samples:
            true = said.get("true_vertices")
            vertices = None if true is None else said["vertices"]
            self.results.append(errors_of(said["joints"], said["true_joints"], vertices, true))

    def compute_metrics(self, results: Sequence[dict[str, float]]) -> dict[str, float]:
        """See mmengine."""
        return averaged(results)


def errors_of(
    joints: Any, true: Any, vertices: Any = None, true_mesh: Any = None
) -> dict[str, float]:
    """Measures of one body: (17, 3) joints and (V, 3) vertices or None; metres in one camera."""
    given = (None if v is None else np.asarray(v, float)[None]
             for v in (joints, true, vertices, true_mesh))  # fmt: skip
    found = body_measures(*given)  # type: ignore[arg-type]
    return {name: float(value[0]) for name, value in found.items()}


def averaged(results: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Means by name over what is known."""
    return {
        name: round(float(np.nanmean([one[name] for one in results])), 3) for name in results[0]
    }


def mean_of(samples: BodySamples, body: BodyModel) -> Mean:
    """Where regression begins, from training samples.

    The body's mean is in the axes of the crop that is not turned.
    """
    rotations, betas, sizes, cameras = [], [], [], []
    for index, sample in enumerate(samples.part):
        assert sample.body is not None
        crop = samples.crop(index)
        truth = truth_in(sample, crop, samples.bodies)
        own = samples.bodies[sample.body.model]
        rotations.append(truth["rotations"])
        same = sample.body.model == body.name
        betas.append(truth["betas"] if same else np.zeros(body.betas))
        sizes.append(float(np.log(truth["scale"] * own.rest_length / body.rest_length)))
        x, y, z = truth["place"]
        cameras.append([np.log(2 * crop.focal / crop.side / z), x, y])
    return Mean(
        mean_rotations(np.stack(rotations)), np.mean(betas, axis=0), float(np.mean(sizes)),
        np.mean(cameras, axis=0),
    )  # fmt: skip


def same_mesh(one: BodyModel, other: BodyModel) -> bool:
    """Whether vertex k of one is vertex k of the other."""
    return np.array_equal(one.faces, other.faces)


def score_mean(samples: BodySamples, mean: Mean, body: BodyModel) -> dict[str, float]:
    """The same mean body for every sample: what must be beaten."""
    module = TorchBody(body)
    betas, rotations, scale = (
        torch.as_tensor(v, dtype=torch.float32)[None]
        for v in (mean.betas, mean.rotations, np.exp(mean.size))
    )
    joints = module.joints(betas, rotations, scale)[0][0].numpy()
    mesh = module.vertices(betas, rotations, scale)[0].numpy()
    results = []
    for index, sample in enumerate(samples.part):
        crop, own = samples.crop(index), samples.body_of(sample)
        depth = 2 * crop.focal / crop.side * np.exp(-mean.camera[0])
        place = np.array([*mean.camera[1:], depth])
        truth = crop.into(true_joints(sample, own))
        if same_mesh(own, body):
            true = crop.into(true_vertices(sample, own))
            results.append(errors_of(joints + place, truth, mesh + place, true))
        else:
            results.append(errors_of(joints + place, truth))
    return averaged(results)


def score_fits(
    samples: BodySamples, body: BodyModel, noise_px: float = 0.0, seed: int = 0
) -> tuple[dict[str, float], int]:
    """A fit to the true 2D joints of each single view, and how many samples could not be fitted.

    Args:
        samples: What is fitted.
        body: The body model.
        noise_px: Standard deviation added to the joints, pixels.
        seed: Of the noise.
    """
    rng = np.random.default_rng(seed)
    results, failed = [], 0
    for sample in samples.part:
        joints = sample.joints.copy()
        joints[:, :2] += noise_px * rng.normal(size=(17, 2)) * (joints[:, 2:] > 0)
        try:
            fit = fit_session(body, [camera_of(sample)], joints[None, None])
        except InvalidInput:
            failed += 1
            continue
        own = samples.body_of(sample)
        truth = true_joints(sample, own)
        if same_mesh(own, body):
            posed = pose_body(
                body, fit.betas[0], fit.pose[0], float(fit.scale[0]), fit.translation[0]
            )
            mesh = (posed.vertices, true_vertices(sample, own))
            results.append(errors_of(fit.joints3d_coco[0], truth, *mesh))
        else:
            results.append(errors_of(fit.joints3d_coco[0], truth))
    return (averaged(results) if results else {}), failed
