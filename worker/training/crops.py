"""Squares cut around people: what the small networks of postures and adaptation look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.domain.skeleton import MIRROR
from worker.training.material import Sample
from worker.training.pixels import load_rgb

Array = NDArray[np.float64]
Image = NDArray[np.uint8]

MARGIN: Final = 1.25
"""Side of the square over the longer side of the box (mmpose's)."""
MEAN: Final = (123.675, 116.28, 103.53)
SPREAD: Final = (58.395, 57.12, 57.375)
"""Of ImageNet's images, by which torchvision's weights want theirs standardised."""
KEPT_BYTES: Final = 600_000_000
"""Decoded images that are kept in memory; beyond that they are read anew each time."""


class Crops:
    """Cuts people out of their images.

    Args:
        samples: Who.
        size: Width and height of a cut in pixels.
    """

    def __init__(self, samples: Sequence[Sample], size: tuple[int, int]) -> None:
        self._samples, self._size = samples, size
        self._kept: dict[int, Image] = {}
        self._bytes = 0

    def matrix(
        self, number: int, grow: float = 1.0, shift: tuple[float, float] = (0.0, 0.0),
        angle: float = 0.0, flip: bool = False,
    ) -> Array:  # fmt: skip
        """(2, 3) from the image's continuous pixels to the cut's.

        Args:
            number: Of the sample.
            grow: The person's size in the cut, as a factor.
            shift: Of the person, as a share of the cut's size.
            angle: By which the person is turned, radians.
            flip: Whether left becomes right.
        """
        x, y, width, height = self._samples[number].box
        across, down = self._size
        scale = grow * min(across, down) / (MARGIN * max(width, height, 1.0))
        c, s = scale * np.cos(angle), scale * np.sin(angle)
        turn = np.array([[c, -s], [s, c]])
        if flip:
            turn = np.array([[-1.0, 0.0], [0.0, 1.0]]) @ turn
        middle = np.array([across * (0.5 + shift[0]), down * (0.5 + shift[1])])
        at = middle - turn @ np.array([x + width / 2, y + height / 2])
        return np.column_stack([turn, at])

    def cut(self, number: int, matrix: Array) -> Tensor:
        """(3, H, W) standardised."""
        # OpenCV's pixel centres lie at whole numbers.
        shifted = matrix.copy()
        shifted[:, 2] += shifted[:, :2].sum(axis=1) * 0.5 - 0.5
        small = cv2.warpAffine(self._image(number), shifted, self._size, flags=cv2.INTER_LINEAR)
        pixels = (small.astype(np.float32) - MEAN) / np.array(SPREAD, np.float32)
        return torch.from_numpy(pixels.astype(np.float32).transpose(2, 0, 1).copy())

    def _image(self, number: int) -> Image:
        if (kept := self._kept.get(number)) is not None:
            return kept
        image = load_rgb(self._samples[number].image)
        if self._bytes + image.nbytes <= KEPT_BYTES:
            self._kept[number] = image
            self._bytes += image.nbytes
        return image


def joints_in(sample: Sample, matrix: Array, flip: bool = False) -> Array:
    """(17, 3): the sample's joints in a cut, and their visibility."""
    joints = sample.joints[list(MIRROR)] if flip else sample.joints
    at = joints[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return np.concatenate([at, joints[:, 2:]], axis=1)


def drawn(rng: np.random.Generator, turn: float, grow: float, shift: float) -> dict[str, object]:
    """Random arguments for :meth:`Crops.matrix`.

    turn: largest angle in radians; grow, shift: standard deviations.
    """
    return {
        "grow": float(np.exp(rng.normal(0, grow))),
        "shift": (float(rng.normal(0, shift)), float(rng.normal(0, shift))),
        "angle": float(rng.uniform(-turn, turn)),
        "flip": bool(rng.random() < 0.5),
    }
