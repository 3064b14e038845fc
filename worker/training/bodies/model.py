"""A body regressor as mmengine trains it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from worker.training.bodies.losses import WEIGHTS, body_losses
from worker.training.bodies.regression import Estimate
from worker.training.bodies.torch_body import TorchBody

_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pictures, as pre-trained residual networks want them."""


class BodyRegressor(BaseModel):  # type: ignore[misc]
    """A network of :mod:`worker.training.bodies.networks` with its body model.

    Args:
        network: Takes images and given joints.
        body: Of the body that it says.
        weights: Of the losses.
    """

    def __init__(
        self, network: nn.Module, body: TorchBody, weights: Mapping[str, float] = WEIGHTS
    ) -> None:
        super().__init__()
        self.network, self.body, self.weights = network, body, weights
        self.register_buffer("colour_mean", torch.tensor(_MEAN)[:, None, None], persistent=False)
        self.register_buffer(
            "colour_spread", torch.tensor(_SPREAD)[:, None, None], persistent=False
        )

    def estimate(self, images: Tensor, given: Tensor) -> Estimate:
        """images: (N, 3, S, S) uint8. given: (N, 17, 3)."""
        bright = (images.float() / 255 - self.colour_mean) / self.colour_spread
        found: Estimate = self.network(bright, given)
        return found

    def forward(
        self, inputs: Tensor, data_samples: Mapping[str, Tensor], mode: str = "tensor"
    ) -> Any:
        """See mmengine."""
        found = self.estimate(inputs, data_samples["given"])
        if mode == "loss":
            with torch.autocast(inputs.device.type, enabled=False):
                return body_losses(found, data_samples, self.body, self.weights)
        if mode == "tensor":
            return found
        return self._said(found, data_samples)

    def _said(self, found: Estimate, truth: Mapping[str, Tensor]) -> list[dict[str, Any]]:
        """Per sample: COCO's joints and vertices in the crop's camera, and the parameters."""
        scale = found.size.float().exp()
        place = found.place(truth["focal"])
        joints, _ = self.body.joints(found.betas, found.rotations, scale)
        vertices = self.body.vertices(found.betas, found.rotations, scale)
        values = {
            "joints": joints + place[:, None], "vertices": vertices + place[:, None],
            "rotations": found.rotations, "betas": found.betas, "scale": scale, "place": place,
            "index": truth["index"], "focal": truth["focal"], "true_joints": truth["joints_3d"],
        }  # fmt: skip
        if "vertices" in truth:
            values["true_vertices"] = truth["vertices"]
        plain = {name: value.detach().cpu().numpy() for name, value in values.items()}
        return [
            {name: np.asarray(value[i]) for name, value in plain.items()} for i in range(len(place))
        ]
