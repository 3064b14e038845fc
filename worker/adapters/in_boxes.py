"""A per-box model where a whole-image model is asked for: somebody else proposes the boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Final, Protocol

from backend.domain.estimates import BoxXYWH, PoseEstimate, RgbImage
from worker.adapters.cores import usable_cores
from worker.adapters.protocols import BoxPoseEstimator, LoadImage, PoseEstimator

_TOGETHER: Final = 8
"""Images of one turn: a batch for the models, and few enough to be held decoded twice over."""

ScoredBox = tuple[BoxXYWH, float]


class BoxProposer(Protocol):
    """Says where in images people are."""

    def propose(self, images: Sequence[RgbImage]) -> list[list[ScoredBox]]:
        """Boxes of each image with scores in [0, 1], best first."""
        ...


class BoxesOfPeople:
    """The boxes of the people whom a whole-image model finds."""

    def __init__(self, model: PoseEstimator) -> None:
        self._model = model

    def propose(self, images: Sequence[RgbImage]) -> list[list[ScoredBox]]:
        """Boxes of each image; see the protocol."""
        return [[(p.box, p.score) for p in people] for people in self._model.estimate(images)]


class WholePicture:
    """One box, the whole image: right where a single person fills it."""

    def propose(self, images: Sequence[RgbImage]) -> list[list[ScoredBox]]:
        """Boxes of each image; see the protocol."""
        return [[((0.0, 0.0, float(i.shape[1]), float(i.shape[0])), 1.0)] for i in images]


class EstimatorInBoxes:
    """Both together are a :class:`~worker.adapters.protocols.PoseEstimator`.

    A person's score is the box's times the pose's, as mmpose's COCO metric ranks them.

    Args:
        proposer: Where people are.
        model: What their pose is.
    """

    def __init__(self, proposer: BoxProposer, model: BoxPoseEstimator) -> None:
        self._proposer = proposer
        self._model = model

    def estimate(self, images: Sequence[RgbImage]) -> list[list[PoseEstimate]]:
        """The people in each image, best score first; see the protocol.

        Raises:
            InvalidInput: an array is not an RGB image of bytes.
        """
        proposed = self._proposer.propose(images)
        found = self._model.estimate_in_boxes(images, [[box for box, _ in own] for own in proposed])
        return [
            sorted(
                (
                    replace(pose, score=score * pose.score)
                    for (_, score), pose in zip(own, poses, strict=True)
                ),
                key=lambda person: -person.score,
            )
            for own, poses in zip(proposed, found, strict=True)
        ]

    def estimate_stream(self, images: Iterable[LoadImage]) -> Iterator[list[PoseEstimate]]:
        """The same for many images, in order, decoded on other threads while the models work.

        Raises:
            InvalidInput: an array is not an RGB image of bytes.
        """
        sources = iter(images)
        with ThreadPoolExecutor(min(_TOGETHER, usable_cores())) as pool:
            load = partial(self._load, pool, sources)
            turn = load()
            while turn:
                ready = [waiting.result() for waiting in turn]
                turn = load()
                yield from self.estimate(ready)

    @staticmethod
    def _load(pool: ThreadPoolExecutor, sources: Iterator[LoadImage]) -> list[Future[RgbImage]]:
        return [pool.submit(load) for load in islice(sources, _TOGETHER)]
