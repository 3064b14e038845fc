"""A side of a material as a COCO file, for data sets and metrics of the model libraries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from backend.domain.pixels import MMPOSE_JOINTS
from backend.publishing.formats.coco_writer import category
from worker.training.material import Sample


def as_coco(part: Sequence[Sample]) -> dict[str, Any]:
    """COCO's structure: joints by pixels' indices, as mmpose counts; images by their full path.

    Annotation ``i`` is sample ``i - 1``; an image's number is that of its first annotation, so that
    numbers of several sets can be put together.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    numbers: dict[Path, int] = {}
    for number, sample in enumerate(part, 1):
        if sample.image not in numbers:
            numbers[sample.image] = number
            images.append(
                {
                    "id": number,
                    "file_name": str(sample.image),
                    "width": sample.width,
                    "height": sample.height,
                }
            )
        annotations.append(
            {
                "id": number,
                "image_id": numbers[sample.image],
                "category_id": 1,
                "iscrowd": 0,
                "keypoints": outside(sample).ravel().tolist(),
                "num_keypoints": int((sample.joints[:, 2] > 0).sum()),
                "bbox": list(sample.box),
                "area": sample.area,
            }
        )
    return {
        "info": {},
        "images": images,
        "annotations": annotations,
        "categories": [category()],
    }


def outside(sample: Sample) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(17, 3) joints by pixels' indices; absent ones 0, 0, 0."""
    joints = sample.joints.copy()
    there = joints[:, 2] > 0
    joints[there, :2] -= MMPOSE_JOINTS.shift
    return joints


def write_coco(part: Sequence[Sample], file: Path) -> Path:
    """Write :func:`as_coco`; returns the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(as_coco(part)))
    return file
