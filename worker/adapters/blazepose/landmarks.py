"""Says the pose of the person in a turned square, by BlazePose's landmark network.

The network sees 256×256 pixels and says 33 landmarks and two points of the body's circle, from
which the square for a closer look follows; how sure it is of each and of there being a person; and
a heatmap for each landmark, with which its place is refined.
Source: the model card and public graphs of MediaPipe Pose (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.estimates import RgbImage
from worker.adapters.blazepose.cutting import back, cut, turned_square
from worker.adapters.blazepose.detection import Region, region_of
from worker.adapters.blazepose.network import GraphNetwork

SIDE: Final = 256
"""Of the network's input in pixels."""

COCO: Final = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Which of the 33 landmarks is each of COCO's 17 joints."""

LANDMARKS: Final = 33
HIPS: Final = 33
_EDGE: Final = 34
"""The middle of the hips and a point on the body's circle, beside the landmarks."""

_GRID: Final = 64
"""Cells of a heatmap along a side."""

_KERNEL: Final = 7
_LEAST_PEAK: Final = 0.5
"""A landmark moves to the centre of gravity of the cells around it, where one of them is at least
this sure (MediaPipe's graph)."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What the network says of one square.

    Attributes:
        points: (35, 2) in pixels of the image: the landmarks, the hips' middle, the circle's edge.
        visible: (33,) in [0, 1], that a landmark is in the picture and not covered.
        present: In [0, 1], that somebody is there.
        region: The square.
    """

    points: Array
    visible: Array
    present: float
    region: Region

    def closer(self) -> Region:
        """The square for another look."""
        return region_of(self.points[HIPS], self.points[_EDGE], self.region.score)


class LandmarkNetwork:
    """The network on torch.

    Args:
        network: Of ``pose_landmark_lite``, ``_full`` or ``_heavy``.
        device: Where it runs.
        batch_size: Squares per forward pass.
    """

    def __init__(
        self, network: GraphNetwork, device: torch.device | str = "cpu", batch_size: int = 16
    ) -> None:
        self.device = torch.device(device)
        self.batch_size = batch_size
        self.network = network.eval().to(self.device)

    def look(self, image: RgbImage, regions: Sequence[Region]) -> list[Landmarks]:
        """The pose in each square, in their order.

        Args:
            image: uint8 (height, width, 3) RGB.
            regions: The squares.
        """
        found: list[Landmarks] = []
        for start in range(0, len(regions), self.batch_size):
            found += self._batch(image, regions[start : start + self.batch_size])
        return found

    def _batch(self, image: RgbImage, regions: Sequence[Region]) -> list[Landmarks]:
        placed = [turned_square(r.centre, r.side, r.angle, SIDE) for r in regions]
        cuts = np.stack([cut(image, matrix, SIDE) for matrix in placed])
        with torch.inference_mode():
            pixels = torch.from_numpy(cuts).to(self.device).permute(0, 3, 1, 2).float() / 255
            numbers, present, _, heatmaps, _ = self.network(pixels)
        rows = numbers.double().cpu().numpy().reshape(len(regions), -1, 5)[:, : _EDGE + 1]
        maps = torch.sigmoid(heatmaps[:, : _EDGE + 1]).cpu().numpy().astype(np.float64)
        places = refined(rows[..., :2], maps)
        visible = 1 / (1 + np.exp(-np.clip(rows[:, :LANDMARKS, 3], -60, 60)))
        there = present.double().cpu().numpy()[:, 0]
        return [
            Landmarks(back(matrix, places[i]), visible[i], float(there[i]), region)
            for i, (matrix, region) in enumerate(zip(placed, regions, strict=True))
        ]


def refined(points: Array, maps: Array) -> Array:
    """Landmarks moved to the centres of gravity of their heatmaps nearby.

    Args:
        points: (batch, landmarks, 2) in the input's pixels.
        maps: (batch, landmarks, 64, 64) in [0, 1]; positions are cells' corners, as the network was
            trained.
    """
    reach = _KERNEL // 2
    grid: Array = np.floor(points * (_GRID / SIDE))
    inside: NDArray[np.bool_] = np.all((grid >= 0) & (grid < _GRID), axis=-1)
    cells: NDArray[np.int64] = np.where(inside[..., None], grid, 0).astype(np.int64)
    padded = np.pad(maps, [(0, 0), (0, 0), (reach, reach), (reach, reach)])
    steps = np.arange(_KERNEL)
    batch = np.arange(points.shape[0])[:, None, None, None]
    landmark = np.arange(points.shape[1])[None, :, None, None]
    around = padded[
        batch,
        landmark,
        cells[..., 1, None, None] + steps[:, None],
        cells[..., 0, None, None] + steps[None, :],
    ]
    total = around.sum(axis=(-1, -2))
    offsets = steps - reach
    moved = (
        np.stack(
            [(around * offsets).sum(axis=(-1, -2)), (around * offsets[:, None]).sum(axis=(-1, -2))],
            axis=-1,
        )
        / np.maximum(total, 1e-12)[..., None]
    )
    sure = inside & (around.max(axis=(-1, -2)) >= _LEAST_PEAK)
    return np.where(sure[..., None], (cells + moved) * (SIDE / _GRID), points)
