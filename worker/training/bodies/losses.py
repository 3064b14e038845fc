"""Losses of body regressors: joints in the picture, joints in 3D, parameters, parts.

After HMR (Kanazawa et al. 2018) and SPIN (Kolotouros et al. 2019): L1 of joints in 2D and 3D, L2 of
rotation matrices and betas. Joints in 3D are compared about the pelvis (middle of the hips).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from worker.training.bodies.regression import Estimate
from worker.training.bodies.torch_body import TorchBody

HIPS: Final = (11, 12)
WEIGHTS: Final[Mapping[str, float]] = {
    "joints_2d": 5.0, "joints_3d": 20.0, "pose": 4.0, "betas": 0.02, "size": 1.0, "parts": 0.3,
    "camera": 0.5,
}  # fmt: skip
NEAR_M: Final = 0.1
"""Points nearer to the camera are taken as if they were there."""


def projected(points: Tensor, focal: Tensor) -> Tensor:
    """(N, K, 3) points of a crop's camera to (N, K, 2) in half widths about its middle."""
    z = points[..., 2:].clamp(min=NEAR_M)
    return focal[:, None, None] * points[..., :2] / z


def about_hips(joints: Tensor) -> Tensor:
    """(N, 17, 3) about the middle of the hips."""
    return joints - joints[:, list(HIPS)].mean(dim=1, keepdim=True)


def body_losses(
    found: Estimate, truth: Mapping[str, Tensor], body: TorchBody,
    weights: Mapping[str, float] = WEIGHTS,
) -> dict[str, Tensor]:  # fmt: skip
    """Weighted losses by name.

    Args:
        found: Of N crops.
        truth: As ``BodySamples`` gives it, stacked.
        body: The network's body model.
        weights: By name of a loss.
    """
    joints, _ = body.joints(found.betas, found.rotations, found.size.exp())
    placed = joints + found.place(truth["focal"])[:, None]
    seen = truth["joints_2d"][..., 2:]
    off = (projected(placed, truth["focal"]) - truth["joints_2d"][..., :2]).abs() * seen
    same = truth["same"]
    losses = {
        # Far outside of the crop a joint pulls no stronger than at its border.
        "joints_2d": off.clamp(max=2).sum() / seen.sum().clamp(min=1) / 2,
        "joints_3d": (about_hips(joints) - about_hips(truth["joints_3d"])).abs().mean(),
        "pose": functional.mse_loss(found.rotations, truth["rotations"]),
        "betas": (((found.betas - truth["betas"]) ** 2).mean(dim=1)).mean(),
        "size": (same * (found.size - truth["scale"].log()).abs()).mean(),
        "camera": (found.camera[:, 0] - (truth["focal"] / truth["place"][:, 2]).log()).abs().mean(),
    }
    if found.parts is not None and "parts" in truth:
        losses["parts"] = functional.cross_entropy(found.parts, truth["parts"])
    return {f"loss_{name}": weights[name] * value for name, value in losses.items()}


def mean_loss(losses: Mapping[str, Tensor]) -> Tensor:
    """The sum of all."""
    return torch.stack(list(losses.values())).sum()
