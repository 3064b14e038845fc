"""Top-down networks behind the :class:`~worker.adapters.protocols.BoxPoseEstimator` protocol."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.domain.errors import InvalidInput
from backend.domain.estimates import BoxXYWH, PoseEstimate, RgbImage
from backend.domain.pixels import MMPOSE_JOINTS
from backend.domain.skeleton import MIRROR
from backend.models.checkpoints.architectures import TRAINING_ONLY
from backend.models.checkpoints.designs import HeatmapConfig
from worker.adapters.heatmap_network import HeatmapNetwork, codec_of
from worker.adapters.weights import load_checkpoint

COUNTED_FROM: Final = 0.2
"""Joints of a lower score do not count for the person's score (mmpose's COCO metric)."""

_MEAN: Final = (123.675, 116.28, 103.53)
_DEVIATION: Final = (58.395, 57.12, 57.375)
"""Of ImageNet's pixels, RGB, as all the public configurations have them."""

_BATCH: Final = 16

_PIXEL_CENTRE: Final = MMPOSE_JOINTS.shift


class HeatmapEstimator:
    """One pose for each box, by a top-down network.

    Args:
        architecture: Such as ``hrnet-w32``.
        config: Size of the input, codec, margin around boxes.
        checkpoint: A file in mmpose's layout.
        device: Where it runs.
        batch_size: Boxes per forward pass.

    Raises:
        WeightsMissing: there is no such file.
        InvalidInput: the file is not a checkpoint of this architecture.
    """

    def __init__(
        self,
        architecture: str,
        config: HeatmapConfig,
        checkpoint: Path,
        device: torch.device | str = "cpu",
        batch_size: int = _BATCH,
    ) -> None:
        self.config = config
        self.device = torch.device(device)
        self.batch_size = batch_size
        network = HeatmapNetwork(architecture)
        load_checkpoint(network, checkpoint, architecture, ignored=TRAINING_ONLY)
        self.network = network.eval().to(self.device)
        self._codec = codec_of(config)
        self._mean = torch.tensor(_MEAN, device=self.device).view(1, 3, 1, 1)
        self._deviation = torch.tensor(_DEVIATION, device=self.device).view(1, 3, 1, 1)

    def estimate_in_boxes(
        self, images: Sequence[RgbImage], boxes: Sequence[Sequence[BoxXYWH]]
    ) -> list[list[PoseEstimate]]:
        """One pose for each box of each image, in the boxes' order; see the protocol.

        Raises:
            InvalidInput: an array is not an RGB image of bytes, or a box has no area.
        """
        asked = [(image, box) for image, own in zip(images, boxes, strict=True) for box in own]
        found: list[PoseEstimate] = []
        while len(found) < len(asked):
            found += self._infer(asked[len(found) : len(found) + self.batch_size])
        rest = iter(found)
        return [[next(rest) for _ in own] for own in boxes]

    def _infer(self, asked: Sequence[tuple[RgbImage, BoxXYWH]]) -> list[PoseEstimate]:
        """Run a batch, in halves if the accelerator's memory is too small for it."""
        cuts = [self._cut(image, box) for image, box in asked]
        try:
            heatmaps = self._heatmaps([pixels for pixels, _, _ in cuts])
        except torch.OutOfMemoryError:
            if len(asked) == 1:
                raise
        else:
            return [
                self._person(maps, centre, extent, box)
                for maps, (_, centre, extent), (_, box) in zip(heatmaps, cuts, asked, strict=True)
            ]
        # Outside the handler: inside, the traceback would keep the batch's tensors alive.
        torch.cuda.empty_cache()
        half = len(asked) // 2
        self.batch_size = max(1, half)
        return self._infer(asked[:half]) + self._infer(asked[half:])

    def _cut(
        self, image: RgbImage, box: BoxXYWH
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        """The box with its margin in the input's shape, its centre and extent in the image."""
        from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

        _check(image, box)
        x, y, width, height = box
        aspect = self.config.width / self.config.height
        centre = np.array([x + width / 2, y + height / 2], dtype=np.float32)
        wide = max(width, height * aspect) * self.config.padding
        extent = np.array([wide, wide / aspect], dtype=np.float32)
        size = self.config.size
        place = get_udp_warp_matrix if self.config.codec == "udp" else get_warp_matrix
        matrix = place(centre, extent, 0, output_size=size)
        cut = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR)
        return np.asarray(cut, dtype=np.uint8), centre, extent

    def _heatmaps(self, cuts: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """(batch, 17, h, w), averaged with those of the mirrored input."""
        from mmpose.models.utils.tta import flip_heatmaps

        with torch.inference_mode(), self._precision():
            pixels = torch.from_numpy(np.stack(cuts)).to(self.device)
            images: Tensor = (pixels.permute(0, 3, 1, 2).float() - self._mean) / self._deviation
            heatmaps: Tensor = self.network(images).float()
            if self.config.flip:
                mirrored = flip_heatmaps(
                    self.network(images.flip(-1)).float(),
                    flip_indices=list(MIRROR),
                    # Positions that are cells, as MSRA's, move by one when they are mirrored.
                    shift_heatmap=self.config.codec != "udp",
                )
                heatmaps = (heatmaps + mirrored) / 2
            result: NDArray[np.float32] = heatmaps.cpu().numpy()
        return result

    def _person(
        self,
        heatmaps: NDArray[np.float32],
        centre: NDArray[np.float32],
        extent: NDArray[np.float32],
        box: BoxXYWH,
    ) -> PoseEstimate:
        places, peaks = self._codec.decode(heatmaps)
        size = np.array(self.config.size)
        scores = np.clip(np.asarray(peaks[0], dtype=np.float64), 0.0, 1.0)
        return PoseEstimate(
            keypoints=places[0] / size * extent + centre - extent / 2 + _PIXEL_CENTRE,
            scores=scores,
            score=score_of(scores),
            box=box,
        )

    def _precision(self) -> AbstractContextManager[object]:
        if self.device.type != "cuda":
            return nullcontext()
        return torch.autocast("cuda", dtype=torch.float16)


def score_of(scores: NDArray[np.float64]) -> float:
    """A person's score by those of the joints: the mean of those that count."""
    counted = scores[scores > COUNTED_FROM]
    return float(counted.mean()) if len(counted) else 0.0


def _check(image: RgbImage, box: BoxXYWH) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise InvalidInput(
            f"Expected an RGB image of bytes, got {image.dtype} of shape {image.shape}.",
            fault="not an RGB image",
        )
    if not (np.isfinite(box).all() and box[2] > 0 and box[3] > 0):
        raise InvalidInput(f"A pose cannot be looked for in the box {box}.", fault="empty box")
