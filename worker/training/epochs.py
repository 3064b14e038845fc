"""mmengine's epochs, made such that a resumed run goes on exactly as it would have."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from mmengine.runner import EpochBasedTrainLoop, Runner


def seed_all(seed: int, epoch: int, rank: int = 0) -> None:
    """Seed every generator for one epoch, whatever was drawn before."""
    sequence = np.random.SeedSequence([seed, epoch, rank])
    first, second, third = (int(n) for n in sequence.generate_state(3, np.uint32))
    random.seed(first)
    np.random.seed(second)
    torch.manual_seed(third)


class SeededEpochs(EpochBasedTrainLoop):  # type: ignore[misc]
    """Each epoch begins with seeds of its own and ends, after its validation, with a hook.

    Hooks may have a method ``after_whole_epoch(runner)``; it is called when training and, where it
    is due, validation of an epoch are over.

    Args:
        runner, dataloader, max_epochs, val_interval: As in mmengine.
        seed: Of the run.
        rank: Of this process among several.
        measure_first: Whether validation comes before all training, too; a run that goes on has
            done so.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: Any,
        max_epochs: int,
        val_interval: int,
        seed: int,
        rank: int,
        measure_first: bool,
    ) -> None:
        super().__init__(runner, dataloader, max_epochs, val_interval=val_interval)
        self._seed, self._rank, self.measure_first = seed, rank, measure_first

    def run(self) -> torch.nn.Module:
        """See mmengine."""
        self.runner.call_hook("before_train")
        if self.measure_first:
            seed_all(self._seed, 0, self._rank)
            self.runner.val_loop.run()
            self.runner.call_hook("after_whole_epoch")
        while self._epoch < self._max_epochs and not self.stop_training:
            seed_all(self._seed, self._epoch + 1, self._rank)
            self.run_epoch()
            if self._epoch % self.val_interval == 0 or self._epoch == self._max_epochs:
                self.runner.val_loop.run()
            self.runner.call_hook("after_whole_epoch")
        self.runner.call_hook("after_train")
        model: torch.nn.Module = self.runner.model
        return model
