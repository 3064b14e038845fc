"""A trained model over a set of images, labelled or not, whichever of the two kinds it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.domain.errors import InvalidInput
from backend.domain.estimates import PoseEstimate, RgbImage
from backend.domain.file_names import IMAGE_SUFFIXES
from backend.models.checkpoints.designs import BlazePoseConfig
from backend.models.checkpoints.registry import PACKAGED
from worker.training.material import Sample
from worker.training.pixels import load_rgb, load_upright
from worker.training.reading import annotation_files

_FINDER: Final = "lite"
"""The size of BlazePose whose people a model that takes boxes is given."""

_PUBLISHED: Final = PACKAGED / f"pose_landmark_{_FINDER}.tflite"

_NOTHING: Final[RgbImage] = np.zeros((64, 64, 3), np.uint8)
"""Stands for an image that cannot be read, until its result is dropped."""


class Boxes(StrEnum):
    """Where the boxes of images without labels come from."""

    PEOPLE = "people"
    IMAGE = "image"


def images_in(data: Path) -> list[Path]:
    """The images of a folder without labels, or the image that ``data`` is, by name.

    Returns:
        None of them where there are labels: then ``reading.read_parts`` reads them.

    Raises:
        NotFound: there is nothing of that name.
        InvalidInput: a folder with neither labels nor images.
    """
    if data.is_file():
        return [data] if data.suffix.casefold() in IMAGE_SUFFIXES else []
    try:
        annotation_files(data)
    except InvalidInput as error:
        found = sorted(p for p in data.rglob("*") if p.suffix.casefold() in IMAGE_SUFFIXES)
        if not found:
            raise InvalidInput(
                f"{error} There are no images in it, either.", file=str(data), fault="no images"
            ) from error
        return found
    return []


def predictions_in(
    model: Any, images: Sequence[Path], boxes: Boxes, broken: list[Path]
) -> Iterator[tuple[Path, list[PoseEstimate]]]:
    """Of each image that can be read the people in it, best first.

    Args:
        model: A ``PoseEstimator`` or a ``BoxPoseEstimator``.
        images: Files; they are turned upright as they say.
        boxes: For a model that takes them.
        broken: Gets the files that cannot be read.
    """
    if not hasattr(model, "estimate_stream"):
        model = _with_boxes(model, boxes)

    def load(file: Path) -> RgbImage:
        try:
            return load_upright(file)
        except InvalidInput:
            broken.append(file)
            return _NOTHING

    loaders = [partial(load, file) for file in images]
    for file, people in zip(images, model.estimate_stream(loaders), strict=True):
        if file not in broken:
            yield file, people


def _with_boxes(model: Any, boxes: Boxes) -> Any:
    from worker.adapters.blazepose.estimator import BlazePoseEstimator
    from worker.adapters.in_boxes import BoxesOfPeople, EstimatorInBoxes, WholePicture

    if boxes is Boxes.IMAGE:
        return EstimatorInBoxes(WholePicture(), model)
    finder = BlazePoseEstimator(_FINDER, _PUBLISHED, BlazePoseConfig())
    return EstimatorInBoxes(BoxesOfPeople(finder), model)


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
