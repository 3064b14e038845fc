"""RTMO's parts as they are trained here: to learn fast from random numbers on a processor.

From random numbers, mmpose's recipe spends its first days (on eight accelerators) where hardly
any gradient is: boxes of one grid cell around infants of many, poses so far off that their
similarity to the truth is flat, and a coordinate classification whose first guesses are sharp and
wrong. Four things remove that, and none of them changes the network:

- boxes begin at the size that infants have (:meth:`PreciseRTMOHead.begin`);
- the coordinate classification begins undecided (:data:`UNDECIDED`);
- both pose branches are also pulled by the distance itself (:class:`PullingOks`,
  :func:`distance`);
- a helper learns maps of the joints from the same features (:meth:`PreciseRTMOHead.where`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from worker.adapters.openmmlab import registry

registry()

from mmengine.optim import OptimWrapper  # noqa: E402
from mmpose.models.data_preprocessors import PoseDataPreprocessor  # noqa: E402
from mmpose.models.heads import RTMOHead  # noqa: E402
from mmpose.models.heads.hybrid_heads.rtmo_head import DCC  # noqa: E402
from mmpose.models.losses import MLECCLoss, OKSLoss  # noqa: E402
from mmpose.registry import MODELS, OPTIM_WRAPPERS  # noqa: E402

FINE = 4
"""The helper's map has so many points for one of the grid, along each side."""
UNDECIDED = 0.1
"""Factor on the first numbers of the layers that encode coordinates."""
MIN_AREA = 100.0
"""px²; smaller people, cut off by a border, would count too much."""


def distance(found: Tensor, truth: Tensor, weights: Tensor, areas: Tensor) -> Tensor:
    """Mean distance of joints (city blocks), in units of the root of the person's area.

    found, truth: (P, 17, 2) px. weights: (P, 17). areas: (P,) px².
    """
    blocks = (found - truth).abs().sum(dim=-1)
    blocks = blocks / areas.clamp(min=MIN_AREA).sqrt()[:, None]
    return (blocks * weights).sum() / weights.sum().clamp(min=1)


@MODELS.register_module()
class ChannelsLastPreprocessor(PoseDataPreprocessor):  # type: ignore[misc]
    """mmpose's, with the memory layout in which convolutions are fastest."""

    def forward(self, data: Any, training: bool = False) -> Any:
        """See mmpose."""
        data = super().forward(data, training)
        data["inputs"] = data["inputs"].contiguous(memory_format=torch.channels_last)
        return data


@MODELS.register_module()
class PullingOks(OKSLoss):  # type: ignore[misc]
    """mmpose's loss by object keypoint similarity, plus ``pull`` times the :func:`distance`."""

    def __init__(self, *args: Any, pull: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pull = pull

    def forward(self, output: Tensor, target: Tensor, weight: Tensor, areas: Tensor) -> Tensor:
        """See mmpose."""
        loss: Tensor = super().forward(output, target, weight, areas)
        return loss + self.pull * distance(output, target, weight, areas)


@MODELS.register_module()
class WatchedMle(MLECCLoss):  # type: ignore[misc]
    """mmpose's loss of the coordinate classification; remembers the joints' weights."""

    weights: Tensor

    def forward(self, outputs: Any, targets: Any, weights: Tensor) -> Tensor:
        """See mmpose."""
        self.weights = weights
        loss: Tensor = super().forward(outputs, targets, weights)
        return loss


class WatchedDcc(DCC):  # type: ignore[misc]
    """RTMO's coordinate classification, its large products in half precision where that is on.

    It remembers what it found and should have found, for :func:`distance`.
    """

    found: Tensor
    truth: Tensor
    areas: Tensor
    half = False

    def forward_train(self, pose_feats: Tensor, bbox_cs: Tensor, grids: Tensor) -> Any:
        """See mmpose; boxes learn from their own loss alone, or they would give way at first."""
        result = super().forward_train(pose_feats, bbox_cs.detach(), grids)
        self.found = result[0]
        return result

    def generate_target_heatmap(
        self, kpt_targets: Tensor, bbox_cs: Tensor, sigmas: Tensor, areas: Tensor
    ) -> Any:
        """See mmpose."""
        self.truth, self.areas = kpt_targets, areas
        return super().generate_target_heatmap(kpt_targets, bbox_cs, sigmas, areas)

    def _get_bin_enc(self, bbox_cs: Tensor, grids: Tensor) -> tuple[Tensor, Tensor]:
        centre, extent = bbox_cs[:, :2], bbox_cs[:, 2:]
        middle = centre - grids
        places = (
            bins * extent[:, axis, None] + middle[:, axis, None]
            for axis, bins in enumerate((self.x_bins, self.y_bins))
        )
        x, y = (self.spe(position=place) for place in places)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.half):
            return self.x_fc(x), self.y_fc(y)

    def _pose_feats_to_heatmaps(self, pose_feats: Tensor, x: Tensor, y: Tensor) -> Any:
        joints = self.pose_to_kpts(pose_feats)
        joints = joints.reshape(-1, self.num_keypoints, self.feat_channels)
        joints = self.gau(joints, pos_enc=self.pos_enc).to(x.dtype)
        return tuple((joints @ places.transpose(1, 2)).float() for places in (x, y))


@MODELS.register_module()
class PreciseRTMOHead(RTMOHead):  # type: ignore[misc]
    """RTMO's head with losses in full precision: bfloat16 tells no pixels apart beyond 256.

    length: of the longer side of the infants' boxes, px. helper_channels: of the finer level's
    features. ``pull`` is the weight of the coordinate classification's :func:`distance`.
    """

    def __init__(self, *args: Any, length: float, helper_channels: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dcc = WatchedDcc(**kwargs["dcc_cfg"])
        self.length, self.pull = length, 1.0
        self.helper = nn.Conv2d(helper_channels, self.num_keypoints * FINE**2, 1)
        self.helper_weight = 1.0

    def begin(self) -> None:
        """Set the first numbers that matter; after all others have been drawn."""
        for layer, stride in zip(self.head_module.out_bbox, self.featmap_strides, strict=True):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
            nn.init.constant_(layer.bias[2:], math.log(self.length / stride))
        for layer in (self.dcc.x_fc, self.dcc.y_fc):
            with torch.no_grad():
                layer.weight *= UNDECIDED

    def forward(self, feats: Sequence[Tensor]) -> Any:
        """See mmpose; layers in half precision where that is on, results in full."""
        kind = feats[0].device.type
        with torch.autocast(kind, torch.bfloat16, enabled=self.dcc.half):
            levels = super().forward(feats)
        return tuple([x.float() for x in level] for level in levels)

    def loss(
        self, feats: Sequence[Tensor], samples: Sequence[Any], *args: Any, **kwargs: Any
    ) -> Any:
        """See mmpose."""
        kind = feats[0].device.type
        self.dcc.half = torch.is_autocast_enabled(kind)
        with torch.autocast(kind, enabled=False):
            losses = super().loss(feats, samples, *args, **kwargs)
            if "loss_mle" in losses:
                dcc = self.dcc
                off = distance(dcc.found, dcc.truth, self.loss_mle.weights, dcc.areas)
                losses["loss_pull"] = self.pull * off
            losses["loss_where"] = self.helper_weight * self.where(feats[0].float(), samples)
            return losses

    def where(self, features: Tensor, samples: Sequence[Any]) -> Tensor:
        """Mean cross-entropy between where joints are and where the helper sees them, in nats.

        The helper answers for each joint with one distribution over the picture, on a map
        :data:`FINE` times as fine as the grid, so that a joint pulls from any distance. It
        presupposes one person a picture, and is thrown away afterwards.

        features: (batch, C, h, w) of the finer level.
        """
        seen = functional.pixel_shuffle(self.helper(features), FINE)
        truths = [sample.gt_instance_labels for sample in samples]
        one = [i for i, truth in enumerate(truths) if len(truth.keypoints) == 1]
        if not one:
            return seen.sum() * 0
        step = self.featmap_strides[0] / FINE
        # From indices of pixels to lengths.
        joints = (torch.stack([truths[i].keypoints[0] for i in one]) + 0.5) / step
        known = torch.stack([truths[i].keypoints_visible[0] for i in one]) > 0
        x, y = (torch.arange(n, device=seen.device) + 0.5 for n in (seen.shape[3], seen.shape[2]))
        near_x = torch.exp(-0.5 * (x - joints[..., :1]) ** 2)
        near_y = torch.exp(-0.5 * (y - joints[..., 1:]) ** 2)
        target = (near_y[..., :, None] * near_x[..., None, :]).flatten(2)
        target = target / target.sum(dim=-1, keepdim=True).clamp(min=1e-6)
        entropy = -(target * seen[one].flatten(2).log_softmax(dim=-1)).sum(dim=-1)
        return (entropy * known).sum() / known.sum().clamp(min=1)


@OPTIM_WRAPPERS.register_module()
class HalfOptimWrapper(OptimWrapper):  # type: ignore[misc]
    """bfloat16 layers on any device; mmengine's own mixed precision knows no CPU."""

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """See mmengine."""
        kind = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(kind, torch.bfloat16):
            yield
