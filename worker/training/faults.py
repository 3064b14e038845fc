"""Ends of a training that are no fault of the program, in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch

from backend.core.storage.disk import full_disk
from backend.domain.errors import Conflict
from worker.training.recipe import Settings


class TrainingStopped(Conflict):
    """A training ended before its time; ``fault`` in the context says by what.

    Attributes:
        resumable: Whether going on from the last checkpoint makes sense.
    """

    def __init__(self, message: str, *, fault: str, resumable: bool) -> None:
        super().__init__(message, fault=fault, resumable=resumable)
        self.fault = fault
        self.resumable = resumable


STATE: Final = "state.pth"
"""File of a run that holds all that it takes to go on."""
_LOST: Final = (
    "no cuda gpus are available",
    "cuda driver",
    "device-side assert",
    "cuda error",
    "nccl",
    "gpu has fallen",
    "device not ready",
    "all cuda-capable devices are busy",
)
_NO_MEMORY: Final = ("out of memory", "can't allocate memory", "cannot allocate memory")


def not_a_number(iteration: int, epoch: int, losses: Mapping[str, float]) -> TrainingStopped:
    """For losses that are no numbers any more."""
    told = ", ".join(f"{name} {value:g}" for name, value in losses.items())
    return TrainingStopped(
        f"The losses stopped being numbers at step {iteration} (epoch {epoch}): {told}. Nothing was"
        " registered. Try a smaller learning rate, or look for damaged labels.",
        fault="losses are not numbers",
        resumable=False,
    )


def in_words(error: BaseException, settings: Settings, folder: Path) -> TrainingStopped | None:
    """Words for what ended a training; None for what is a fault of the program."""
    said = str(error).lower()
    if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)) or any(
        words in said for words in _NO_MEMORY
    ):
        return _no_memory(settings)
    if isinstance(error, OSError | RuntimeError) and full_disk(error, folder):
        return TrainingStopped(
            f"The disk that holds {folder} is full. {_stands(folder)} Free some space and resume.",
            fault="disk full",
            resumable=True,
        )
    lost = isinstance(error, RuntimeError) and any(words in said for words in _LOST)
    if lost:
        first = str(error).strip().splitlines()[0][:200]
        return TrainingStopped(
            f"The GPU cannot be used any more: {first}. {_stands(folder)} Resume when the GPU is"
            " back, or on another machine.",
            fault="device lost",
            resumable=True,
        )
    return None


def _stands(folder: Path) -> str:
    if (folder / STATE).is_file():
        return "The last checkpoint stands."
    return "No epoch was whole yet: training will begin anew."


def _no_memory(settings: Settings) -> TrainingStopped:
    size = "" if settings.size is None else " of {}×{}".format(*settings.size)
    if settings.batch == 1:
        advice = "It is one sample already: only a smaller model or a larger machine will do."
    else:
        advice = f"Try --set batch={settings.batch // 2}."
    return TrainingStopped(
        f"Out of memory with a batch of {settings.batch} samples{size}. {advice}",
        fault="out of memory",
        resumable=True,
    )
