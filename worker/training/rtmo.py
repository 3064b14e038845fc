"""Train a small RTMO on rendered infants, by mmpose's own losses and mmengine's own loop.

    infantnet synthesise --count 8000 --seed 1 --size 320x240 --out renders/a
    python -m worker.training.rtmo --renders renders --out training --minutes 60

``--renders`` is a folder of folders that ``infantnet synthesise`` wrote; it is looked through
again at each round, so that rendering can go on beside. A training lasts a number of minutes or of
iterations; learning rate and stages (``worker/training/course.py``) follow the share of it that is
done. What differs from mmpose's recipe, and why, stands in ``worker/training/parts.py``.

Learning rate, augmentation and lengths are chosen for an hour or two on two CPU cores from random
numbers; mmpose's published recipe takes 600 epochs of seven data sets on eight accelerators.
"""

from __future__ import annotations

import argparse
import logging
import math
from pathlib import Path
from typing import Any

import torch

from worker.adapters.openmmlab import registry
from worker.adapters.rtmo_network import SIZES, RtmoVariant, configuration
from worker.adapters.weights import read_tensors

registry()

from mmengine.runner import Runner  # noqa: E402
from mmengine.visualization import Visualizer  # noqa: E402

import worker.training.parts  # noqa: E402, F401  (registers what is named below)
from worker.training.course import STAGES  # noqa: E402
from worker.training.pictures import MAX_LENGTH, META, MIN_LENGTH, dataset, folders  # noqa: E402


def model(variant: RtmoVariant, side: int) -> dict[str, Any]:
    """mmpose's description of RTMO for training.

    side: of the input in px, from which the boxes' first size follows.
    """
    described = configuration(SIZES[variant])
    described["data_preprocessor"] = {
        "type": "ChannelsLastPreprocessor",
        "pad_size_divisor": 32,
        "mean": [0, 0, 0],
        "std": [1, 1, 1],
    }
    described["init_cfg"] = {
        "type": "Kaiming",
        "layer": "Conv2d",
        "a": math.sqrt(5),
        "distribution": "uniform",
        "mode": "fan_in",
        "nonlinearity": "leaky_relu",
    }
    oks = {"type": "PoseOKS", "metainfo": META}
    described["head"] |= {
        "type": "PreciseRTMOHead",
        "length": (MIN_LENGTH + MAX_LENGTH) / 2 * side,
        "helper_channels": SIZES[variant].pose_channels,
        "overlaps_power": 0.5,
        "assigner": {
            "type": "SimOTAAssigner",
            # While poses are far off, their similarity would choose one grid point a person.
            "dynamic_k_indicator": "iou",
            "oks_calculator": oks,
            "use_keypoints_for_center": True,
        },
        "loss_cls": {"type": "VariFocalLoss", "reduction": "sum", "use_target_weight": True},
        "loss_bbox": {
            "type": "IoULoss",
            "mode": "linear",
            "eps": 1e-16,
            "reduction": "sum",
            "loss_weight": 5.0,
        },
        "loss_oks": {
            "type": "PullingOks",
            "pull": 5.0,
            "reduction": "mean",
            "metainfo": META,
            "loss_weight": 5.0,
        },
        "loss_vis": {"type": "BCELoss", "use_target_weight": True, "reduction": "mean"},
        "loss_mle": {"type": "WatchedMle", "use_target_weight": True, "loss_weight": 3.0},
        "loss_bbox_aux": {"type": "L1Loss", "reduction": "sum"},
    }
    return described


def train(options: argparse.Namespace) -> None:
    """Train; checkpoints lie in ``options.out``. See the command line for the options."""
    if not folders(options.renders):
        raise SystemExit(f"{options.renders}: no folder in it holds an annotations.json")
    half = not options.full_precision
    loader = {
        "batch_size": options.batch,
        "num_workers": options.loaders,
        "persistent_workers": False,
        "sampler": {"type": "Draws", "count": options.round},
    }
    # The course puts what is due in its place before the first round.
    first = dataset(options.renders, options.side, STAGES[0].crop_px(options.side))
    runner = Runner(
        model=model(options.variant, options.side),
        work_dir=str(options.out),
        train_dataloader=loader | {"dataset": first},
        train_cfg={"by_epoch": True, "max_epochs": 100_000},
        optim_wrapper={
            "type": "HalfOptimWrapper" if half else "OptimWrapper",
            "constructor": "ForceDefaultOptimWrapperConstructor",
            "optimizer": {"type": "AdamW", "lr": options.rate, "weight_decay": 0.05, "fused": True},
            "paramwise_cfg": {
                "norm_decay_mult": 0,
                "bias_decay_mult": 0,
                "bypass_duplicate": True,
                "force_default_settings": True,
                "custom_keys": {"neck.encoder": {"lr_mult": 0.3}, "head.dcc": {"lr_mult": 0.5}},
            },
            "clip_grad": {"max_norm": 5.0, "norm_type": 2},
        },
        default_hooks={
            "checkpoint": {
                "type": "CheckpointHook",
                "interval": options.keep_every,
                "max_keep_ckpts": 3,
            },
            "logger": {"type": "LoggerHook", "interval": 50},
        },
        custom_hooks=[
            {
                "type": "Course",
                "renders": str(options.renders),
                "side": options.side,
                "loader": loader,
                "minutes": options.minutes,
                "iterations": options.iterations,
                "since": options.since,
            },
            {
                "type": "EMAHook",
                "ema_type": "ExpMomentumEMA",
                "momentum": 0.001,
                "gamma": 300,
                "update_buffers": True,
                "priority": 49,
            },
        ],
        # mmpose's own would import packages that drawing alone needs.
        visualizer=Visualizer.get_instance("rtmo"),
        default_scope="mmpose",
        randomness={"seed": options.seed},
        log_level="INFO",
        cfg=None,
        experiment_name="rtmo",
    )
    # Before the hooks copy them; and marked, because mmengine would draw random numbers anew.
    if options.start is not None:
        runner.model.load_state_dict(read_tensors(options.start))
    else:
        runner.model.init_weights()
        runner.model.head.begin()
    for module in runner.model.modules():
        module._is_init = True
    runner.model.to(memory_format=torch.channels_last)
    logging.getLogger("mmengine").setLevel(logging.INFO)
    runner.train()


def _command_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m worker.training.rtmo", description=__doc__)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float)
    length.add_argument("--iterations", type=int)
    parser.add_argument("--variant", choices=tuple(SIZES), default="t")
    parser.add_argument("--side", type=int, default=256, help="px; a multiple of 64")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--round", type=int, default=3200, help="pictures between checks")
    parser.add_argument("--keep-every", type=int, default=4, help="rounds between checkpoints")
    parser.add_argument("--rate", type=float, default=0.0012, help="highest learning rate")
    parser.add_argument("--loaders", type=int, default=0, help="processes that load pictures")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="a checkpoint to start from")
    parser.add_argument("--since", type=float, default=0.0, help="share that --start has done")
    parser.add_argument("--full-precision", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    chosen = _command_line()
    torch.set_num_threads(chosen.threads)
    train(chosen)
