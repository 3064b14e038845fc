"""CVAT's JSON of skeletons, written in the layout of a task's backup. Pixels: ``cvat.layout``.

``annotations.json``: a list with one entry for each job: ``version``, ``tags``, ``shapes``,
``tracks``; a shape has ``type``, ``label``, ``frame``, ``group``, ``occluded``, ``outside``,
``points``, and a skeleton its ``elements``. ``task.json``: the labels with their sublabels.
``data/manifest.jsonl``: names and sizes of the images. Sources: CVAT's documentation, "Backup Task
and Project"; the models ``LabeledData`` and ``LabeledShape`` of its API (cvat-sdk), which say
``label_id`` where a backup says ``label``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from backend.domain import masks
from backend.domain.keypoints import Visibility
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.cvat.layout import HOLDS, PIXELS
from backend.publishing.formats.folders import ImageCopies, relative
from backend.publishing.formats.holding import Losses, is_nobody, label_of
from backend.publishing.formats.shapes import runs_of
from backend.publishing.formats.writing import DECIMALS, WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson


def write(frames: Iterable[LabelledFrame], folder: Path, options: WriteOptions) -> Written:
    """Write the folder, with the images that lie in ``options.images``.

    Raises:
        InvalidInput: a name that leads out of the folder.
    """
    losses = Losses(HOLDS)
    data = folder / "data"
    data.mkdir()
    copies = ImageCopies(options.images, losses)
    labels: dict[str, None] = {}
    images = people = shapes = 0
    with (
        (folder / "annotations.json").open("wb") as annotations,
        (data / "manifest.jsonl").open("wb") as manifest,
    ):
        manifest.write(b'{"version":"1.1"}\n{"type":"images"}\n')
        annotations.write(b'[{"version":0,"tags":[],"shapes":[')
        for frame in frames:
            losses.see(frame)
            losses.nobody(sum(map(is_nobody, frame.people)))
            name = relative(frame.image.file_name)
            manifest.write(_listed(name, frame) + b"\n")
            copies.put(frame.image, data / name)
            for group, person in enumerate(frame.people, 1):
                labels.setdefault(label_of(person))
                people += 1
                for shape in _shapes(person, images, group):
                    annotations.write((b",\n" if shapes else b"\n") + orjson.dumps(shape))
                    shapes += 1
            images += 1
        annotations.write(b'\n],"tracks":[]}]\n')
    (folder / "task.json").write_bytes(orjson.dumps(_task(options.title, labels, images)))
    return Written(images, people, notes=losses.notes())


def _listed(name: PurePosixPath, frame: LabelledFrame) -> bytes:
    return orjson.dumps(
        {
            "name": str(name.with_suffix("")),
            "extension": name.suffix,
            "width": frame.image.width,
            "height": frame.image.height,
        }
    )


def _shapes(person: LabelledPerson, frame: int, group: int) -> Iterator[dict[str, Any]]:
    label = label_of(person)

    def shape(kind: str, points: list[float], **more: Any) -> dict[str, Any]:
        return {
            "type": kind,
            "label": label,
            "frame": frame,
            "group": group,
            "source": "manual",
            "occluded": False,
            "outside": False,
            "z_order": 0,
            "rotation": 0.0,
            "points": points,
            "attributes": [],
            **more,
        }

    if person.joints.num_keypoints:
        elements = []
        for name, joint in zip(JOINTS, person.joints.joints, strict=True):
            shift = PIXELS.shift if joint.present else 0.0
            element = shape(
                "points",
                [round(joint.x - shift, DECIMALS), round(joint.y - shift, DECIMALS)],
                label=name,
                occluded=joint.visibility is Visibility.OCCLUDED,
                outside=not joint.present,
                group=0,
            )
            elements.append(element)
        yield shape("skeleton", [], elements=elements)
    box = person.box
    if box is not None:
        yield shape("rectangle", [box.x, box.y, box.x + box.width, box.y + box.height])
    for outline in (person.mask.outlines or ()) if person.mask else ():
        yield shape("polygon", list(outline))
    if person.mask is not None and person.mask.outlines is None and person.mask.area:
        runs, (left, top, width, height) = runs_of(masks.decode(person.mask.rle))
        yield shape("mask", [*runs, left, top, left + width - 1, top + height - 1])


def _task(title: str, labels: Iterable[str], images: int) -> dict[str, Any]:
    joints = [{"name": name, "type": "points", "attributes": []} for name in JOINTS]
    return {
        "name": title,
        "version": "1.0",
        "labels": [
            {"name": name, "type": "skeleton", "attributes": [], "sublabels": joints}
            for name in labels
        ],
        "data": {"start_frame": 0, "stop_frame": max(0, images - 1), "chunk_type": "imageset"},
        "jobs": [{"start_frame": 0, "stop_frame": max(0, images - 1), "status": "annotation"}],
    }
