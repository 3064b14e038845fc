"""Optimisers and schedules that most recipes share, from their settings."""

from __future__ import annotations

from typing import Any

import torch

from worker.training.recipe import Settings

WARM_UP_FROM = 0.001
"""Share of the highest rate that a warm-up begins with (mmpose's configurations)."""


def halves_pay() -> bool:
    """Whether this machine computes bfloat16 itself: a GPU, or a processor with AVX-512.

    Others imitate it, and a step of a residual network took 14 times as long there.
    """
    return torch.cuda.is_available() or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def optimiser(settings: Settings, **more: Any) -> dict[str, Any]:
    """The description of an optimiser wrapper.

    Args:
        settings: Which one, how fast, in which precision.
        more: Further members of the wrapper's description, such as ``paramwise_cfg``.
    """
    described: dict[str, Any] = {
        "type": "OptimWrapper",
        "optimizer": {
            "type": settings.optimiser,
            "lr": settings.rate,
            "weight_decay": settings.weight_decay,
        },
    }
    if settings.optimiser == "SGD":
        described["optimizer"]["momentum"] = 0.9
    if settings.clip is not None:
        described["clip_grad"] = {"max_norm": settings.clip, "norm_type": 2}
    if settings.half and torch.cuda.is_available():
        described |= {"type": "AmpOptimWrapper", "dtype": "bfloat16"}
    elif settings.half and halves_pay():
        # mmengine's own mixed precision knows no CPU.
        import worker.training.parts  # noqa: F401  (registers it)

        described |= {"type": "HalfOptimWrapper"}
    return described | more


def schedules(settings: Settings, steps: int) -> list[dict[str, Any]]:
    """Parameter schedules: a warm-up, then steps down at milestones or half a cosine.

    Args:
        settings: What rises and falls when.
        steps: Of one epoch.
    """
    found: list[dict[str, Any]] = []
    # A warm-up that outlasted the training would leave it below its rate.
    warm_up = min(settings.warm_up, settings.epochs * steps // 2)
    if warm_up > 1:
        found.append(
            {
                "type": "LinearLR",
                "begin": 0,
                "end": warm_up,
                "start_factor": WARM_UP_FROM,
                "by_epoch": False,
            }
        )
    if settings.milestones:
        found.append(
            {
                "type": "MultiStepLR",
                "begin": 0,
                "end": settings.epochs,
                "milestones": list(settings.milestones),
                "gamma": 0.1,
                "by_epoch": True,
            }
        )
    elif settings.cosine:
        found.append(
            {
                "type": "CosineAnnealingLR",
                "begin": warm_up,
                "end": settings.epochs * steps,
                "T_max": max(1, settings.epochs * steps - warm_up),
                "eta_min_ratio": 0.01,
                "by_epoch": False,
            }
        )
    return found
