"""Samples of a material as a lifting network sees them: single ones, or windows over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from worker.training.lifting.coordinates import (
    MIN_TOLD,
    Squares,
    features,
    rays,
    squares_of,
    targets,
)
from worker.training.material import Sample

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to joints in an image so that they are as good as a detector's.

    Attributes:
        noise: Standard deviation in each direction, as a share of the longer side of the joints'
            box.
        far: Share of joints that are disturbed five times as much, as a detector's misses are.
        missing: Share of joints that are not told.
        clean: Share of people who are left as they are.
    """

    noise: float = 0.0
    far: float = 0.0
    missing: float = 0.0
    clean: float = 0.0

    def __call__(self, seen: Array, told: Flags, rng: np.random.Generator) -> tuple[Array, Flags]:
        """(n, 17, 2) and (n, 17): the joints on the plane at depth 1, and which are told."""
        there = told[..., None]
        low = np.where(there, seen, np.inf).min(axis=1)
        high = np.where(there, seen, -np.inf).max(axis=1)
        side = (high - low).max(axis=1)[:, None, None]
        shape = told.shape
        scale = np.where(rng.random((*shape, 1)) < self.far, 5.0, 1.0) * self.noise * side
        moved = seen + rng.normal(0, 1, seen.shape) * scale
        kept = told & (rng.random(shape) >= self.missing)
        kept = np.where((kept.sum(axis=1) >= MIN_TOLD)[:, None], kept, told)
        left = np.asarray(rng.random(shape[0]) < self.clean)[:, None]
        return np.where(left[..., None], seen, moved), np.where(left, told, kept)


def usable(sample: Sample) -> bool:
    """Whether a sample can be learnt from or measured: camera, joints in image and in space."""
    return (
        sample.K is not None
        and sample.joints_3d is not None
        and bool(np.isfinite(sample.joints_3d).all())
        and float(sample.joints_3d[:, 2].min()) > 0
        and int((sample.joints[:, 2] > 0).sum()) >= MIN_TOLD
    )


class Lifted(Dataset[dict[str, Any]]):
    """Samples for a lifting network; batches are made at once (``__getitems__``).

    Args:
        samples: ``usable`` ones.
        frames: Images of one window; 1 for single images. Windows hold images of one recording
            and camera, in the order of their times; at the ends the outermost image is repeated.
        disturbance: What is done to the joints in the images.
        seed: None: anew in each epoch, by torch's generator; else once and for all.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        frames: int = 1,
        disturbance: Disturbance | None = None,
        seed: int | None = None,
    ) -> None:
        self.samples = samples
        self._seen = np.array([_rays(sample) for sample in samples])
        self._told = np.array([sample.joints[:, 2] > 0 for sample in samples])
        self._joints = np.array([sample.joints_3d for sample in samples], float)
        self._window = _windows(samples, frames) if frames > 1 else None
        self._disturbance = disturbance
        if disturbance is not None and seed is not None:
            rng = np.random.default_rng(seed)
            self._seen, self._told = disturbance(self._seen, self._told, rng)
            self._disturbance = None

    def __len__(self) -> int:
        return len(self.samples)

    def squares(self, numbers: Sequence[int]) -> Squares:
        """The views that samples are told in, where nothing is drawn at random."""
        chosen = list(numbers)
        return squares_of(self._seen[chosen], self._told[chosen])

    def targets(self) -> Array:
        """(n, 54) of all samples in their own squares."""
        return targets(self._joints, self.squares(range(len(self))))

    def __getitem__(self, number: int) -> dict[str, Any]:
        """A batch of one."""
        return self.__getitems__([number])

    def __getitems__(self, numbers: Sequence[int]) -> dict[str, Any]:
        """``inputs`` (B, 51) or (B, frames, 51), ``target`` (B, 54), ``number`` (B,).

        Metrics find the samples and their views beside them.
        """
        chosen = np.asarray(numbers)
        around = chosen[:, None] if self._window is None else self._window[chosen]
        count, frames = around.shape
        seen, told = self._seen[around.ravel()], self._told[around.ravel()]
        if self._disturbance is not None:
            rng = np.random.default_rng(int(torch.randint(1 << 62, ())))
            seen, told = self._disturbance(seen, told, rng)
        middle = np.arange(count) * frames + frames // 2
        own = squares_of(seen[middle], told[middle])
        # One view for the whole window: the person moves in it.
        view = Squares(*(np.repeat(part, frames, 0) for part in (own.turn, own.centre, own.half)))
        inputs = features(seen, told, view)
        if self._window is not None:
            inputs = inputs.reshape(count, frames, -1)
        return {
            "inputs": torch.from_numpy(inputs).float(),
            "data_samples": {
                "target": torch.from_numpy(targets(self._joints[chosen], own)).float(),
                "number": torch.from_numpy(chosen),
                "samples": [self.samples[number] for number in numbers],
                "squares": own,
            },
        }


def _rays(sample: Sample) -> Array:
    if sample.K is None:
        raise ValueError(f"image {sample.image_id} has no camera")
    return rays(sample.joints[:, :2], sample.K, sample.distortion)


def _windows(samples: Sequence[Sample], frames: int) -> NDArray[np.intp]:
    """(n, frames) numbers of the samples around each."""
    films: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, sample in enumerate(samples):
        films[sample.recording, sample.camera].append(number)
    found = np.zeros((len(samples), frames), np.intp)
    reach = np.arange(frames) - frames // 2
    for numbers in films.values():
        numbers.sort(key=lambda i: samples[i].time_s or 0.0)
        order = np.array(numbers)
        places = np.clip(np.arange(len(order))[:, None] + reach, 0, len(order) - 1)
        found[order] = order[places]
    return found


def batched(batch: Any) -> Any:
    """A batch as it is: the data set makes whole ones."""
    return batch
