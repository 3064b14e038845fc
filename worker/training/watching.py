"""Watches a run: curves, progress, losses that are no numbers, wishes to stop."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from mmengine.dist import all_reduce, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from backend.domain.errors import Cancelled
from worker.training.faults import not_a_number
from worker.training.keeping import write_text
from worker.training.recipe import Listener

CURVES: Final = "curves.jsonl"
POINTS: Final = 20
"""Rows of losses that an epoch has at most."""
LOOK_EVERY: Final = 16
"""On a GPU the losses are looked at only so often: reading them waits for all that goes before."""


class Curves:
    """The rows of a run: losses and rate by step, scores by epoch. Plain JSON, a row a line.

    A row never tells a time: the same run gives the same rows.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.rows: list[dict[str, Any]] = []

    def keep_until(self, epoch: int) -> None:
        """Take up what stands in the file, up to the end of an epoch; the rest is forgotten."""
        self.rows = [row for row in read_rows(self.file) if row["epoch"] <= epoch]
        write_text("".join(json.dumps(row) + "\n" for row in self.rows), self.file)

    def add(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self.rows.append(row)
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")


def read_rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a run; a last line that was cut off by a crash is left out."""
    if not file.is_file():
        return []
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return rows


class Watcher(Hook):  # type: ignore[misc]
    """Follows each step of a run.

    Args:
        curves: Where rows go.
        listener: Who hears of it.
    """

    priority = "VERY_HIGH"

    def __init__(self, curves: Curves, listener: Listener) -> None:
        self.curves, self.listener = curves, listener
        self._recent: deque[tuple[int, dict[str, torch.Tensor]]] = deque(maxlen=LOOK_EVERY)
        self._summed: dict[str, float] = {}
        self._steps = 0

    def before_train_epoch(self, runner: Runner) -> None:
        """Begin new sums."""
        self._summed, self._steps = {}, 0
        self._recent.clear()

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Look at the losses, write a row where one is due, and stop if somebody wants it."""
        steps = len(runner.train_dataloader)
        losses = {
            name: value.detach() for name, value in _tensors(outputs or {}).items() if value.numel()
        }
        self._recent.append((runner.iter + 1, losses))
        on_cpu = all(value.device.type == "cpu" for value in losses.values())
        last = batch_idx + 1 == steps
        if on_cpu or last or len(self._recent) == LOOK_EVERY:
            self._look(runner)
        every = max(1, steps // POINTS)
        if (batch_idx + 1) % every == 0 or last:
            told = {name: float(value.mean()) for name, value in losses.items()}
            self._row(runner, {"losses": told, "rate": _rate(runner)})
        total = runner.max_epochs * steps
        if is_main_process():
            words = f"Epoch {runner.epoch + 1} of {runner.max_epochs}"
            self.listener.progress(runner.iter + 1, total, words)
        self._stop_if_asked(runner)

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Stop if somebody wants it."""
        self._stop_if_asked(runner)

    def after_val_epoch(self, runner: Runner, metrics: Mapping[str, float] | None = None) -> None:
        """Write the scores."""
        scores = {name: float(value) for name, value in (metrics or {}).items()}
        self._row(runner, {"scores": scores}, epoch=runner.epoch)

    def _row(self, runner: Runner, told: dict[str, Any], epoch: int | None = None) -> None:
        if is_main_process():
            # Within an epoch mmengine counts the ones before it.
            at = runner.epoch + 1 if epoch is None else epoch
            step = runner.iter if epoch is not None else runner.iter + 1
            row = {"epoch": at, "step": step, **told}
            self.curves.add(row)
            self.listener.row(row)

    def _look(self, runner: Runner) -> None:
        while self._recent:
            iteration, losses = self._recent.popleft()
            values = {name: float(value.mean()) for name, value in losses.items()}
            if not all(abs(value) < float("inf") for value in values.values()):
                raise not_a_number(iteration, runner.epoch + 1, values)

    def _stop_if_asked(self, runner: Runner) -> None:
        asked = self.listener.stop() if is_main_process() else False
        if runner.distributed:
            # All processes stop at the same step, or the others would wait forever.
            flag = torch.tensor(int(asked), device=next(runner.model.parameters()).device)
            all_reduce(flag, "max")
            asked = bool(flag)
        if asked:
            raise Cancelled("Cancelled. The last checkpoint stands, and the run can be resumed.")


def _tensors(outputs: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    return {
        name: value if isinstance(value, torch.Tensor) else torch.tensor(float(value))
        for name, value in outputs.items()
        if isinstance(value, torch.Tensor | float | int)
    }


def _rate(runner: Runner) -> float:
    rates = runner.optim_wrapper.get_lr()
    return float(max(max(values) for values in rates.values()))
