"""YOLO-pose folders, written.

Layout: ``data.yaml``; ``images/SPLIT/NAME.jpg``; ``labels/SPLIT/NAME.txt`` with a line for each
person: class, box (middle x, y, width, height), then x, y, visibility of each joint; all places as
shares of the image's width and height. Source: Ultralytics' documentation, "Pose Estimation
Datasets Overview" (``path``, ``train``, ``val``, ``test``, ``names``, ``kpt_shape``, ``flip_idx``,
``kpt_names``; visibility 0, 1, 2). Labels beyond the image make its loader drop the whole image, so
such joints are written as absent, and boxes are clipped.

Pixels: ``continuous``: 1 is the far border of the image, as for its boxes. Said in ``data.yaml``
under ``infantnet``, because sets converted from COCO by Ultralytics' own tool hold COCO's indices,
divided as they stand (``ultralytics.data.converter.convert_coco``).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Final

import yaml

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.pixels import PixelRule, is_inside
from backend.domain.skeleton import JOINTS, MIRROR
from backend.publishing.formats.coco import NAMESPACE
from backend.publishing.formats.folders import ImageCopies, relative
from backend.publishing.formats.holding import Losses, Thing, label_of
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson

PIXELS: Final = PixelRule.CONTINUOUS
HOLDS: Final = frozenset(
    (
        Thing.OCCLUDED,
        Thing.BOX,
        Thing.OTHERS,
        Thing.NAME,
        Thing.EMPTY,
        Thing.SPLIT,
    )
)
SPLITS: Final = {
    "train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
_DIGITS: Final = 12
_ROUNDING: Final = 1e-6
"""Pixels by which a box may change because its far corner is computed."""


def write(frames: Iterable[LabelledFrame], folder: Path, options: WriteOptions) -> Written:
    """Write labels, ``data.yaml``, and the images that lie in ``options.images``.

    Raises:
        InvalidInput: an image without a size, or two images whose labels have one name.
    """
    losses = Losses(HOLDS)
    copies = ImageCopies(options.images, losses)
    classes: dict[str, int] = {}
    splits: set[str] = set()
    images = people = 0
    for frame in frames:
        losses.see(frame)
        split = _split(frame, losses)
        splits.add(split)
        name = relative(frame.image.file_name)
        labels = folder / "labels" / split / name.with_suffix(".txt")
        lines = [line for p in frame.people if (line := _line(frame, p, classes, losses))]
        labels.parent.mkdir(parents=True, exist_ok=True)
        try:
            with labels.open("x", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        except FileExistsError as error:
            raise _invalid(name, "the labels of two images would have this name") from error
        copies.put(frame.image, folder / "images" / split / name)
        (folder / "images" / split).mkdir(parents=True, exist_ok=True)
        images += 1
        people += len(lines)
    (folder / "data.yaml").write_text(
        yaml.safe_dump(_about(classes, splits, losses), sort_keys=False, allow_unicode=True),
        encoding="utf-8",
    )
    return Written(images, people, notes=losses.notes())


def _split(frame: LabelledFrame, losses: Losses) -> str:
    found = SPLITS.get(frame.image.split or "train")
    if found is None:
        losses.add(
            "{n} image of a split that YOLO does not know was put into train.",
            "{n} images of splits that YOLO does not know were put into train.",
        )
    return found or "train"


def _line(
    frame: LabelledFrame, person: LabelledPerson, classes: dict[str, int], losses: Losses
) -> str | None:
    width, height = frame.image.width, frame.image.height
    if width < 1 or height < 1:
        fault = "its size is not known; name the folder of the images (--images) or --size"
        raise _invalid(PurePosixPath(frame.image.file_name), fault)
    try:
        box = None if person.box is None else person.box.clipped(width, height)
    except InvalidInput:
        box = None
    if box is None:
        losses.add(
            "{n} person without a box in the image was left out.",
            "{n} people without a box in the image were left out.",
        )
        return None
    if person.box is not None and _moved(person.box, box):
        losses.add("{n} box was clipped to its image.", "{n} boxes were clipped to their images.")
    kind = classes.setdefault(label_of(person), len(classes))
    numbers = [
        (box.x + box.width / 2) / width,
        (box.y + box.height / 2) / height,
        box.width / width,
        box.height / height,
    ]
    words = [str(kind), *map(_number, numbers)]
    for joint in person.joints.joints:
        outside = joint.present and not is_inside(joint.x, joint.y, width, height)
        if outside:
            losses.add(
                "{n} joint beyond the border of its image was written as absent.",
                "{n} joints beyond the borders of their images were written as absent.",
            )
        if outside or not joint.present:
            words += ("0", "0", "0")
        else:
            shift = PIXELS.shift
            x, y = (joint.x - shift) / width, (joint.y - shift) / height
            words += (_number(x), _number(y), str(int(joint.visibility)))
    return " ".join(words)


def _moved(box: Box, clipped: Box) -> bool:
    pairs = [
        (box.x, clipped.x),
        (box.y, clipped.y),
        (box.width, clipped.width),
        (box.height, clipped.height),
    ]
    return any(abs(a - b) > _ROUNDING for a, b in pairs)


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")


def _about(classes: dict[str, int], splits: set[str], losses: Losses) -> dict[str, Any]:
    splits = splits or {"train"}
    first = "train" if "train" in splits else min(splits)
    if not {"train", "val"} <= splits:
        losses.add(
            "YOLO wants the splits train and val: the one that is missing names the images of"
            f" {first}.",
            "",
        )
    about: dict[str, Any] = {"path": "."}
    for split in ("train", "val", "test"):
        if split in splits:
            about[split] = f"images/{split}"
        elif split != "test":
            about[split] = f"images/{first}"
    names = {number: name for name, number in classes.items()} or {0: "person"}
    return about | {
        "kpt_shape": [len(JOINTS), 3],
        "flip_idx": list(MIRROR),
        "names": names,
        "kpt_names": {number: list(JOINTS) for number in names},
        NAMESPACE: {"pixels": PIXELS.value},
    }


def _invalid(name: PurePosixPath, fault: str) -> InvalidInput:
    return InvalidInput(f"{name}: {fault}.", file=str(name), fault=fault)
