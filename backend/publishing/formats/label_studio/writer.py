"""Label Studio's JSON, written as tasks with annotations. Layout: ``label_studio.layout``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final
from urllib.parse import quote

import orjson

from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Visibility
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.holding import Losses, label_of
from backend.publishing.formats.label_studio.layout import (
    HOLDS,
    IMAGE,
    LOCAL_FILES,
    OCCLUDED,
    PIXELS,
)
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson

_POINT_SIZE: Final = 0.5
"""Per cent of the image's width: how large Label Studio draws a point."""


def write(frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions) -> Written:
    """Write a list of tasks in one pass. Images are named as files of the local storage.

    Raises:
        InvalidInput: an image without a size.
    """
    losses = Losses(HOLDS)
    images = people = 0
    target.write(b"[")
    for frame in frames:
        losses.see(frame)
        target.write((b",\n" if images else b"\n") + orjson.dumps(_task(frame, losses)))
        images += 1
        people += len(frame.people)
    target.write(b"\n]\n")
    return Written(images, people, notes=losses.notes())


def _task(frame: LabelledFrame, losses: Losses) -> dict[str, Any]:
    image = frame.image
    if image.width < 1 or image.height < 1:
        fault = "its size is not known; name the folder of the images (--images) or --size"
        name = image.file_name
        raise InvalidInput(f"{name}: {fault}.", file=name, fault=fault)
    result = [
        region
        for number, person in enumerate(frame.people)
        for region in _regions(frame, person, f"person{number}", losses)
    ]
    return {
        "id": image.id,
        "data": {
            IMAGE: LOCAL_FILES + quote(image.file_name),
            "width": image.width,
            "height": image.height,
        },
        "annotations": [{"id": image.id, "was_cancelled": False, "result": result}],
        "predictions": [],
    }


def _regions(
    frame: LabelledFrame, person: LabelledPerson, name: str, losses: Losses
) -> Iterator[dict[str, Any]]:
    width, height = frame.image.width, frame.image.height

    def region(key: str, tag: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": key,
            "from_name": tag,
            "to_name": IMAGE,
            "type": kind,
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": value,
        }

    box = person.box
    if box is None:
        losses.add(
            "{n} person without a box in the image was left out.",
            "{n} people without a box in the image were left out.",
        )
        return
    value = {
        "x": 100 * box.x / width,
        "y": 100 * box.y / height,
        "width": 100 * box.width / width,
        "height": 100 * box.height / height,
        "rotation": 0,
        "rectanglelabels": [label_of(person)],
    }
    yield region(name, "person", "rectanglelabels", value)
    for joint_name, joint in zip(JOINTS, person.joints.joints, strict=True):
        if not joint.present:
            continue
        place = {
            "x": 100 * (joint.x - PIXELS.shift) / width,
            "y": 100 * (joint.y - PIXELS.shift) / height,
            "width": _POINT_SIZE,
        }
        key = f"{name}-{joint_name}"
        point = region(key, "joints", "keypointlabels", {**place, "keypointlabels": [joint_name]})
        yield {**point, "parentID": name}
        if joint.visibility is Visibility.OCCLUDED:
            yield region(key, "visibility", "choices", {**place, "choices": [OCCLUDED]})
