"""What the pipelines ask of models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from backend.domain.estimates import MaskProposal, PointPrompts, PoseEstimate, RgbImage

LoadImage = Callable[[], RgbImage]
"""Reads and decodes one image; called on another thread, ahead of time."""


class PoseEstimator(Protocol):
    """Finds all people in images."""

    def estimate(self, images: Sequence[RgbImage]) -> list[list[PoseEstimate]]:
        """The people in each image, best score first.

        Args:
            images: uint8 (height, width, 3) RGB each, of any sizes.
        """
        ...

    def estimate_stream(self, images: Iterable[LoadImage]) -> Iterator[list[PoseEstimate]]:
        """The same for many images, in order, decoded on other threads while the model works."""
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
