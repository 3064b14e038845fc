"""Pose-ResNet with a domain classifier, trained in turns.

Source: Huang et al. 2021, "Invariant Representation Learning for Infant Pose Estimation with Small
Data" (FiDIP), sections III-B and III-C; Xiao et al. 2018, "Simple Baselines for Human Pose
Estimation and Tracking" (Pose-ResNet); Ganin & Lempitsky 2015 (gradient reversal). Written from the
papers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapperDict
from torch import Tensor, nn
from torch.nn import functional

from backend.domain.skeleton import N_JOINTS
from worker.training.resnet import ResNet

POSE, DOMAIN = "pose", "domain"
"""Names of the two optimisers."""


class _Reversed(torch.autograd.Function):
    """The same values; the gradient that comes back is turned round and scaled."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: float) -> Tensor:
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.weight * gradient, None


def reverse(x: Tensor, weight: float) -> Tensor:
    """``x``, whose gradient is multiplied by −weight."""
    found: Tensor = _Reversed.apply(x, weight)
    return found


@dataclass(frozen=True, slots=True)
class Turns:
    """How the two networks are trained in turn.

    Attributes:
        weight: λ of gradient reversal; 0 leaves the adversary without effect on the pose.
        before: Steps of the pre-stage, in which the domain classifier alone learns.
        frozen: How many of Res1 … Res5 do not change.
        still: Whether the frozen stages' batch statistics are frozen, too.
        leaks: Whether gradients that Stage II leaves in the classifier are added to the next Stage
            I's, as in the authors' code.
        adversary: Whether there is a domain classifier at all.
    """

    weight: float = 0.0005
    before: int = 0
    frozen: int = 3
    still: bool = True
    leaks: bool = False
    adversary: bool = True


class PoseResNet(nn.Module):
    """A ResNet and three upsampling layers, to one heat map a joint at a quarter of the size."""

    def __init__(self, depth: int, width: int, channels: int) -> None:
        super().__init__()
        self.backbone = ResNet(depth, width)
        layers: list[nn.Module] = []
        came = self.backbone.channels
        for _ in range(3):
            layers += [
                nn.ConvTranspose2d(came, channels, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            ]
            came = channels
        self.head = nn.Sequential(*layers, nn.Conv2d(channels, N_JOINTS, 1))
        for module in self.head.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(module.weight, std=0.001)

    def features(self, images: Tensor) -> Tensor:
        """(B, C, H/32, W/32), what the domain classifier looks at."""
        return torch.as_tensor(self.backbone(images)[-1])

    def forward(self, images: Tensor) -> Tensor:
        """(B, 17, H/4, W/4)."""
        return torch.as_tensor(self.head(self.features(images)))


class DomainClassifier(nn.Module):
    """Three fully connected layers over the features' means: whether an image is of the target."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(channels, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(B,) logits."""
        return torch.as_tensor(self.layers(features.mean(dim=(2, 3)))[:, 0])


class Fidip(BaseModel):  # type: ignore[misc]
    """Both networks. A step of training is Stage I and then Stage II on the same batch.

    Pre-stage and Stage I change the classifier and nothing else, not even batch statistics; Stage
    II changes the pose network and nothing else.

    Args:
        pose: The pose network.
        turns: How they are trained.
        width: Of the classifier's hidden layers.
    """

    def __init__(self, pose: PoseResNet, turns: Turns, width: int = 256) -> None:
        super().__init__()
        self.pose, self.turns = pose, turns
        self.domain = DomainClassifier(pose.backbone.channels, width)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))
        for module in self.frozen():
            module.requires_grad_(False)

    def frozen(self) -> Iterator[nn.Module]:
        """The stages that do not change."""
        yield from self.pose.backbone.stages()[: self.turns.frozen]

    def train(self, mode: bool = True) -> Fidip:
        """See torch; frozen stages stay in ``eval`` mode."""
        super().train(mode)
        if mode and self.turns.still:
            for module in self.frozen():
                module.eval()
        return self

    def train_step(self, data: Any, optim_wrapper: OptimWrapperDict) -> dict[str, Tensor]:
        """See mmengine: pre-stage, or Stage I and Stage II."""
        data = self.data_preprocessor(data, True)
        images, samples = data["inputs"], data["data_samples"]
        logs: dict[str, Tensor] = {}
        if self.turns.adversary:
            logs["loss_domain"] = self.stage_one(images, samples, optim_wrapper[DOMAIN])
        waiting = self.turns.adversary and int(self.steps) < self.turns.before
        if not waiting:
            logs |= self.stage_two(images, samples, optim_wrapper[POSE])
        self.steps += 1
        return logs

    def stage_one(self, images: Tensor, samples: Any, optimiser: Any) -> Tensor:
        """The classifier learns to tell the domains; the pose network stands still."""
        was = self.training
        self.pose.eval()
        with torch.no_grad():
            features = self.pose.features(images)
        self.train(was)
        loss = functional.binary_cross_entropy_with_logits(self.domain(features), samples["domain"])
        optimiser.update_params(loss)
        return loss.detach()

    def stage_two(self, images: Tensor, samples: Any, optimiser: Any) -> dict[str, Tensor]:
        """The pose network learns poses, and features that the classifier takes for each other."""
        features = self.pose.features(images)
        losses = {"loss_pose": heatmap_loss(self.pose.head(features), samples)}
        total = losses["loss_pose"]
        if self.turns.adversary and (self.turns.weight or self.turns.leaks):
            # Locked: no gradient comes to lie in the classifier.
            self.domain.requires_grad_(self.turns.leaks)
            said = self.domain(reverse(features, self.turns.weight))
            apart = functional.binary_cross_entropy_with_logits(said, samples["domain"])
            losses["loss_adversary"] = apart
            total = total + apart
        optimiser.update_params(total)
        self.domain.requires_grad_(True)
        return {name: loss.detach() for name, loss in losses.items()}

    def forward(
        self, inputs: Tensor, data_samples: dict[str, Any] | None = None, mode: str = "tensor"
    ) -> Any:
        """See mmengine; ``predict`` gives heat maps a sample."""
        maps = self.pose(inputs)
        if mode == "tensor":
            return maps
        samples = data_samples or {}
        if mode == "loss":
            return {"loss_pose": heatmap_loss(maps, samples)}
        numbers = samples["number"].tolist()
        return [
            {"number": number, "heatmaps": one}
            for number, one in zip(numbers, maps.float().cpu().numpy(), strict=True)
        ]


def heatmap_loss(maps: Tensor, samples: dict[str, Any]) -> Tensor:
    """Mean squared error over the joints that are told (mmpose's weighting)."""
    weights = samples["weights"][:, :, None, None]
    return torch.as_tensor(((maps - samples["heatmaps"]) ** 2 * weights).mean())
