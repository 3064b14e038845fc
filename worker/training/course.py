"""The course of a training: what is learnt when, and how fast."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.adapters.openmmlab import registry

registry()

from mmengine.hooks import Hook  # noqa: E402
from mmengine.runner import Runner  # noqa: E402
from mmpose.registry import HOOKS  # noqa: E402

from worker.training.pictures import dataset, folders  # noqa: E402

WARM_UP = 100
"""Iterations over which the learning rate rises."""
MIN_RATE = 0.01
"""The last learning rate, as a share of the highest."""


@dataclass(frozen=True)
class Stage:
    """One stage of a training.

    begins: share of the training. crop: side of the pictures as a share of the whole input's;
    None for whole pictures. helper, pull, mle: weights of three losses. tolerance: factor on the
    distances that similarity forgives. classified: whether a pose's score follows the
    coordinate classification, as RTMO's paper has it (section 3.3), or the plain regression.
    """

    begins: float
    crop: float | None
    helper: float
    pull: float
    mle: float
    tolerance: float
    classified: bool

    def crop_px(self, side: int) -> int | None:
        """Side of the crops in px, a multiple of 32; None for whole pictures of ``side`` px."""
        return None if self.crop is None else round(side * self.crop / 32) * 32


STAGES = (
    Stage(0.0, 0.5, helper=10.0, pull=0.0, mle=0.0, tolerance=2.0, classified=False),
    Stage(0.09, 0.5, helper=10.0, pull=0.3, mle=0.1, tolerance=2.0, classified=False),
    Stage(0.3, 0.5, helper=10.0, pull=1.0, mle=0.5, tolerance=1.0, classified=False),
    Stage(0.5, 0.5, helper=5.0, pull=3.0, mle=1.0, tolerance=1.0, classified=True),
    Stage(0.75, 0.75, helper=3.0, pull=5.0, mle=2.0, tolerance=1.0, classified=True),
    Stage(0.9, None, helper=1.0, pull=5.0, mle=2.0, tolerance=1.0, classified=True),
)
"""The classification's weights stay small while it errs: its gradients are large, and would ruin
features that the others have learnt already. Its own layers do not mind, because AdamW divides by
the size of gradients."""


def stage_at(done: float) -> Stage:
    """The stage that a share of the training belongs to."""
    return next(stage for stage in reversed(STAGES) if done >= stage.begins)


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
        since: float = 0.0,
    ) -> None:
        self.renders, self.side, self.loader = Path(renders), side, loader
        self.minutes, self.iterations, self.since = minutes, iterations, since
        self.begun = 0.0
        self.rates: list[float] = []
        self.forgiven: Any = None
        self.now: tuple[Stage, int] | None = None

    def done(self, runner: Runner) -> float:
        """Share of the training that is done, 0 to 1."""
        if self.iterations is not None:
            share = float(runner.iter) / self.iterations
        else:
            assert self.minutes is not None
            share = (time.monotonic() - self.begun) / (60 * self.minutes)
        return min(1.0, self.since + (1 - self.since) * share)

    def before_train(self, runner: Runner) -> None:
        """Note the time and the highest rates."""
        self.begun = time.monotonic()
        self.rates = [group["lr"] for group in runner.optim_wrapper.optimizer.param_groups]
        self.forgiven = runner.model.head.loss_oks.sigmas.clone()

    def before_train_epoch(self, runner: Runner) -> None:
        """Enter the stage that is due, and take in new renders."""
        stage = stage_at(self.done(runner))
        now = (stage, len(folders(self.renders)))
        if now == self.now:
            return
        self.now = now
        head = runner.model.head
        head.helper_weight, head.proxy_target_cc = stage.helper, stage.classified
        head.pull = stage.pull
        # mmpose leaves the coordinate classification out altogether where the weight is 0.
        head.loss_mle.loss_weight = max(stage.mle, 1e-6)
        head.loss_oks.sigmas.copy_(self.forgiven * stage.tolerance)
        head.use_aux_loss = stage.crop is None
        loader = copy.deepcopy(self.loader)
        loader["dataset"] = dataset(self.renders, self.side, stage.crop_px(self.side))
        runner.train_loop.dataloader = Runner.build_dataloader(loader, seed=runner.seed)
        count = len(runner.train_loop.dataloader.dataset)
        runner.logger.info(f"{count} pictures, {stage}")

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Set the learning rate: a ramp, then half a cosine."""
        share = MIN_RATE + (1 - MIN_RATE) * (1 + math.cos(math.pi * self.done(runner))) / 2
        share *= min(1.0, (runner.iter + 1) / WARM_UP)
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
