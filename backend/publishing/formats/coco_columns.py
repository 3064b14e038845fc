"""Lines of a COCO file from columns: as ``coco_writer`` writes records, without making any."""

from __future__ import annotations

from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.outlines import rectangle_of
from backend.publishing.formats.coco import NAMESPACE
from backend.publishing.formats.coco_numbers import JointNumbers, rounded, row_texts
from backend.publishing.labelled import AreaOf
from backend.publishing.labelled_columns import (
    LabelledColumns,
    members,
    number_texts,
    string_texts,
)

_IMAGE: Final = (
    b'{"id":%d,"file_name":%b,"width":%d,"height":%d,"license":%d,"%b":{%b,"source":{%b}}}'
)
_ANNOTATION: Final = (
    b'{"id":%d,"image_id":%d,"category_id":%d,"keypoints":[%b],"num_keypoints":%d,"bbox":[%b],'
    b'"area":%b,"iscrowd":0,"segmentation":%b,"%b":{%b,"area_of":%b%b}}'
)
_MASK: Final = b'{"size":[%d,%d],"counts":%b}'
_FIT: Final = b',"fit":{%b}'
_BY_MASK: Final = orjson.dumps(AreaOf.MASK.value)
_BY_BOX: Final = orjson.dumps(AreaOf.BOX.value)
_NAMESPACE: Final = NAMESPACE.encode()


def sound(columns: LabelledColumns) -> bool:
    """Whether nothing in them is to be refused; what is, records tell by name."""
    boxes = columns.boxes
    areas = [area for area in columns.mask_areas if area is not None]
    return bool(
        np.isfinite(boxes).all()
        and (boxes[:, 2:] > 0).all()
        and np.isfinite(boxes[:, 2] * boxes[:, 3]).all()
        and min(columns.ids) >= 1
        and min(columns.widths) >= 1
        and min(columns.heights) >= 1
        and min(areas, default=0) >= 0
    )


def image_lines(columns: LabelledColumns) -> list[bytes]:
    """Each image."""
    of = columns
    return [
        _IMAGE % (key, name, width, height, licence, _NAMESPACE, facts, source)
        for key, name, width, height, licence, facts, source in zip(
            of.ids, string_texts(of.file_names), of.widths, of.heights, of.licences, of.facts,
            of.sources, strict=True,
        )
    ]  # fmt: skip


def annotation_lines(
    columns: LabelledColumns, numbers: JointNumbers, category_id: int
) -> list[bytes]:
    """Each infant."""
    of = columns
    keypoints, present = numbers.of_columns(of)
    masked = np.array([counts is not None for counts in of.masks])
    sides = of.boxes[:, 2] * of.boxes[:, 3]
    areas = rounded(np.where(masked, np.array([area or 0 for area in of.mask_areas]), sides))
    return [
        _ANNOTATION
        % (
            key, key, category_id, joints, count, edges, area,
            _outline(box) if counts is None
            else _MASK % (height, width, orjson.dumps(counts)),
            _NAMESPACE, provenance,
            _BY_BOX if counts is None else _BY_MASK,
            b"" if fit is None else _FIT % members(fit.told()),
        )
        for key, joints, count, edges, area, width, height, counts, fit, provenance, box in zip(
            of.ids, keypoints, present, row_texts(rounded(of.boxes)), number_texts(areas),
            of.widths, of.heights, of.masks, of.fits, of.provenance, of.boxes, strict=True,
        )
    ]  # fmt: skip


def _outline(box: NDArray[np.float64]) -> bytes:
    """The box's outline where there is no mask, so that every reader can decode it."""
    return orjson.dumps([rounded(rectangle_of(Box(*box.tolist())))])
