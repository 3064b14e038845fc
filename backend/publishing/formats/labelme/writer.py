"""labelme's files, written beside copies of the images. Layout: ``labelme.layout``."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from PIL import Image

from backend.domain import masks
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Visibility
from backend.domain.masks import BoolMask
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.folders import ImageCopies, relative
from backend.publishing.formats.holding import Losses, label_of
from backend.publishing.formats.labelme.layout import HOLDS, OCCLUDED, PIXELS, VERSION
from backend.publishing.formats.writing import DECIMALS, WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson


def write(frames: Iterable[LabelledFrame], folder: Path, options: WriteOptions) -> Written:
    """Write a file for each image, and the images that lie in ``options.images``.

    Raises:
        InvalidInput: a name that leads out of the folder, or two images whose labels have one name.
    """
    losses = Losses(HOLDS)
    copies = ImageCopies(options.images, losses)
    images = people = 0
    for frame in frames:
        losses.see(frame)
        name = relative(frame.image.file_name)
        path = folder / name.with_suffix(".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        shapes = [
            shape
            for group, person in enumerate(frame.people, 1)
            for shape in _shapes(person, group)
        ]
        document: dict[str, Any] = {
            "version": VERSION,
            "flags": {},
            "shapes": shapes,
            "imagePath": name.name,
            "imageData": None,
            "imageHeight": frame.image.height,
            "imageWidth": frame.image.width,
        }
        try:
            with path.open("xb") as file:
                file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        except FileExistsError as error:
            fault = "the labels of two images would have this name"
            raise InvalidInput(f"{name}: {fault}.", file=str(name), fault=fault) from error
        copies.put(frame.image, folder / name)
        images += 1
        people += len(frame.people)
    return Written(images, people, notes=losses.notes())


def _shapes(person: LabelledPerson, group: int) -> Iterator[dict[str, Any]]:
    def shape(label: str, kind: str, points: list[list[float]], **more: Any) -> dict[str, Any]:
        return {
            "label": label,
            "points": points,
            "group_id": group,
            "description": "",
            "shape_type": kind,
            "flags": {},
            "mask": None,
            **more,
        }

    label, box = label_of(person), person.box
    if box is not None:
        corners = [[box.x, box.y], [box.x + box.width, box.y + box.height]]
        yield shape(label, "rectangle", corners)
    for outline in (person.mask.outlines or ()) if person.mask else ():
        corners = [[x, y] for x, y in zip(outline[::2], outline[1::2], strict=True)]
        yield shape(label, "polygon", corners)
    if person.mask is not None and person.mask.outlines is None and person.mask.area:
        part, left, top = _cut(masks.decode(person.mask.rle))
        corners = [[left, top], [left + part.shape[1] - 1, top + part.shape[0] - 1]]
        yield shape(label, "mask", corners, mask=_png(part))
    for name, joint in zip(JOINTS, person.joints.joints, strict=True):
        if joint.present:
            place = [
                round(joint.x - PIXELS.shift, DECIMALS),
                round(joint.y - PIXELS.shift, DECIMALS),
            ]
            flags = {OCCLUDED: True} if joint.visibility is Visibility.OCCLUDED else {}
            yield shape(name, "point", [place], flags=flags)


def _cut(mask: BoolMask) -> tuple[BoolMask, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return mask[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1], left, top


def _png(mask: BoolMask) -> str:
    data = BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).convert("1").save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode("ascii")
