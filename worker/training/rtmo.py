"""Train a small RTMO on rendered infants, by mmpose's own losses and mmengine's own loop.

    infantnet synthesise --count 8000 --seed 1 --size 320x240 --out renders/a
    python -m worker.training.rtmo --renders renders --out training --minutes 60

``--renders`` is a folder of folders that ``infantnet synthesise`` wrote; it is looked through
again at each round, so that rendering can go on beside. A training lasts a number of minutes or of
iterations; learning rate and stages follow the share of it that is done:

- from 0: random crops at two thirds of the size; the plain regression branch learns from the
  truth (RTMO, section 3.3);
- from :data:`CLASSIFY`: it learns from the coordinate classification;
- from :data:`FULL`: crops at full size;
- from :data:`WHOLE`: whole pictures, letterboxed as at inference.

Learning rate, augmentation and lengths are chosen for an hour or so on one CPU core from random
numbers; mmpose's published recipe takes 600 epochs of seven data sets on eight accelerators.
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from worker.adapters.openmmlab import registry
from worker.adapters.rtmo_network import SIZES, RtmoVariant, configuration
from worker.adapters.weights import read_tensors

registry()

from mmengine.hooks import Hook  # noqa: E402
from mmengine.runner import Runner  # noqa: E402
from mmengine.visualization import Visualizer  # noqa: E402
from mmpose.datasets import CocoDataset, CombinedDataset  # noqa: E402
from mmpose.registry import DATA_SAMPLERS, DATASETS, HOOKS  # noqa: E402

import worker.training.parts  # noqa: E402, F401  (registers them)

CLASSIFY = 0.3
FULL = 0.6
WHOLE = 0.82
WARM_UP = 0.03
LEAST = 0.02
"""The last learning rate, as a share of the highest."""
META = "configs/_base_/datasets/coco.py"
GREY = 114


@DATASETS.register_module()
class RenderedInfants(CocoDataset):  # type: ignore[misc]
    """One folder of renders. Joints become indices of pixels, as in COCO."""

    def parse_data_info(self, raw_data_info: dict[str, Any]) -> dict[str, Any] | None:
        """See mmpose; the masks are left out, because nothing here uses them."""
        raw_data_info["raw_ann_info"].pop("segmentation", None)
        info: dict[str, Any] | None = super().parse_data_info(raw_data_info)
        if info is not None:
            info["keypoints"] = info["keypoints"] - 0.5
            info["raw_ann_info"] = None
        return info


@DATA_SAMPLERS.register_module()
class Draws(torch.utils.data.Sampler[int]):
    """A set number of pictures a round, drawn without repetition as far as there are enough."""

    def __init__(self, dataset: Any, count: int, seed: int = 0) -> None:
        self.dataset, self.count, self.seed, self.round = dataset, count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Draw other pictures in each round."""
        self.round = epoch

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.round)
        left = self.count
        while left > 0:
            order = torch.randperm(len(self.dataset), generator=generator)[:left].tolist()
            yield from order
            left -= len(order)

    def __len__(self) -> int:
        return self.count


@HOOKS.register_module()
class Course(Hook):  # type: ignore[misc]
    """Learning rate, stages, fresh renders and the end, by the share of the training done."""

    priority = "VERY_HIGH"

    def __init__(
        self,
        renders: str,
        side: int,
        loader: dict[str, Any],
        minutes: float | None,
        iterations: int | None,
    ) -> None:
        self.renders, self.side, self.loader = Path(renders), side, loader
        self.minutes, self.iterations = minutes, iterations
        self.begun = 0.0
        self.rates: list[float] = []
        self.classifying = False
        self.now: tuple[int, bool, int] | None = None

    def done(self, runner: Runner) -> float:
        """Share of the training that is done, 0 to 1."""
        if self.iterations is not None:
            return min(1.0, float(runner.iter) / self.iterations)
        assert self.minutes is not None
        return min(1.0, (time.monotonic() - self.begun) / (60 * self.minutes))

    def before_train(self, runner: Runner) -> None:
        """Note the time and the highest rates."""
        self.begun = time.monotonic()
        self.rates = [group["lr"] for group in runner.optim_wrapper.optimizer.param_groups]

    def before_train_epoch(self, runner: Runner) -> None:
        """Enter the stage that is due, and take in new renders."""
        done, head = self.done(runner), runner.model.head
        if done >= CLASSIFY and not self.classifying:
            self.classifying = True
            head.proxy_target_cc = True
            head.loss_mle.loss_weight, head.loss_oks.loss_weight = 5.0, 10.0
            runner.logger.info("stage: coordinate classification teaches")
        # While poses are far off, their similarity to the truth would choose one grid point a
        # person; the boxes are right earlier, and let more grid points learn.
        head.assigner.dynamic_k_indicator = "oks" if done >= FULL else "iou"
        whole = done >= WHOLE
        side = self.side if done >= FULL else round(self.side / 48) * 32
        now = (side, whole, len(folders(self.renders)))
        if now != self.now:
            head.use_aux_loss = whole
            self.now = now
            loader = copy.deepcopy(self.loader)
            loader["dataset"] = dataset(self.renders, side, whole)
            runner.train_loop.dataloader = Runner.build_dataloader(loader, seed=runner.seed)
            count = len(runner.train_loop.dataloader.dataset)
            runner.logger.info(f"{count} pictures at {side} px, whole: {whole}")

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Set the learning rate: a ramp, then half a cosine."""
        done = self.done(runner)
        if done < WARM_UP:
            share = (done / WARM_UP) ** 2
        else:
            along = (done - WARM_UP) / (1 - WARM_UP)
            share = LEAST + (1 - LEAST) * (1 + math.cos(math.pi * along)) / 2
        share = max(share, 1e-4)
        groups = runner.optim_wrapper.optimizer.param_groups
        for group, rate in zip(groups, self.rates, strict=True):
            group["lr"] = rate * share

    def after_train_epoch(self, runner: Runner) -> None:
        """Stop when all is done."""
        if self.done(runner) >= 1.0:
            runner.train_loop.stop_training = True

    def after_train(self, runner: Runner) -> None:
        """Keep what was learned last."""
        runner.save_checkpoint(runner.work_dir, "last.pth", save_optimizer=False)


def folders(renders: Path) -> list[Path]:
    """Folders of renders in a folder, sorted."""
    return sorted(path.parent for path in renders.glob("*/annotations.json"))


def dataset(renders: Path, side: int, whole: bool) -> dict[str, Any]:
    """mmpose's description of the training pictures.

    side: of the network's input in px. whole: letterboxed as at inference, (side, side); else
    random crops of (side, 3/4 side), which cost less.
    """
    size = (side, side) if whole else (side, math.ceil(side * 0.75 / 32) * 32)
    if whole:
        affine = {"shift_factor": 0.05, "rotate_factor": 5, "scale_factor": (0.85, 1.0)}
    else:
        affine = {"shift_factor": 0.12, "rotate_factor": 12, "scale_factor": (0.75, 1.35)}
    pipeline = [
        {"type": "LoadImage"},
        # First, because after resizing mmpose takes the input's height for its width.
        {"type": "RandomFlip"},
        {
            "type": "BottomupRandomAffine",
            "input_size": size,
            "pad_val": GREY,
            "distribution": "uniform",
            "transform_mode": "affine",
            "bbox_keep_corner": False,
            "clip_border": True,
            "scale_type": "long",
            **affine,
        },
        {"type": "YOLOXHSVRandomAug"},
        {"type": "FilterAnnotations", "by_kpt": True, "by_box": True, "keep_empty": False},
        {
            "type": "GenerateTarget",
            "encoder": {"type": "YOLOXPoseAnnotationProcessor", "input_size": size},
        },
        {"type": "PackPoseInputs"},
    ]
    return {
        "type": CombinedDataset,
        "metainfo": {"from_file": META},
        "datasets": [
            {
                "type": RenderedInfants,
                "data_root": str(folder),
                "data_mode": "bottomup",
                "ann_file": "annotations.json",
                "data_prefix": {"img": ""},
                "pipeline": [],
            }
            for folder in folders(renders)
        ],
        "pipeline": pipeline,
    }


def model(variant: RtmoVariant) -> dict[str, Any]:
    """mmpose's description of RTMO for training (its public configuration of the losses)."""
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
        "overlaps_power": 0.5,
        "assigner": {
            "type": "SimOTAAssigner",
            "dynamic_k_indicator": "oks",
            "oks_calculator": oks,
            "use_keypoints_for_center": True,
        },
        "loss_cls": {"type": "VariFocalLoss", "reduction": "sum", "use_target_weight": True},
        "loss_bbox": {
            "type": "IoULoss",
            "mode": "square",
            "eps": 1e-16,
            "reduction": "sum",
            "loss_weight": 5.0,
        },
        "loss_oks": {
            "type": "OKSLoss",
            "reduction": "none",
            "metainfo": META,
            "loss_weight": 30.0,
        },
        "loss_vis": {"type": "BCELoss", "use_target_weight": True, "reduction": "mean"},
        "loss_mle": {"type": "MLECCLoss", "use_target_weight": True, "loss_weight": 3.0},
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
    runner = Runner(
        model=model(options.variant),
        work_dir=str(options.out),
        train_dataloader=loader | {"dataset": dataset(options.renders, options.side, whole=False)},
        train_cfg={"by_epoch": True, "max_epochs": 100_000},
        optim_wrapper={
            "type": "HalfOptimWrapper" if half else "OptimWrapper",
            "constructor": "ForceDefaultOptimWrapperConstructor",
            "optimizer": {"type": "AdamW", "lr": options.rate, "weight_decay": 0.05},
            "paramwise_cfg": {
                "norm_decay_mult": 0,
                "bias_decay_mult": 0,
                "bypass_duplicate": True,
                "force_default_settings": True,
                "custom_keys": {"neck.encoder": {"lr_mult": 0.3}},
            },
            "clip_grad": {"max_norm": 0.1, "norm_type": 2},
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
    if options.start is not None:
        # Before the hooks copy it, and marked, because mmengine would draw random numbers anew.
        runner.model.load_state_dict(read_tensors(options.start))
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
    parser.add_argument("--side", type=int, default=192, help="px; a multiple of 32")
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--round", type=int, default=1200, help="pictures between checks")
    parser.add_argument("--keep-every", type=int, default=4, help="rounds between checkpoints")
    parser.add_argument("--rate", type=float, default=0.0015, help="highest learning rate")
    parser.add_argument("--loaders", type=int, default=0, help="processes that load pictures")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="a checkpoint to start from")
    parser.add_argument("--full-precision", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    chosen = _command_line()
    torch.set_num_threads(chosen.threads)
    train(chosen)
