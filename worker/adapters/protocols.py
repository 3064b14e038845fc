"""What the pipelines ask of models.

Pose models are of two kinds: those that take a whole image and find the people in it
(:class:`PoseEstimator`, such as RTMO), and those that say one person's pose in a given box
(:class:`BoxPoseEstimator`, such as HRNet and ViTPose). ``in_boxes.EstimatorInBoxes`` makes the
first kind out of the second and whoever proposes boxes, so that pipelines need to know one only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from backend.domain.estimates import (
    BoxXYWH,
    MaskProposal,
    PointPrompts,
    PoseEstimate,
    RgbImage,
)

LoadImage = Callable[[], RgbImage]
"""Reads and decodes one image; called on another thread, ahead of time."""


class PoseEstimator(Protocol):
    """Finds all people in whole images."""

    def estimate(self, images: Sequence[RgbImage]) -> list[list[PoseEstimate]]:
        """The people in each image, best score first.

        Args:
            images: uint8 (height, width, 3) RGB each, of any sizes.
        """
        ...

    def estimate_stream(self, images: Iterable[LoadImage]) -> Iterator[list[PoseEstimate]]:
        """The same for many images, in order, decoded on other threads while the model works."""
        ...


class BoxPoseEstimator(Protocol):
    """Says the pose of the person in a box."""

    def estimate_in_boxes(
        self, images: Sequence[RgbImage], boxes: Sequence[Sequence[BoxXYWH]]
    ) -> list[list[PoseEstimate]]:
        """One pose for each box of each image, in the boxes' order; its score is the pose's alone.

        Args:
            images: uint8 (height, width, 3) RGB each, of any sizes.
            boxes: As many lists as images; a list may be empty.
        """
        ...


class PromptableSegmenter(Protocol):
    """Cuts objects out of an image that points or boxes ask for."""

    def segment(self, image: RgbImage, prompts: Sequence[PointPrompts]) -> list[MaskProposal]:
        """One mask for each prompt, in order.

        The image is embedded once for all prompts, and not again while calls name the same array.

        Args:
            image: uint8 (height, width, 3) RGB.
            prompts: Each with at least a point or a box.
        """
        ...

    def segment_several(
        self, image: RgbImage, prompts: Sequence[PointPrompts]
    ) -> list[list[MaskProposal]]:
        """Three masks for each prompt: for prompts that may mean a part or the whole."""
        ...
