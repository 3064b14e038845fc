"""From features to a body: what heads give, and iterative regression from the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.multiview.bodies.model_file import JOINTS
from worker.training.bodies.rotations import to_matrices

Array = NDArray[np.float64]

POSE: Final = 6 * JOINTS
CAMERA: Final = 3


@dataclass(frozen=True, eq=False)
class Estimate:
    """What a network says of N crops.

    Attributes:
        rotations: (N, 24, 3, 3), the root's to the crop's camera.
        betas: (N, B). size: (N,) logarithm of the body's scale.
        camera: (N, 3) logarithm of half widths of the crop per metre, and the shift (x, y) in
            metres: weak perspective.
        parts: (N, 8, h, w) logits of background and seven parts; None where nothing is said.
    """

    rotations: Tensor
    betas: Tensor
    size: Tensor
    camera: Tensor
    parts: Tensor | None = None

    def place(self, focal: Tensor) -> Tensor:
        """(N, 3) pelvis in the crop's camera, metres. focal: (N,) in half widths of the crop."""
        depth = focal * torch.exp(-self.camera[:, 0])
        return torch.cat([self.camera[:, 1:], depth[:, None]], dim=1)


@dataclass(frozen=True, eq=False)
class Mean:
    """Where regression begins: the mean of the training samples.

    rotations: (24, 3, 3). betas: (B,). size and camera: as in :class:`Estimate`.
    """

    rotations: Array
    betas: Array
    size: float
    camera: Array

    @property
    def vector(self) -> Tensor:
        """(P,) as heads have it."""
        six = np.concatenate([self.rotations[..., 0], self.rotations[..., 1]], axis=-1)
        flat = np.concatenate([six.ravel(), self.betas, [self.size], self.camera])
        return torch.as_tensor(flat, dtype=torch.float32)


def estimate_of(vector: Tensor, betas: int, parts: Tensor | None = None) -> Estimate:
    """(N, P) numbers of a head as an estimate."""
    six, shape, size, camera = torch.split(vector.float(), [POSE, betas, 1, CAMERA], dim=1)
    rotations = to_matrices(six.reshape(len(six), JOINTS, 6))
    return Estimate(rotations, shape, size[:, 0], camera, parts)


class MeanHead(nn.Module):
    """Holds the mean from which heads say differences."""

    mean: Tensor

    def __init__(self, mean: Mean) -> None:
        super().__init__()
        self.betas = len(mean.betas)
        self.register_buffer("mean", mean.vector)

    @property
    def numbers(self) -> int:
        """P."""
        return len(self.mean)


class IterativeHead(MeanHead):
    """Three corrections, each from the features and what was said before (HMR).

    Args:
        features: Width of what comes in.
        mean: The beginning.
        width: Of the two hidden layers.
        rounds: Corrections.
        drop: Share of hidden numbers dropped in training.
    """

    def __init__(
        self, features: int, mean: Mean, width: int = 1024, rounds: int = 3, drop: float = 0.5
    ) -> None:
        super().__init__(mean)
        self.rounds = rounds
        self.hidden = nn.Sequential(
            nn.Linear(features + self.numbers, width), nn.ReLU(), nn.Dropout(drop),
            nn.Linear(width, width), nn.ReLU(), nn.Dropout(drop),
        )  # fmt: skip
        self.change = _small(nn.Linear(width, self.numbers))

    def forward(self, features: Tensor) -> Estimate:
        """(N, C) features to an estimate."""
        said = self.mean.expand(len(features), -1)
        for _ in range(self.rounds):
            said = said + self.change(self.hidden(torch.cat([features, said], dim=1)))
        return estimate_of(said, self.betas)


class DirectHead(MeanHead):
    """One linear layer per kind of number (HMR2): differences from the mean."""

    def __init__(self, features: int, mean: Mean) -> None:
        super().__init__(mean)
        self.change = _small(nn.Linear(features, self.numbers))

    def forward(self, features: Tensor) -> Estimate:
        """(N, C) features to an estimate."""
        return estimate_of(self.mean + self.change(features), self.betas)


def _small(layer: nn.Linear) -> nn.Linear:
    """First numbers so small that the mean is what is said at first."""
    nn.init.xavier_uniform_(layer.weight, gain=0.01)
    nn.init.zeros_(layer.bias)
    return layer
