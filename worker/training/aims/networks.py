"""The networks of the AIMS classification: image branch, pose branch, hierarchical classifier.

The paper gives neither layers, rates nor epochs of its pose branch and hierarchical classifier;
those here are ours.
"""

from __future__ import annotations

from typing import Any

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn
from torch.nn import functional

from backend.domain.posture_geometry import TWELVE
from backend.domain.postures import GROUP_OF, POSTURES
from backend.domain.skeleton import N_JOINTS
from worker.training.aims.lmmd import lmmd
from worker.training.resnet import ResNet

GROUPS = tuple(POSTURES)
GROUP_OF_FINE = tuple(GROUPS.index(GROUP_OF[posture]) for posture in TWELVE)
POSE_FEATURES = 3 * N_JOINTS


def told(coarse: Tensor, fine: Tensor, numbers: Tensor) -> list[dict[str, Any]]:
    """What the metrics are given: classes by logits."""
    rows = zip(numbers.tolist(), coarse.argmax(1).tolist(), fine.argmax(1).tolist(), strict=True)
    return [{"number": number, "coarse": c, "fine": f} for number, c, f in rows]


class ImageBranch(BaseModel):  # type: ignore[misc]
    """A ResNet with a head for the four groups and one for the twelve postures.

    With a weight for LMMD, images of a second domain without labels come along in training, and the
    features of both are drawn together class by class.

    Args:
        depth: Of the ResNet: 18 or 50.
        width: Of its first stage; 64 in the paper.
        discrepancy: Weight of LMMD, reached over the first ``rises`` steps; 0 for none.
        rises: Steps: at first the classifier knows nothing of the target.
    """

    def __init__(self, depth: int, width: int, discrepancy: float = 0.0, rises: int = 1) -> None:
        super().__init__()
        self.backbone = ResNet(depth, width)
        self.coarse = nn.Linear(self.backbone.channels, len(GROUPS))
        self.fine = nn.Linear(self.backbone.channels, len(TWELVE))
        self._discrepancy, self._rises = discrepancy, rises
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def features(self, images: Tensor) -> Tensor:
        """(B, D) means over each image."""
        return torch.as_tensor(self.backbone(images)[-1].mean(dim=(2, 3)))

    def forward(
        self, inputs: Tensor, data_samples: dict[str, Any] | None = None, mode: str = "tensor"
    ) -> Any:
        """See mmengine. ``tensor`` gives the coarse and the fine logits."""
        samples = data_samples or {}
        if mode != "loss":
            found = self.features(inputs)
            coarse, fine = self.coarse(found), self.fine(found)
            return (coarse, fine) if mode == "tensor" else told(coarse, fine, samples["number"])
        target = samples.get("target_images")
        count = len(inputs)
        both = inputs if target is None else torch.cat([inputs, target])
        found = self.features(both)
        coarse, fine = self.coarse(found), self.fine(found)
        losses = {
            "loss_coarse": functional.cross_entropy(coarse[:count], samples["coarse"]),
            "loss_fine": functional.cross_entropy(fine[:count], samples["fine"]),
        }
        if target is not None and self._discrepancy:
            share = min(1.0, float(self.steps) / self._rises)
            apart = lmmd(found[:count], samples["fine"], found[count:], fine[count:].softmax(dim=1))
            losses["loss_lmmd"] = self._discrepancy * share * apart
        self.steps += 1
        return losses


class PoseBranch(BaseModel):  # type: ignore[misc]
    """Two hidden layers over 3D joints, with a head for the groups and one for the postures."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = _hidden(POSE_FEATURES, width, dropout)
        self.coarse, self.fine = nn.Linear(width, len(GROUPS)), nn.Linear(width, len(TWELVE))

    def forward(
        self, inputs: Tensor, data_samples: dict[str, Any] | None = None, mode: str = "tensor"
    ) -> Any:
        """See mmengine."""
        found = self.layers(inputs)
        return _answer(self.coarse(found), self.fine(found), data_samples or {}, mode)


class Hierarchical(BaseModel):  # type: ignore[misc]
    """3D joints and the image branch's coarse logits, to the twelve postures.

    What it says of the group is the sum of what it says of the group's postures.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = _hidden(POSE_FEATURES + len(GROUPS), width, dropout)
        self.fine = nn.Linear(width, len(TWELVE))
        self.register_buffer("groups", torch.tensor(GROUP_OF_FINE))

    def forward(
        self, inputs: Tensor, data_samples: dict[str, Any] | None = None, mode: str = "tensor"
    ) -> Any:
        """See mmengine. inputs: (B, 51 + 4)."""
        fine = self.fine(self.layers(inputs))
        coarse = torch.stack(
            [fine[:, self.groups == k].logsumexp(dim=1) for k in range(len(GROUPS))], dim=1
        )
        return _answer(coarse, fine, data_samples or {}, mode)


def _hidden(inputs: int, width: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size in (inputs, width):
        layers += [nn.Linear(size, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers)


def _answer(coarse: Tensor, fine: Tensor, samples: dict[str, Any], mode: str) -> Any:
    if mode == "loss":
        return {
            "loss_coarse": functional.cross_entropy(coarse, samples["coarse"]),
            "loss_fine": functional.cross_entropy(fine, samples["fine"]),
        }
    return (coarse, fine) if mode == "tensor" else told(coarse, fine, samples["number"])
