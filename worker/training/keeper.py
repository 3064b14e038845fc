"""Keeps a run's state after each whole epoch, and its best model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import torch
from mmengine.dist import barrier, is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from backend.domain.errors import Conflict
from worker.training.epochs import seed_all
from worker.training.faults import STATE, TrainingStopped
from worker.training.keeping import save
from worker.training.recipe import Assembly, Listener

BEST: Final = "best.pth"
START: Final = "start.pth"
QUALITY: Final = 88
"""Of the pictures, as JPEG has it."""


def bare(model: nn.Module) -> nn.Module:
    """A model without the wrapper that spreads it over devices."""
    inner: Any = model.module if is_model_wrapper(model) else model
    assert isinstance(inner, nn.Module)
    return inner


def on_cpu(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A copy of tensors on the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}


class Keeper(Hook):  # type: ignore[misc]
    """Writes ``best.pth`` and then ``state.pth`` when an epoch is over, and draws pictures.

    Args:
        assembly: Whose key metric chooses the best model.
        folder: Of the run.
        seed: Of the run.
        listener: Who hears of it.
        pictures_every: Epochs between pictures.

    Attributes:
        resume_from: A state to go on from, set before training.
        start: The tensors before training, where they were measured.
    """

    priority = "LOWEST"

    def __init__(
        self, assembly: Assembly, folder: Path, seed: int, listener: Listener, pictures_every: int
    ) -> None:
        self.assembly, self.folder, self.listener = assembly, folder, listener
        self.seed, self.pictures_every = seed, pictures_every
        self.resume_from: dict[str, Any] | None = None
        model = bare(assembly.model)
        self.start = on_cpu(model.state_dict()) if assembly.begins_trained else None
        self._before: dict[str, float] | None = None
        self._best: float | None = None
        self._scores: dict[str, float] | None = None

    def before_train(self, runner: Runner) -> None:
        """Take up a state, where there is one."""
        held = self.resume_from
        if held is None:
            return
        runner.call_hook("after_load_checkpoint", checkpoint=held)
        bare(runner.model).load_state_dict(held["state_dict"])
        runner.optim_wrapper.load_state_dict(held["optimizer"])
        _load_schedules(runner, held["schedules"])
        loop = runner.train_loop
        loop.measure_first = False
        loop._epoch, loop._iter = int(held["epoch"]), int(held["step"])
        self._before, self._best = held["before"], held["best"]
        # mmengine counted from nothing before this hook.
        runner.optim_wrapper.initialize_count_status(runner.model, loop.iter, loop.max_iters)
        runner.message_hub.update_info("epoch", loop.epoch)
        runner.message_hub.update_info("iter", loop.iter)

    def after_val_epoch(self, runner: Runner, metrics: Mapping[str, float] | None = None) -> None:
        """Remember the scores until the epoch is over."""
        self._scores = {name: float(value) for name, value in (metrics or {}).items()}

    def after_whole_epoch(self, runner: Runner) -> None:
        """Keep what was learnt."""
        epoch, scores = int(runner.epoch), self._scores
        self._scores = None
        if epoch == 0:
            self._before = scores
        drawn = self._draw(runner, epoch)
        if not is_main_process():
            barrier()
            return
        checkpoint: dict[str, Any] = {"state_dict": on_cpu(bare(runner.model).state_dict())}
        _require_numbers(checkpoint["state_dict"], epoch)
        # Hooks such as a moving average of the weights put theirs in the place of the model's.
        runner.call_hook("before_save_checkpoint", checkpoint=checkpoint)
        if scores is not None and self._better(scores):
            meta = {"epoch": epoch, "scores": scores, "key": self.assembly.key}
            save({"state_dict": checkpoint["state_dict"], "meta": meta}, self.folder / BEST)
        save(
            {
                **checkpoint,
                "optimizer": runner.optim_wrapper.state_dict(),
                "schedules": _schedules(runner),
                "epoch": epoch,
                "step": int(runner.iter),
                "before": self._before,
                "best": self._best,
            },
            self.folder / STATE,
        )
        for file in drawn:
            self.listener.picture(file, epoch)
        self.listener.saved(self.folder / STATE, epoch)
        barrier()

    def _better(self, scores: Mapping[str, float]) -> bool:
        key = self.assembly.key
        if key not in scores:
            raise Conflict(
                f"The metrics say nothing of {key}, which is to choose the best checkpoint; they"
                f" say {', '.join(scores)}."
            )
        value = scores[key]
        if math.isnan(value):
            # Nothing to be measured: as bad as can be, so that anything later is better.
            value = -math.inf if self.assembly.larger else math.inf
        better = self._best is None or (
            value > self._best if self.assembly.larger else value < self._best
        )
        if better:
            self._best = value
        return better

    def _draw(self, runner: Runner, epoch: int) -> list[Path]:
        last = epoch == runner.max_epochs
        if self.assembly.pictures is None or not is_main_process():
            return []
        if not (last or epoch % self.pictures_every == 0):
            return []
        model = bare(runner.model)
        model.eval()
        seed_all(self.seed, epoch)
        with torch.no_grad():
            pictures = self.assembly.pictures(model)
        files = []
        for number, picture in enumerate(pictures):
            file = self.folder / "pictures" / f"{epoch:04d}-{number:02d}.jpg"
            options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
            _, jpeg = cv2.imencode(".jpg", picture[:, :, ::-1], options)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(jpeg.tobytes())
            files.append(file)
        return files


def _require_numbers(tensors: Mapping[str, Tensor], epoch: int) -> None:
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise TrainingStopped(
                f"The network holds numbers that are none after epoch {epoch} ({name}). The last"
                " checkpoint stands; nothing was registered. Try a smaller learning rate.",
                fault="losses are not numbers",
                resumable=False,
            )


def _schedules(runner: Runner) -> Any:
    held = runner.param_schedulers
    if isinstance(held, dict):
        return {name: [_numbers(s.state_dict()) for s in some] for name, some in held.items()}
    return [_numbers(schedule.state_dict()) for schedule in held or ()]


def _numbers(state: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule's state as plain values: counters of the standard library are dicts here."""
    return {
        name: {"counter": dict(value)} if type(value).__name__ == "Counter" else value
        for name, value in state.items()
    }


def _load_schedules(runner: Runner, held: Any) -> None:
    from collections import Counter

    def whole(state: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: Counter(value["counter"]) if isinstance(value, dict) else value
            for name, value in state.items()
        }

    own = runner.param_schedulers
    if isinstance(own, dict):
        for name, some in own.items():
            for schedule, state in zip(some, held[name], strict=True):
                schedule.load_state_dict(whole(state))
        return
    for schedule, state in zip(own or (), held, strict=True):
        schedule.load_state_dict(whole(state))
