"""Parts that RTMO is trained with here: memory layout, and half precision on any device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from worker.adapters.openmmlab import registry

registry()

from mmengine.optim import OptimWrapper  # noqa: E402
from mmpose.models.data_preprocessors import PoseDataPreprocessor  # noqa: E402
from mmpose.models.heads import RTMOHead  # noqa: E402
from mmpose.registry import MODELS, OPTIM_WRAPPERS  # noqa: E402


@MODELS.register_module()
class ChannelsLastPreprocessor(PoseDataPreprocessor):  # type: ignore[misc]
    """mmpose's, with the memory layout in which convolutions are fastest."""

    def forward(self, data: Any, training: bool = False) -> Any:
        """See mmpose."""
        data = super().forward(data, training)
        data["inputs"] = data["inputs"].contiguous(memory_format=torch.channels_last)
        return data


@MODELS.register_module()
class PreciseRTMOHead(RTMOHead):  # type: ignore[misc]
    """RTMO's head with losses in full precision: bfloat16 tells no pixels apart beyond 256."""

    def forward(self, feats: Sequence[Tensor]) -> Any:
        """See mmpose; layers in half precision where that is on, results in full."""
        kind = feats[0].device.type
        with torch.autocast(kind, torch.bfloat16, enabled=getattr(self, "half", False)):
            levels = super().forward(feats)
        return tuple([x.float() for x in level] for level in levels)

    def loss(self, feats: Sequence[Tensor], *args: Any, **kwargs: Any) -> Any:
        """See mmpose."""
        kind = feats[0].device.type
        self.half = torch.is_autocast_enabled(kind)
        with torch.autocast(kind, enabled=False):
            return super().loss(feats, *args, **kwargs)


@OPTIM_WRAPPERS.register_module()
class HalfOptimWrapper(OptimWrapper):  # type: ignore[misc]
    """bfloat16 layers on any device; mmengine's own mixed precision knows no CPU."""

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """See mmengine."""
        kind = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(kind, torch.bfloat16):
            yield
