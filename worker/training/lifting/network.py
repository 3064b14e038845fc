"""Lifting networks: from joints in an image to joints in space.

Sources: Martinez et al. 2017, "A simple yet effective baseline for 3d human pose estimation"
(residual blocks of linear layers with batch normalisation and dropout); Pavllo et al. 2019, "3D
human pose estimation in video with temporal convolutions and semi-supervised training" (dilated
convolutions over time). Written from the papers.
"""

from __future__ import annotations

from typing import Any

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from backend.domain.skeleton import N_JOINTS
from worker.training.lifting.coordinates import FEATURES

OUTPUTS = 3 * N_JOINTS + 3


class _Block(nn.Module):
    """Two layers, each normalised, rectified and thinned out, around which the input is led."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(2):
            layers += [nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU()]
            layers.append(nn.Dropout(dropout))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(x + self.layers(x))


class _Dilated(nn.Module):
    """A dilated convolution and one of width 1; the middle of the input is led around them."""

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.dilation = dilation
        self.layers = nn.Sequential(
            nn.Conv1d(width, width, 3, dilation=dilation, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv1d(width, width, 1, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        middle = x[:, :, self.dilation : x.shape[2] - self.dilation]
        return torch.as_tensor(middle + self.layers(x))


class Lifting(BaseModel):  # type: ignore[misc]
    """A network over one image or over an odd number of images that follow one another.

    Args:
        width: Of the hidden layers.
        blocks: Residual blocks; with ``frames`` above 1 there is one for each factor of 3 after
            the first, whatever this says.
        dropout: Share of values that are dropped in training.
        frames: Images that it looks at: 1, or a power of 3; it tells the middle one's joints.
    """

    def __init__(self, width: int, blocks: int, dropout: float, frames: int = 1) -> None:
        super().__init__()
        self.frames = frames
        self.register_buffer("mean", torch.zeros(OUTPUTS))
        self.register_buffer("spread", torch.ones(OUTPUTS))
        first: list[nn.Module]
        middle: list[nn.Module]
        if frames == 1:
            first = [nn.Linear(FEATURES, width)]
            middle = [_Block(width, dropout) for _ in range(blocks)]
            last: nn.Module = nn.Linear(width, OUTPUTS)
        else:
            first = [nn.Conv1d(FEATURES, width, 3, bias=False)]
            dilations = [3**k for k in range(1, 20) if 3 ** (k + 1) <= frames]
            if 3 ** (len(dilations) + 1) != frames:
                raise ValueError(f"{frames} frames: 1 or a power of 3 is wanted")
            middle = [_Dilated(width, dilation, dropout) for dilation in dilations]
            last = nn.Conv1d(width, OUTPUTS, 1)
        first += [nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*first, *middle, last)

    def standardise(self, targets: Tensor) -> None:
        """Take mean and standard deviation of the outputs from (N, 54) targets of training."""
        self.mean.copy_(targets.mean(dim=0))
        self.spread.copy_(targets.std(dim=0).clamp_min(1e-4))

    def said(self, inputs: Tensor) -> Tensor:
        """(B, 54) standardised outputs for (B, 51) or (B, frames, 51) inputs."""
        if self.frames == 1:
            return torch.as_tensor(self.layers(inputs))
        return torch.as_tensor(self.layers(inputs.transpose(1, 2))[:, :, 0])

    def forward(
        self, inputs: Tensor, data_samples: dict[str, Any] | None = None, mode: str = "tensor"
    ) -> Any:
        """See mmengine: ``loss``, ``predict`` (a dict a sample) or ``tensor`` ((B, 54) metres)."""
        said = self.said(inputs)
        if mode == "loss":
            if data_samples is None:
                raise ValueError("a loss needs what is true")
            wanted = (data_samples["target"] - self.mean) / self.spread
            return {"loss_joints": nn.functional.mse_loss(said, wanted)}
        metres = said * self.spread + self.mean
        if mode == "tensor":
            return metres
        numbers = (data_samples or {})["number"]
        return [
            {"number": int(number), "said": row}
            for number, row in zip(numbers, metres.double().cpu().numpy(), strict=True)
        ]
