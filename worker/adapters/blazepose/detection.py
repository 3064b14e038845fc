"""Finds people in images with BlazePose's detector: where their hips are, how large, which way up.

The detector sees 224×224 pixels and says, for each of 2,254 anchors, whether a person's face is
near, and four points: the middle of the hips, a point on the circle around the whole body in the
direction of the head, the middle of the shoulders, and a point on the circle around the upper body.
Source: the model cards and public graphs of MediaPipe Pose (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.estimates import RgbImage
from worker.adapters.blazepose.cutting import Matrix, back, cut, turned_square
from worker.adapters.blazepose.network import GraphNetwork

SIDE: Final = 224
"""Of the detector's input in pixels."""

_STRIDES: Final = ((8, 2), (16, 2), (32, 6))
"""Cells of the detector's grids in pixels, and anchors in each."""

LEAST: Final = 0.5
"""People whom the detector is less sure of are left out (MediaPipe's graph)."""

_LOGIT_BOUND: Final = 100.0

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """A turned square around a person.

    Attributes:
        centre: (x, y) in pixels of the image.
        side: In pixels of the image.
        angle: By which the person is turned from upright, in radians, clockwise on the screen.
        score: How sure the finder is that somebody is there, in [0, 1].
    """

    centre: tuple[float, float]
    side: float
    angle: float
    score: float


def region_of(hips: Points, edge: Points, score: float, margin: float = 1.25) -> Region:
    """The region of a person from the middle of the hips and a point on the body's circle.

    Args:
        hips: (x, y) in pixels.
        edge: (x, y) in pixels, in the direction of the head.
        score: In [0, 1].
        margin: The square's side over the circle's diameter (MediaPipe: 1.25).
    """
    dx, dy = edge - hips
    radius = float(np.hypot(dx, dy))
    angle = float(np.arctan2(dx, -dy))
    return Region((float(hips[0]), float(hips[1])), 2 * radius * margin, angle, score)


def anchors() -> Points:
    """(2254, 2) centres of the anchors, in shares of the input."""
    centres = []
    for stride, several in _STRIDES:
        cells = (np.arange(SIDE // stride) + 0.5) / (SIDE // stride)
        rows, columns = np.meshgrid(cells, cells, indexing="ij")
        grid = np.stack([columns.ravel(), rows.ravel()], axis=1)
        centres.append(np.repeat(grid, several, axis=0))
    return np.concatenate(centres)


@dataclass(frozen=True, slots=True)
class Window:
    """A square of an image that the detector looks at, turned by quarter turns.

    Attributes:
        left: Of the square in pixels of the image; may lie outside.
        top: Of the square.
        side: Of the square.
        quarters: Quarter turns by which the picture is turned clockwise before it is looked at.
    """

    left: float
    top: float
    side: float
    quarters: int = 0

    def matrix(self) -> Matrix:
        """From the image's positions to the detector's."""
        centre = (self.left + self.side / 2, self.top + self.side / 2)
        # Turning the picture clockwise: what lay counterclockwise in the image stands upright.
        return turned_square(centre, self.side, -self.quarters * np.pi / 2, SIDE)


def windows(
    height: int, width: int, levels: Sequence[int], quarters: Sequence[int]
) -> list[Window]:
    """Squares that cover an image: the whole of it, then tiles that overlap by half.

    Args:
        height: Of the image in pixels.
        width: Of the image in pixels.
        levels: For each, the tiles' side as a fraction of the longer side: 1 is the whole image,
            2 half of it, and so on.
        quarters: In which quarter turns each is looked at.
    """
    longer = max(height, width)
    found = []
    for level in levels:
        side = longer / level
        for top in _starts(height, side):
            for left in _starts(width, side):
                found += [Window(left, top, side, q) for q in quarters]
    return found


def _starts(extent: float, side: float) -> NDArray[np.float64]:
    if extent <= side:
        return np.array([(extent - side) / 2])
    count = int(np.ceil((extent - side) / (side / 2))) + 1
    return np.linspace(0, extent - side, count)


class PersonDetector:
    """The detector on torch.

    Args:
        network: Of ``pose_detection.tflite``.
        device: Where it runs.
    """

    def __init__(self, network: GraphNetwork, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.network = network.eval().to(self.device)
        self._anchors = anchors()

    def detect(self, image: RgbImage, looked_at: Sequence[Window]) -> list[Region]:
        """Regions of all people found in the windows, best first, each person once.

        Args:
            image: uint8 (height, width, 3) RGB.
            looked_at: The windows.
        """
        cuts = np.stack([cut(image, window.matrix(), SIDE) for window in looked_at])
        with torch.inference_mode():
            pixels = torch.from_numpy(cuts).to(self.device).permute(0, 3, 1, 2).float()
            raw, logits = self.network(pixels / 127.5 - 1)
        numbers, scores = raw.double().cpu().numpy(), logits.double().cpu().numpy()[..., 0]
        scores = 1 / (1 + np.exp(-np.clip(scores, -_LOGIT_BOUND, _LOGIT_BOUND)))
        found: list[tuple[float, Points]] = []
        for window, told, sure in zip(looked_at, numbers, scores, strict=True):
            keep = np.flatnonzero(sure >= LEAST)
            points = told[keep][:, 4:].reshape(-1, 4, 2) + self._anchors[keep, None] * SIDE
            points = back(window.matrix(), points)
            found += zip(sure[keep].tolist(), points, strict=True)
        return _once(found)


def _once(found: list[tuple[float, Points]]) -> list[Region]:
    """Each person once: what lies about where a surer one lies is averaged into it by score."""
    found = sorted(found, key=lambda f: -f[0])
    kept: list[Region] = []
    while found:
        best = found[0][1]
        near: list[tuple[float, Points]] = []
        far: list[tuple[float, Points]] = []
        for item in found:
            (near if _alike(best, item[1]) else far).append(item)
        weights = np.array([score for score, _ in near])
        points = np.average(np.stack([p for _, p in near]), axis=0, weights=weights)
        kept.append(region_of(points[0], points[1], near[0][0]))
        found = far
    return kept


def _alike(a: Points, b: Points) -> bool:
    """Whether two findings are one person: circles of like size about like places."""
    ra, rb = np.hypot(*(a[1] - a[0])), np.hypot(*(b[1] - b[0]))
    apart = np.hypot(*(a[0] - b[0]))
    return bool(apart < 0.5 * max(ra, rb) and min(ra, rb) > 0.5 * max(ra, rb))
