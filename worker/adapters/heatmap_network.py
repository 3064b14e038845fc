"""Top-down networks that answer with one heatmap a joint, and the codecs that read these.

Networks, heads and codecs are mmpose's own, as its public configurations describe them
(``backend/models/checkpoints/top_down.py`` says which): Newell et al., Hourglass (ECCV 2016), Xiao
et al., Simple Baselines (ECCV 2018), Sun et al., HRNet (CVPR 2019), Yuan et al., HRFormer (NeurIPS
2021), Xu et al., ViTPose (NeurIPS 2022); MSRA's codec, with Zhang et al.'s distribution-aware
reading (CVPR 2020) or without, and the unbiased one (Huang et al., CVPR 2020).
"""

from __future__ import annotations

from typing import Any, Final

from torch import Tensor, nn

from backend.models.checkpoints.designs import HeatmapConfig
from backend.models.checkpoints.top_down import TOP_DOWN
from worker.adapters.openmmlab import build, configuration, registry

CONFIG_FILES: Final = {row.architecture: row.config_file for row in reversed(TOP_DOWN)}
"""mmpose's configuration by architecture; those of one differ in nothing that makes tensors."""
ARCHITECTURES: Final = tuple(CONFIG_FILES)


class HeatmapNetwork(nn.Module):
    """The real architecture with random numbers in it; load a checkpoint into it.

    Args:
        architecture: One of :data:`ARCHITECTURES`.
    """

    def __init__(self, architecture: str) -> None:
        super().__init__()
        described = model_of(CONFIG_FILES[architecture])
        self.backbone = build(described["backbone"])
        self.head = build(described["head"])
        del self.head.loss_module

    def forward(self, images: Tensor) -> Tensor:
        """Heatmaps of a batch.

        Args:
            images: (batch, 3, height, width), RGB, normalised.

        Returns:
            (batch, 17, height / 4, width / 4), about 1 at a joint that is seen well.
        """
        found = self.head(self.backbone(images))
        # Hourglasses that follow one another answer each; the last knows most.
        heatmaps: Tensor = found[-1] if isinstance(found, list) else found
        return heatmaps


def model_of(config_file: str) -> dict[str, Any]:
    """mmpose's description of a model, to be built as it is: from random numbers, on one device.

    Its start, pictures of another data set, would be downloaded; and batch normalisation that is
    synchronised over GPUs is the plain one on a single device, with the same tensors.
    """
    described: dict[str, Any] = configuration(config_file).model.to_dict()
    described["backbone"].pop("init_cfg", None)
    if described["backbone"].get("norm_cfg", {}).get("type") == "SyncBN":
        described["backbone"]["norm_cfg"]["type"] = "BN"
    return described


def codec_of(config: HeatmapConfig) -> Any:
    """mmpose's codec, which finds joints in heatmaps."""
    registry()
    from mmpose.registry import KEYPOINT_CODECS

    return KEYPOINT_CODECS.build(described_codec(config))


def described_codec(config: HeatmapConfig) -> dict[str, Any]:
    """mmpose's description of a codec."""
    described: dict[str, Any] = {
        "type": "UDPHeatmap" if config.codec == "udp" else "MSRAHeatmap",
        "input_size": config.size,
        "heatmap_size": config.heatmap,
        "sigma": config.sigma,
    }
    return described | ({"unbiased": True} if config.codec == "dark" else {})
