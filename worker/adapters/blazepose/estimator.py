"""BlazePose behind both pose protocols: whole images, and persons in given boxes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import torch

from backend.domain.errors import InvalidInput
from backend.domain.estimates import BoxXYWH, PoseEstimate, RgbImage
from backend.domain.skeleton import SIGMAS
from backend.models.checkpoints.designs import BlazePoseConfig
from backend.models.checkpoints.registry import DETECTOR, PACKAGED
from worker.adapters.blazepose import detection, landmarks
from worker.adapters.blazepose.detection import PersonDetector, Region, Window, windows
from worker.adapters.blazepose.graph import read_graph
from worker.adapters.blazepose.landmarks import COCO, HIPS, LANDMARKS, LandmarkNetwork, Landmarks
from worker.adapters.blazepose.network import GraphNetwork
from worker.adapters.cores import keep_to_one_core, usable_cores
from worker.adapters.protocols import LoadImage
from worker.adapters.weights import load_checkpoint

MAX_PEOPLE: Final = 20
"""Regions of one image that are looked at, the surest first."""

SAME_PERSON: Final = 0.5
"""Two poses this alike (as by OKS, by the larger one's extent) are one person."""

_DETECTED: Final = 2
_SAID: Final = 5
"""Results of the detector and of the landmark network."""

_BOX_MARGIN: Final = 0.06
"""Landmarks end at the joints of hands and feet and at the eyes; a person goes on, by this share of
the landmarks' extent."""

_ALIKE: Final = 0.5
"""A person found in a box is the box's where their squares differ by less than this factor."""

_HIPS_APART: Final = 0.1
"""Two bodies of like size whose hips are nearer than this share of their square are one."""

_HEAD: Final = 0.2
"""A turned square around a box is this much larger than the box's longer side."""


class BlazePoseEstimator:
    """People in whole images, or in given boxes, by detector and landmarks.

    Args:
        variant: lite or heavy.
        checkpoint: The published network of that size, or a checkpoint with tensors for it.
        config: Where it looks and how often.
        device: Where it runs.
        cores: On a CPU, images worked on at a time, each by one core.
        detector: The published detector.

    Raises:
        WeightsMissing: one of the files is not there.
        InvalidInput: one of them cannot be read or is something else.
    """

    def __init__(
        self,
        variant: str,
        checkpoint: Path,
        config: BlazePoseConfig,
        device: torch.device | str = "cpu",
        cores: int | None = None,
        detector: Path = DETECTOR,
    ) -> None:
        self.device = torch.device(device)
        own = usable_cores() if cores is None else cores
        self.cores = own if self.device.type == "cpu" else 1
        self.config = config
        self._detector = PersonDetector(_network(detector, detection.SIDE, _DETECTED), self.device)
        self.landmarks = LandmarkNetwork(landmark_network(variant, checkpoint), self.device)

    def estimate(self, images: Sequence[RgbImage]) -> list[list[PoseEstimate]]:
        """The people in each image, best score first; see the protocol.

        Raises:
            InvalidInput: an array is not an RGB image of bytes.
        """
        return list(self.estimate_stream(partial(_itself, image) for image in images))

    def estimate_stream(self, images: Iterable[LoadImage]) -> Iterator[list[PoseEstimate]]:
        """The same for many images, in order, each loaded and worked on by a thread of its own.

        Raises:
            InvalidInput: an array is not an RGB image of bytes.
        """
        sources = iter(images)
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

    def estimate_in_boxes(
        self, images: Sequence[RgbImage], boxes: Sequence[Sequence[BoxXYWH]]
    ) -> list[list[PoseEstimate]]:
        """One pose for each box of each image, in the boxes' order; see the protocol.

        Raises:
            InvalidInput: an array is not an RGB image of bytes, or a box has no area.
        """
        found: list[list[PoseEstimate]] = []
        for image, own in zip(images, boxes, strict=True):
            _check(image)
            regions = [self.region_in(image, box) for box in own]
            poses = self._looked(image, regions, list)
            found.append(
                [_person(pose, image, pose.present, b) for pose, b in zip(poses, own, strict=True)]
            )
        return found

    def region_in(self, image: RgbImage, box: BoxXYWH) -> Region:
        """The square for the person in a box: turned as the detector sees it, else upright."""
        around = _around(box)
        left, top = (middle - around.side / 2 for middle in around.centre)
        looked_at = [Window(left, top, around.side, q) for q in self.config.quarters]
        x, y, width, height = box
        for region in self._detector.detect(image, looked_at):
            inside = x <= region.centre[0] <= x + width and y <= region.centre[1] <= y + height
            if inside and _ALIKE < region.side / around.side < 1 / _ALIKE:
                return region
        return around

    def _alone(self, load: LoadImage) -> list[PoseEstimate]:
        image = load()
        _check(image)
        height, width = image.shape[:2]
        looked_at = windows(height, width, self.config.levels, self.config.quarters)
        regions = self._detector.detect(image, looked_at)[:MAX_PEOPLE]
        return [
            _person(pose, image, pose.region.score * pose.present)
            for pose in self._looked(image, regions, self._kept)
        ]

    def _looked(
        self,
        image: RgbImage,
        regions: Sequence[Region],
        keep: Callable[[list[Landmarks]], list[Landmarks]],
    ) -> list[Landmarks]:
        """Poses in squares, looked at again in the squares that they propose; keep: which of
        them, after each look."""
        poses = keep(self.landmarks.look(image, regions))
        for _ in range(self.config.looks - 1):
            poses = keep(self.landmarks.look(image, [pose.closer() for pose in poses]))
        return poses

    def _kept(self, poses: Sequence[Landmarks]) -> list[Landmarks]:
        """Each person who is there once, the surest first: what is looked at again."""
        kept: list[Landmarks] = []
        for pose in sorted(poses, key=lambda pose: -pose.region.score * pose.present):
            if pose.present >= self.config.least_presence and all(
                not _same(pose, other) for other in kept
            ):
                kept.append(pose)
        return kept


def landmark_network(variant: str, file: Path | None = None) -> GraphNetwork:
    """The network of landmarks of a size.

    Args:
        variant: lite or heavy.
        file: The published file, by default the one that set-up fetched; or a checkpoint whose
            tensors replace the published ones.

    Raises:
        WeightsMissing: a file is not there.
        InvalidInput: it cannot be read or is something else.
    """
    published = PACKAGED / f"pose_landmark_{variant}.tflite"
    own = file is not None and file.suffix != ".tflite"
    network = _network(published if own or file is None else file, landmarks.SIDE, _SAID)
    if own and file is not None:
        load_checkpoint(network, file, f"blazepose-{variant}")
    return network


def _network(path: Path, side: int, results: int) -> GraphNetwork:
    graph = read_graph(path)
    wanted = (1, side, side, 3)
    shapes = [graph.shapes[number] for number in graph.inputs]
    if shapes != [wanted] or len(graph.outputs) != results:
        raise InvalidInput(
            f"{path.name} is not the part of BlazePose that is wanted here: it takes {shapes} and "
            f"gives {len(graph.outputs)} results instead of [{wanted}] and {results}.",
            file=str(path),
            fault="another architecture",
        )
    return GraphNetwork(graph)


def _around(box: BoxXYWH) -> Region:
    """The square around a box; somebody gave it, so it is sure."""
    x, y, width, height = box
    if not (np.isfinite(box).all() and width > 0 and height > 0):
        raise InvalidInput(f"A pose cannot be looked for in the box {box}.", fault="empty box")
    side = max(width, height) * (1 + _HEAD)
    return Region((x + width / 2, y + height / 2), side, 0.0, 1.0)


def _person(
    pose: Landmarks, image: RgbImage, score: float, box: BoxXYWH | None = None
) -> PoseEstimate:
    joints = list(COCO)
    return PoseEstimate(
        keypoints=pose.points[joints],
        scores=pose.visible[joints],
        score=score,
        box=box or _box(pose, image),
    )


def _box(pose: Landmarks, image: RgbImage) -> BoxXYWH:
    """Around all landmarks with a margin, within the image."""
    height, width = image.shape[:2]
    low, high = pose.points[:LANDMARKS].min(axis=0), pose.points[:LANDMARKS].max(axis=0)
    margin = _BOX_MARGIN * float(np.hypot(*(high - low)))
    x0, y0 = np.clip(low - margin, 0, (width - 1, height - 1)).tolist()
    x1, y1 = np.clip(high + margin, (x0 + 1, y0 + 1), (width, height)).tolist()
    return (x0, y0, x1 - x0, y1 - y0)


def _same(a: Landmarks, b: Landmarks) -> bool:
    """Whether two poses are one person: alike, or one body seen the other way up."""
    sizes = sorted(pose.closer().side for pose in (a, b))
    apart = float(np.hypot(*(a.points[HIPS] - b.points[HIPS])))
    one_body = apart < _HIPS_APART * sizes[1] and sizes[0] > _ALIKE * sizes[1]
    return one_body or _alike(a, b) >= SAME_PERSON


def _alike(a: Landmarks, b: Landmarks) -> float:
    """How alike two poses are in [0, 1], as OKS with half of the larger one's extent."""
    pair = [pose.points[list(COCO)] for pose in (a, b)]
    area = 0.5 * max(float(np.ptp(points, axis=0).prod()) for points in pair)
    square = ((pair[0] - pair[1]) ** 2).sum(axis=1)
    return float(np.exp(-square / (2 * max(area, 1.0) * (2 * np.array(SIGMAS)) ** 2)).mean())


def _check(image: RgbImage) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise InvalidInput(
            f"Expected an RGB image of bytes, got {image.dtype} of shape {image.shape}.",
            fault="not an RGB image",
        )


def _itself(image: RgbImage) -> RgbImage:
    return image
