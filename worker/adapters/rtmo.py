"""RTMO behind the :class:`~worker.adapters.protocols.PoseEstimator` protocol, in real batches.

mmpose's own inference treats images one by one around the network and suppresses double detections
in a Python loop. Here, on an accelerator, letterboxing runs on other threads, and threshold,
suppression and the decoding of joints run once for the whole batch. On a CPU a batch is no faster
than its images one by one; there each core takes whole images, so that cores never wait for each
other inside a layer, which on a machine that also does other work costs several times as much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import batched_nms

from backend.domain.estimates import PoseEstimate, RgbImage
from backend.domain.pixels import MMPOSE_JOINTS
from backend.models.checkpoints.architectures import TRAINING_ONLY
from worker.adapters.cores import keep_to_one_core, usable_cores
from worker.adapters.letterbox import Letterbox, letterbox
from worker.adapters.protocols import LoadImage
from worker.adapters.rtmo_network import (
    RawPredictions,
    RtmoNetwork,
    RtmoVariant,
)
from worker.adapters.weights import load_checkpoint

SCORE_THRESHOLD: Final = 0.1
"""Least score of a person (mmpose's configuration of RTMO)."""

OVERLAP: Final = 0.65
"""Boxes with a larger intersection over union are one person (mmpose's configuration of RTMO)."""

MAX_PEOPLE: Final = 100
"""Per image. Recordings of infants show a handful; the bound keeps a broken model from filling the
database."""

_BATCH: Final = 32

_PIXEL_CENTRE: Final = MMPOSE_JOINTS.shift
"""Added to joints, which are indices of pixels; boxes are edges and stay."""

_Fitted = tuple[NDArray[np.uint8], Letterbox]


class RtmoEstimator:
    """All people in an image with 17 joints each.

    Args:
        variant: t, s, m or l.
        checkpoint: A file in mmpose's layout, or a network that holds its numbers already.
        device: Where it runs.
        batch_size: Images per forward pass on an accelerator.
        cores: On a CPU, images worked on at a time, each by one core; 0 for batches on all cores.
            By default the cores that this process may run on.
        score_threshold: People below it are left out.
        side: Of the network's input in pixels, a multiple of 32; by default the architecture's.

    Raises:
        WeightsMissing: there is no such file.
        InvalidInput: the file is not a checkpoint of this architecture.
    """

    def __init__(
        self,
        variant: RtmoVariant,
        checkpoint: Path | RtmoNetwork,
        device: torch.device | str = "cpu",
        batch_size: int = _BATCH,
        cores: int | None = None,
        score_threshold: float = SCORE_THRESHOLD,
        side: int | None = None,
    ) -> None:
        self.variant = variant
        self.device = torch.device(device)
        self.batch_size = batch_size
        own = usable_cores() if cores is None else cores
        self.cores = own if self.device.type == "cpu" else 0
        self.score_threshold = score_threshold
        if isinstance(checkpoint, RtmoNetwork):
            network = checkpoint
        else:
            network = RtmoNetwork(variant, side)
            load_checkpoint(network, checkpoint, f"RTMO-{variant}", ignored=TRAINING_ONLY)
        self.network = network.eval().to(self.device).to(memory_format=torch.channels_last)

    def estimate(self, images: Sequence[RgbImage]) -> list[list[PoseEstimate]]:
        """The people in each image, best score first; see the protocol.

        Raises:
            InvalidInput: an array is not an RGB image of bytes.
        """
        return list(self.estimate_stream(partial(_itself, image) for image in images))

    def estimate_stream(self, images: Iterable[LoadImage]) -> Iterator[list[PoseEstimate]]:
        """The same for many images, in order, loaded on other threads while the model works.

        Only a little is loaded ahead. An error in loading an image comes out in its place in the
        order.

        Raises:
            InvalidInput: an array is not an RGB image of bytes.
        """
        return self._by_cores(iter(images)) if self.cores else self._by_batches(iter(images))

    def _by_batches(self, sources: Iterator[LoadImage]) -> Iterator[list[PoseEstimate]]:
        with ThreadPoolExecutor(min(8, usable_cores())) as pool:
            ahead: deque[Future[_Fitted]] = deque()
            try:
                while True:
                    room = 3 * self.batch_size - len(ahead)
                    ahead.extend(pool.submit(self._fit, load) for load in islice(sources, room))
                    if not ahead:
                        return
                    taken = min(self.batch_size, len(ahead))
                    yield from self._infer([ahead.popleft().result() for _ in range(taken)])
            finally:
                for waiting in ahead:
                    waiting.cancel()

    def _by_cores(self, sources: Iterator[LoadImage]) -> Iterator[list[PoseEstimate]]:
        with ThreadPoolExecutor(self.cores, initializer=keep_to_one_core) as pool:
            ahead: deque[Future[list[PoseEstimate]]] = deque()
            try:
                while True:
                    room = 2 * self.cores - len(ahead)
                    ahead.extend(pool.submit(self._alone, load) for load in islice(sources, room))
                    if not ahead:
                        return
                    yield ahead.popleft().result()
            finally:
                for waiting in ahead:
                    waiting.cancel()

    def _alone(self, load: LoadImage) -> list[PoseEstimate]:
        return self._infer([self._fit(load)])[0]

    def _fit(self, load: LoadImage) -> _Fitted:
        square = np.empty((self.network.side, self.network.side, 3), dtype=np.uint8)
        return square, letterbox(load(), self.network.side, square)

    def _infer(self, fitted: list[_Fitted]) -> list[list[PoseEstimate]]:
        """Run a batch, in halves if the accelerator's memory is too small for it."""
        try:
            with torch.inference_mode():
                predictions = self.forward(self.to_input([square for square, _ in fitted]))
                return self._people(predictions, [placed for _, placed in fitted])
        except torch.OutOfMemoryError:
            if len(fitted) == 1:
                raise
        # Outside the handler: inside, the traceback would keep the batch's tensors alive.
        torch.cuda.empty_cache()
        half = len(fitted) // 2
        self.batch_size = min(self.batch_size, max(1, half))
        return self._infer(fitted[:half]) + self._infer(fitted[half:])

    def to_input(self, squares: Sequence[NDArray[np.uint8]]) -> Tensor:
        """Letterboxed images as the network's input, (batch, 3, side, side) on the device."""
        batch = torch.from_numpy(np.stack(squares))
        if self.device.type == "cuda":
            batch = batch.pin_memory()
        batch = batch.to(self.device, non_blocking=True)
        # Of bytes in rows of BGR pixels this is the channels-last layout already.
        return batch.permute(0, 3, 1, 2).float()

    def forward(self, images: Tensor) -> RawPredictions:
        """The bare network, in half precision on CUDA."""
        with torch.inference_mode(), self._precision():
            predictions: RawPredictions = self.network(images)
        return predictions

    def _precision(self) -> AbstractContextManager[object]:
        if self.device.type != "cuda":
            return nullcontext()
        return torch.autocast("cuda", dtype=torch.float16)

    def _people(self, raw: RawPredictions, placed: list[Letterbox]) -> list[list[PoseEstimate]]:
        """Choose the people in all images at once and bring them to image coordinates."""
        image_of, grid_point = torch.nonzero(raw.scores > self.score_threshold, as_tuple=True)
        scores = raw.scores[image_of, grid_point]
        boxes = raw.boxes[image_of, grid_point]
        # Sorted by score over all images; a stable sort by image keeps that order within each.
        kept = batched_nms(boxes, scores, image_of, OVERLAP)
        kept = kept[torch.sort(image_of[kept], stable=True).indices]
        kept = kept[_first_per_image(image_of[kept], len(placed))]
        image_of, grid_point = image_of[kept], grid_point[kept]
        scores, boxes = scores[kept], boxes[kept]
        result: list[list[PoseEstimate]] = [[] for _ in placed]
        if len(kept) == 0:
            return result
        keypoints = self.network.keypoints(
            raw.pose_vectors[image_of, grid_point], boxes, grid_point
        )
        joint_scores = raw.joint_scores[image_of, grid_point]
        columns = [scores[:, None], boxes, joint_scores, keypoints.flatten(1)]
        table = torch.cat(columns, dim=1).cpu().numpy().astype(np.float64)
        for index, row in zip(image_of.tolist(), table, strict=True):
            person = _person(row, placed[index])
            if person is not None:
                result[index].append(person)
        return result


def _itself(image: RgbImage) -> RgbImage:
    return image


def _first_per_image(image_of: Tensor, images: int) -> Tensor:
    """Indices of at most :data:`MAX_PEOPLE` rows of each image; rows are sorted by image."""
    counts = torch.bincount(image_of, minlength=images)
    starts = torch.cumsum(counts, dim=0) - counts
    place = torch.arange(len(image_of), device=image_of.device) - starts[image_of]
    return torch.nonzero(place < MAX_PEOPLE).flatten()


def _person(row: NDArray[np.float64], placed: Letterbox) -> PoseEstimate | None:
    """A person from a row of score, box, 17 joint scores and 17 joints.

    None where the box lies in the grey around the image.
    """
    corners = placed.to_image(row[1:5].reshape(2, 2))
    low = np.maximum(corners[0], 0.0)
    high = np.minimum(corners[1], (placed.width, placed.height))
    if not (high > low).all():
        return None
    (x, y), (width, height) = low.tolist(), (high - low).tolist()
    return PoseEstimate(
        keypoints=placed.to_image(row[22:].reshape(17, 2)) + _PIXEL_CENTRE,
        scores=row[5:22].copy(),
        score=float(row[0]),
        box=(x, y, width, height),
    )
