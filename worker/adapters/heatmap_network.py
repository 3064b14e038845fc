"""Top-down networks that answer with one heatmap a joint, and the codecs that read these.

Architectures: Sun et al., Deep High-Resolution Representation Learning for Human Pose Estimation
(CVPR 2019), and Xu et al., ViTPose (NeurIPS 2022), with the numbers of mmpose 1.3.2's public
configurations. Heads and codecs are mmpose's own: MSRA's (Xiao et al., ECCV 2018) and the unbiased
one (Huang et al., CVPR 2020).
"""

from __future__ import annotations

from typing import Any, Final

from torch import Tensor, nn

from backend.domain.skeleton import N_JOINTS
from backend.models.checkpoints.designs import HeatmapConfig
from worker.adapters.openmmlab import registry
from worker.adapters.vit import VisionTransformer, VitSize

HRNET_WIDTHS: Final = {"hrnet-w32": 32, "hrnet-w48": 48}
VIT_SIZES: Final = {"vitpose-s": VitSize(384, 12, 12), "vitpose-b": VitSize(768, 12, 12)}
ARCHITECTURES: Final = (*HRNET_WIDTHS, *VIT_SIZES)


class HeatmapNetwork(nn.Module):
    """The real architecture with random numbers in it; load a checkpoint into it.

    Args:
        architecture: One of :data:`ARCHITECTURES`.
        config: The input's size, for a backbone that depends on it.
    """

    def __init__(self, architecture: str, config: HeatmapConfig) -> None:
        super().__init__()
        models = registry()
        head = {
            "type": "HeatmapHead",
            "out_channels": N_JOINTS,
            "loss": {"type": "KeypointMSELoss", "use_target_weight": True},
        }
        if architecture in HRNET_WIDTHS:
            width = HRNET_WIDTHS[architecture]
            self.backbone = models.build(_hrnet(width))
            head |= {"in_channels": width, "deconv_out_channels": None}
        else:
            size = VIT_SIZES[architecture]
            self.backbone = VisionTransformer(size, config.height, config.width)
            head |= {
                "in_channels": size.width,
                "deconv_out_channels": (256, 256),
                "deconv_kernel_sizes": (4, 4),
            }
        self.head = models.build(head)
        del self.head.loss_module

    def forward(self, images: Tensor) -> Tensor:
        """Heatmaps of a batch.

        Args:
            images: (batch, 3, height, width), RGB, normalised.

        Returns:
            (batch, 17, height / 4, width / 4), about 1 at a joint that is seen well.
        """
        heatmaps: Tensor = self.head(self.backbone(images))
        return heatmaps


def codec_of(config: HeatmapConfig) -> Any:
    """mmpose's codec, which finds joints in heatmaps."""
    registry()
    from mmpose.registry import KEYPOINT_CODECS

    kinds = {"msra": "MSRAHeatmap", "udp": "UDPHeatmap"}
    return KEYPOINT_CODECS.build(
        {
            "type": kinds[config.codec],
            "input_size": (config.width, config.height),
            "heatmap_size": config.heatmap,
            "sigma": config.sigma,
        }
    )


def _hrnet(width: int) -> dict[str, Any]:
    """mmpose's description of the backbone; the stages differ in branches and modules alone."""

    def stage(modules: int, branches: int) -> dict[str, Any]:
        return {
            "num_modules": modules,
            "num_branches": branches,
            "block": "BASIC",
            "num_blocks": (4,) * branches,
            "num_channels": tuple(width << branch for branch in range(branches)),
        }

    first = {
        "num_modules": 1,
        "num_branches": 1,
        "block": "BOTTLENECK",
        "num_blocks": (4,),
        "num_channels": (64,),
    }
    return {
        "type": "HRNet",
        "in_channels": 3,
        "extra": {
            "stage1": first,
            "stage2": stage(1, 2),
            "stage3": stage(4, 3),
            "stage4": stage(3, 4),
        },
    }
