"""COCO keypoint files written as a stream, whatever their size."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import EDGES, JOINTS
from backend.publishing.formats.coco import NAMESPACE, ExportAnnotation, ExportImage

DECIMALS: Final = 3
"""Coordinates and areas are rounded to thousandths of a pixel."""

CATEGORY_ID: Final = 1

CATEGORY: Final[Mapping[str, Any]] = {
    "id": CATEGORY_ID,
    "name": "person",
    "supercategory": "person",
    "keypoints": list(JOINTS),
    "skeleton": [[a + 1, b + 1] for a, b in EDGES],
}
"""The one category, named as in COCO so that its tools find it; edges count joints from 1."""

_COPY_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class WrittenCoco:
    """What was written: number of images and of annotations."""

    images: int
    annotations: int


def coco_info(
    description: str,
    *,
    version: str,
    contributor: str = "",
    url: str = "",
    created: datetime | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The ``info`` member.

    Args:
        description: Title of the dataset.
        version: Of the dataset.
        contributor: Who made it.
        url: Where it is described.
        created: By default now.
        provenance: Written under ``infantnet``.
    """
    created = created or datetime.now(UTC)
    info: dict[str, Any] = {
        "description": description,
        "url": url,
        "version": version,
        "year": created.year,
        "contributor": contributor,
        "date_created": created.isoformat(timespec="seconds"),
    }
    return {**info, NAMESPACE: dict(provenance)} if provenance else info


def write_coco(
    file: BinaryIO,
    pairs: Iterable[tuple[ExportImage, ExportAnnotation | None]],
    *,
    info: Mapping[str, Any],
    licenses: Sequence[Mapping[str, Any]] = (),
    spool_folder: Path | None = None,
) -> WrittenCoco:
    """Write a COCO keypoint file in one pass over the pairs.

    Memory does not grow with the number of pairs: annotations wait in a temporary file while images
    are written. Annotation ids count from 1 in the order of writing (evaluation with ids from 0
    goes wrong in pycocotools). An image with several people comes in several pairs, one after the
    other; an image with nobody comes with None.

    Args:
        file: Where to write; needs no seeking. Left open. On an error it holds half a file.
        pairs: Images in ascending order of their ids.
        info: As of ``coco_info``.
        licenses: Objects with ``id``, ``name`` and ``url``.
        spool_folder: Where the temporary file goes, by default the system's place.

    Raises:
        InvalidInput: image ids that do not ascend or are below 1, a number that is not finite, or a
            mask of another size than its image; names the image.
    """
    last: ExportImage | None = None
    images = annotations = 0
    with tempfile.TemporaryFile(dir=spool_folder) as spool:
        file.write(b'{"info":' + orjson.dumps(dict(info)))
        file.write(b',"licenses":' + orjson.dumps([dict(entry) for entry in licenses]))
        file.write(b',"images":[')
        for image, annotation in pairs:
            if last is None or image.id != last.id:
                if image.id <= (last.id if last is not None else 0):
                    raise _invalid(image, f"its id {image.id} does not ascend")
                file.write((b",\n" if images else b"\n") + _image_json(image))
                images += 1
            last = image
            if annotation is not None:
                annotations += 1
                separator = b",\n" if annotations > 1 else b"\n"
                spool.write(separator + _annotation_json(annotations, image, annotation))
        file.write(b'\n],"annotations":[')
        spool.seek(0)
        shutil.copyfileobj(spool, file, _COPY_BYTES)
        file.write(b'\n],"categories":' + orjson.dumps([dict(CATEGORY)]) + b"}\n")
    return WrittenCoco(images, annotations)


def _image_json(image: ExportImage) -> bytes:
    if image.width < 1 or image.height < 1:
        raise _invalid(image, f"{image.width}×{image.height} is not a size")
    data: dict[str, Any] = {
        "id": image.id,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
    }
    if image.license is not None:
        data["license"] = image.license
    if image.date_captured is not None:
        data["date_captured"] = image.date_captured
    if image.provenance:
        data[NAMESPACE] = dict(image.provenance)
    return orjson.dumps(data)


def _annotation_json(annotation_id: int, image: ExportImage, annotation: ExportAnnotation) -> bytes:
    if not (math.isfinite(annotation.area) and annotation.area >= 0):
        raise _invalid(image, f"the area {annotation.area} is not a size")
    keypoints: list[float] = []
    present = 0
    for joint in annotation.skeleton.joints:
        visibility = int(joint.visibility)
        keypoints += (_rounded(joint.x), _rounded(joint.y), visibility)
        present += visibility > 0
    box = annotation.box
    data: dict[str, Any] = {
        "id": annotation_id,
        "image_id": image.id,
        "category_id": CATEGORY_ID,
        "keypoints": keypoints,
        "num_keypoints": present,
        "bbox": [_rounded(value) for value in (box.x, box.y, box.width, box.height)],
        "area": _rounded(annotation.area),
        "iscrowd": 0,
    }
    mask = annotation.segmentation
    if mask is None:
        data["segmentation"] = []
    else:
        if (mask.height, mask.width) != (image.height, image.width):
            raise _invalid(image, f"its mask has {mask.width}×{mask.height} pixels")
        data["segmentation"] = {"size": [mask.height, mask.width], "counts": mask.counts}
    if annotation.provenance:
        data[NAMESPACE] = dict(annotation.provenance)
    return orjson.dumps(data)


def _rounded(value: float) -> float:
    # float() because NumPy's scalars cannot be written; + 0.0 turns -0.0 into 0.0
    return round(float(value), DECIMALS) + 0.0


def _invalid(image: ExportImage, fault: str) -> InvalidInput:
    return InvalidInput(f"{image.file_name}: {fault}.", file=image.file_name, fault=fault)
