"""A trained model over a set of images, whichever of the two kinds it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from backend.domain.estimates import PoseEstimate
from worker.training.material import Sample
from worker.training.pixels import load_rgb


def predictions(model: Any, part: Sequence[Sample]) -> Iterator[tuple[int, list[PoseEstimate]]]:
    """Of each image its number in its set and the people in it, best first.

    A model that takes boxes is given the true ones.

    Args:
        model: A ``PoseEstimator`` or a ``BoxPoseEstimator``.
        part: The samples.
    """
    by_image: dict[Path, list[Sample]] = {}
    for sample in part:
        by_image.setdefault(sample.image, []).append(sample)
    numbers = [samples[0].image_id for samples in by_image.values()]
    if hasattr(model, "estimate_stream"):
        loaders = [partial(load_rgb, file) for file in by_image]
        yield from zip(numbers, model.estimate_stream(loaders), strict=True)
        return
    for number, (file, samples) in zip(numbers, by_image.items(), strict=True):
        yield number, model.estimate_in_boxes([load_rgb(file)], [[s.box for s in samples]])[0]
