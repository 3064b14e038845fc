"""RTMO as a network: an image batch in, flat predictions out.

Architecture: Lu et al., RTMO: Towards High-Performance One-Stage Real-Time Multi-Person Pose
Estimation (CVPR 2024), as built by mmpose 1.3.2; the four sizes' numbers are those of its public
configurations. Everything that only training needs is left out after building.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn

from backend.domain.skeleton import N_JOINTS
from worker.adapters.openmmlab import registry

RtmoVariant = Literal["t", "s", "m", "l"]

STRIDES: Final = (16, 32)


@dataclass(frozen=True, slots=True)
class RtmoSize:
    """What differs between the sizes."""

    side: int
    widen: float
    deepen: float
    backbone_channels: tuple[int, int, int]
    pose_channels: int


SIZES: Final[dict[RtmoVariant, RtmoSize]] = {
    "t": RtmoSize(416, 0.375, 0.33, (96, 192, 384), 192),
    "s": RtmoSize(640, 0.5, 0.33, (128, 256, 512), 256),
    "m": RtmoSize(640, 0.75, 0.67, (192, 384, 768), 384),
    "l": RtmoSize(640, 1.0, 1.0, (256, 512, 1024), 512),
}


@dataclass(frozen=True, slots=True)
class RawPredictions:
    """What the network says of each of its N grid points, before any is chosen.

    Attributes:
        scores: (batch, N) in [0, 1].
        boxes: (batch, N, 4) x0, y0, x1, y1 in input pixels.
        joint_scores: (batch, N, 17) in [0, 1].
        pose_vectors: (batch, N, C), from which :meth:`RtmoNetwork.keypoints` reads the joints.
    """

    scores: Tensor
    boxes: Tensor
    joint_scores: Tensor
    pose_vectors: Tensor


class RtmoNetwork(nn.Module):
    """The real architecture with random numbers in it; load a checkpoint into it.

    Args:
        variant: t, s, m or l.
        side: Of the input in pixels, a multiple of 32; by default the architecture's.
    """

    grid: Tensor
    stride: Tensor

    def __init__(self, variant: RtmoVariant, side: int | None = None) -> None:
        super().__init__()
        size = SIZES[variant]
        self.side = size.side if side is None else side
        built = registry().build(configuration(size))
        self.backbone = built.backbone
        self.neck = built.neck
        self.head = built.head
        for name in [name for name, _ in self.head.named_children() if name.startswith("loss_")]:
            delattr(self.head, name)
        priors, strides = [], []
        for stride in STRIDES:
            # The middle between the first and the last pixel index of a cell.
            steps = torch.arange(self.side // stride) * stride + (stride - 1) / 2
            y, x = torch.meshgrid(steps, steps, indexing="ij")
            priors.append(torch.stack([x, y], dim=-1).reshape(-1, 2))
            strides.append(torch.full((x.numel(), 1), float(stride)))
        self.register_buffer("grid", torch.cat(priors), persistent=False)
        self.register_buffer("stride", torch.cat(strides), persistent=False)

    def forward(self, images: Tensor) -> RawPredictions:
        """Predict for a batch.

        Args:
            images: (batch, 3, side, side), BGR, 0 to 255.
        """
        scores, boxes, _, joint_scores, vectors = self.head(self.neck(self.backbone(images)))
        offsets = _flat(boxes)
        # In half precision a coordinate near 640 would be rounded to half a pixel.
        centres = offsets[..., :2].float() * self.stride + self.grid
        halves = offsets[..., 2:].float().exp() * self.stride / 2
        return RawPredictions(
            _flat(scores)[..., 0].float().sigmoid(),
            torch.cat([centres - halves, centres + halves], dim=-1),
            _flat(joint_scores).float().sigmoid(),
            _flat(vectors),
        )

    def keypoints(self, vectors: Tensor, boxes: Tensor, at: Tensor) -> Tensor:
        """The joints of chosen people, of all images at once.

        Args:
            vectors: (P, C) pose vectors.
            boxes: (P, 4) x0, y0, x1, y1.
            at: (P,) the grid point of each.

        Returns:
            (P, 17, 2) in input pixels.
        """
        centre = (boxes[:, :2] + boxes[:, 2:]) / 2
        extent = (boxes[:, 2:] - boxes[:, :2]) * self.head.bbox_padding
        joints: Tensor = self.head.dcc.forward_test(
            vectors.float(), torch.cat([centre, extent], dim=1), self.grid[at]
        )
        return joints


def _flat(levels: list[Tensor]) -> Tensor:
    """(batch, channels, h, w) of each level as one (batch, N, channels)."""
    return torch.cat([level.flatten(2).transpose(1, 2) for level in levels], dim=1)


def configuration(size: RtmoSize) -> dict[str, Any]:
    """mmpose's description of the network, with as much of the losses as the head needs."""
    norm = {"type": "BN", "momentum": 0.03, "eps": 0.001}
    return {
        "type": "BottomupPoseEstimator",
        "backbone": {
            "type": "CSPDarknet",
            "deepen_factor": size.deepen,
            "widen_factor": size.widen,
            "out_indices": (2, 3, 4),
            "spp_kernal_sizes": (5, 9, 13),
            "norm_cfg": norm,
            "act_cfg": {"type": "Swish"},
        },
        "neck": {
            "type": "HybridEncoder",
            "in_channels": list(size.backbone_channels),
            "deepen_factor": size.deepen,
            "widen_factor": size.widen,
            "hidden_dim": 256,
            "output_indices": [1, 2],
            "encoder_cfg": {
                "self_attn_cfg": {"embed_dims": 256, "num_heads": 8, "dropout": 0.0},
                "ffn_cfg": {
                    "embed_dims": 256,
                    "feedforward_channels": 1024,
                    "ffn_drop": 0.0,
                    "act_cfg": {"type": "GELU"},
                },
            },
            "projector": {
                "type": "ChannelMapper",
                "in_channels": [256, 256],
                "kernel_size": 1,
                "out_channels": size.pose_channels,
                "act_cfg": None,
                "norm_cfg": {"type": "BN"},
                "num_outs": 2,
            },
        },
        "head": {
            "type": "RTMOHead",
            "num_keypoints": N_JOINTS,
            "featmap_strides": list(STRIDES),
            "head_module_cfg": {
                "num_classes": 1,
                "in_channels": 256,
                "cls_feat_channels": 256,
                "channels_per_group": 36,
                "pose_vec_channels": size.pose_channels,
                "widen_factor": size.widen,
                "stacked_convs": 2,
                "norm_cfg": norm,
                "act_cfg": {"type": "Swish"},
            },
            "prior_generator": {
                "type": "MlvlPointGenerator",
                "centralize_points": True,
                "strides": list(STRIDES),
            },
            "dcc_cfg": {
                "in_channels": size.pose_channels,
                "feat_channels": 128,
                "num_bins": (192, 256),
                "spe_channels": 128,
                "gau_cfg": {
                    "s": 128,
                    "expansion_factor": 2,
                    "dropout_rate": 0.0,
                    "drop_path": 0.0,
                    "act_fn": "SiLU",
                    "pos_enc": "add",
                },
            },
            # Training alone uses what follows, but the head cannot be built without it.
            "assigner": {
                "type": "SimOTAAssigner",
                "dynamic_k_indicator": "oks",
                "oks_calculator": {"type": "PoseOKS"},
            },
            "loss_cls": {"type": "VariFocalLoss", "use_target_weight": True},
            "loss_bbox": {"type": "IoULoss", "mode": "square"},
            "loss_oks": {"type": "OKSLoss"},
            "loss_vis": {"type": "BCELoss", "use_target_weight": True},
        },
    }
