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

from backend.domain.skeleton import N_JOINTS
from worker.training.lifting.coordinates import (
    MIN_TOLD,
    Square,
    features,
    rays,
    square_of,
    targets,
)
from worker.training.material import Sample

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to joints in an image so that they are as good as a detector's.

    Attributes:
        noise: Standard deviation in each direction, as a share of the box's longer side.
        far: Share of joints that are disturbed five times as much, as a detector's misses are.
        missing: Share of joints that are not told.
    """

    noise: float = 0.0
    far: float = 0.0
    missing: float = 0.0

    def __call__(
        self, seen: Array, told: NDArray[np.bool_], rng: np.random.Generator
    ) -> tuple[Array, NDArray[np.bool_]]:
        """(17, 2) and (17,): the joints on the plane at depth 1, and which are told."""
        side = float(np.ptp(seen[told], axis=0).max())
        scale = np.where(rng.random((N_JOINTS, 1)) < self.far, 5.0, 1.0) * self.noise * side
        moved = seen + rng.normal(0, 1, seen.shape) * scale
        kept = told & (rng.random(N_JOINTS) >= self.missing)
        return moved, kept if kept.sum() >= MIN_TOLD else told


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
    """Samples for a lifting network.

    Args:
        samples: ``usable`` ones.
        frames: Images of one window; 1 for single images. Windows hold images of one recording
            and camera, in the order of their times; at the ends the outermost image is repeated.
        disturbance: What is done to the joints in the images, anew each time.
        seed: None: anew in each epoch by torch's generator; else the same for sample i each time.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        frames: int = 1,
        disturbance: Disturbance | None = None,
        seed: int | None = None,
    ) -> None:
        self.samples = samples
        self._frames, self._disturbance, self._seed = frames, disturbance, seed
        self._seen = [
            rays(s.joints[:, :2], s.K, s.distortion) if s.K is not None else np.zeros((17, 2))
            for s in samples
        ]
        self._told = [np.asarray(s.joints[:, 2] > 0) for s in samples]
        self._window = _windows(samples, frames) if frames > 1 else None

    def __len__(self) -> int:
        return len(self.samples)

    def square(self, number: int) -> Square:
        """The view that sample ``number`` is told in when nothing is drawn at random."""
        return self._told_of(number)[2]

    def target(self, number: int) -> Array:
        """(54,) of the undisturbed sample."""
        return self._target(number, square_of(self._seen[number][self._told[number]]))

    def _target(self, number: int, square: Square) -> Array:
        joints = self.samples[number].joints_3d
        if joints is None:
            raise ValueError(f"sample {number} has no joints in space")
        return targets(joints, square)

    def _rng(self, number: int) -> np.random.Generator:
        if self._seed is not None:
            return np.random.default_rng([self._seed, number])
        return np.random.default_rng(int(torch.randint(1 << 62, ())))

    def _told_of(self, number: int) -> tuple[Array, NDArray[np.bool_], Square]:
        seen, told = self._seen[number], self._told[number]
        if self._disturbance is not None:
            seen, told = self._disturbance(seen, told, self._rng(number))
        return seen, told, square_of(seen[told])

    def __getitem__(self, number: int) -> dict[str, Any]:
        """``inputs`` (51,) or (frames, 51), ``target`` (54,) and the sample's ``number``."""
        seen, told, square = self._told_of(number)
        if self._window is None:
            inputs = features(seen, told, square)
        else:
            rows = []
            for other in self._window[number]:
                # One view for the whole window: the person moves in it.
                near, there, _ = self._told_of(int(other)) if other != number else (seen, told, 0)
                rows.append(features(near, there, square))
            inputs = np.stack(rows)
        return {
            "inputs": torch.from_numpy(inputs).float(),
            "target": torch.from_numpy(self._target(number, square)).float(),
            "number": number,
        }


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


def batched(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Samples into a batch, as the network takes it."""
    return {
        "inputs": torch.stack([item["inputs"] for item in items]),
        "data_samples": {
            "target": torch.stack([item["target"] for item in items]),
            "number": torch.tensor([item["number"] for item in items]),
        },
    }
