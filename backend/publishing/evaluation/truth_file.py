"""Ground truth: a COCO keypoint file with COCO's 17 joints, read strictly.

Unlike an import, which mends and asks, an evaluation refuses what is not sound: a number that rests
on a guess is worse than none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.domain.errors import TooLarge
from backend.domain.evaluation.samples import Truths
from backend.domain.pixels import PixelRule
from backend.domain.postures import posture_name
from backend.domain.skeleton import JOINTS, N_JOINTS
from backend.publishing.evaluation.documents import elements, members
from backend.publishing.evaluation.faults import Faults, shown
from backend.publishing.evaluation.numbers import KEYPOINTS, is_number, rows
from backend.publishing.formats.label_source import NAMESPACE
from backend.publishing.labelled import AreaOf

MAX_PEOPLE: Final = 2_000_000
"""Most people in one file, of the truth or predicted; some 900 bytes of memory each."""

FACTS: Final = (
    "infant", "sex", "age_months", "recording", "recording_id", "recording_source", "camera",
    "moment", "time_s", "frame_id", "posture",
)  # fmt: skip
"""What is kept of an image's own member ``infantnet``, or of the image itself where it has none."""

Key = int | str


@dataclass(frozen=True, slots=True)
class TruthFile:
    """A ground truth with what is needed to read predictions of it.

    Attributes:
        truths: People and images.
        image_index: Index of each image by its id.
        category_index: Index of each evaluated category by its id.
        file_names: By image id, as far as they are known.
        pixels: What its joints' coordinates count, if it says so.
        notes: What has to be said.
    """

    truths: Truths
    image_index: Mapping[Key, int]
    category_index: Mapping[Key, int]
    file_names: Mapping[Key, str]
    pixels: PixelRule | None
    notes: tuple[str, ...]


def read_truth(path: Path, *, name: str | None = None) -> TruthFile:
    """Read a ground truth.

    Args:
        path: COCO keypoints (JSON), also packed by gzip.
        name: What to call it in errors.

    Raises:
        InvalidInput: it is no such file, or anything in it is unsound; names what and where.
        TooLarge: it exceeds a limit.
    """
    faults = Faults(name or path.name)
    reader = _Reader(faults)
    with members(path, faults) as found:
        for member, value in found:
            if member == "":
                raise faults.error(
                    "this is a list; a COCO file with images and categories is wanted"
                )
            take = reader.takers.get(member)
            if take is not None:
                take(value)
    return reader.finish()


def read_id(value: Any) -> Key | None:
    """An id: a whole number (12.0 is 12) or text; None for anything else."""
    if type(value) is int or (isinstance(value, str) and value):
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    return None


def pixel_rule(info: Any) -> PixelRule | None:
    """What the joints of a file count, as its ``info`` declares."""
    told = info.get(NAMESPACE) if isinstance(info, dict) else None
    value = told.get("pixels") if isinstance(told, dict) else None
    return next((rule for rule in PixelRule if rule.value == value), None)


class _Reader:
    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.takers: dict[str, Callable[[Any], None]] = {
            "info": self._info,
            "images": self._images,
            "categories": self._categories,
            "annotations": self._annotations,
        }
        self._there: set[str] = set()
        self._pixels: PixelRule | None = None
        self._facts: dict[Key, dict[str, Any]] = {}
        self._category_ids: dict[Key, bool] = {}
        self._ids: list[Key] = []
        self._id_set: set[Key] = set()
        self._image: list[Key] = []
        self._category: list[Key] = []
        self._keypoints: list[Any] = []
        self._blocks: list[Any] = []
        self._boxes: list[Any] = []
        self._box_blocks: list[Any] = []
        self._numbers: list[tuple[float, bool, int | None, float]] = []
        self._postures: dict[Key, str] = {}
        self._places: list[int] = []
        self._without_joints: dict[Key, int] = {}
        self._own_ids = self._box_areas = 0

    def _info(self, value: Any) -> None:
        self._pixels = pixel_rule(value)

    def _images(self, value: Any) -> None:
        self._there.add("images")
        for i, image in enumerate(elements(value, "images", self.faults)):
            where = f"images[{i}]"
            key = read_id(image.get("id")) if isinstance(image, dict) else None
            if key is None:
                self.faults.add("image without an id", where, shown(image))
            elif key in self._facts:
                self.faults.add("image id that is there twice", where, shown(key))
            else:
                self._facts[key] = _facts(image)

    def _categories(self, value: Any) -> None:
        self._there.add("categories")
        for i, category in enumerate(elements(value, "categories", self.faults)):
            where = f"categories[{i}]"
            key = read_id(category.get("id")) if isinstance(category, dict) else None
            if key is None:
                self.faults.add("category without an id", where, shown(category))
                continue
            if key in self._category_ids:
                self.faults.add("category id that is there twice", where, shown(key))
            joints = category.get("keypoints")
            self._category_ids[key] = bool(joints)
            if joints and not _are_coco(joints):
                self.faults.add(
                    "category whose joints are not COCO's 17 in COCO's order", where, shown(joints)
                )

    def _annotations(self, value: Any) -> None:
        self._there.add("annotations")
        for i, annotation in enumerate(elements(value, "annotations", self.faults)):
            if not isinstance(annotation, dict):
                self.faults.add(
                    "annotation that is no object", f"annotations[{i}]", shown(annotation)
                )
                continue
            self._annotation(i, annotation)
            if len(self._keypoints) >= 4096:
                self._flush()
        self._flush()

    def _annotation(self, i: int, annotation: dict[str, Any]) -> None:
        where = f"annotations[{i}]"
        add = self.faults.add
        category = read_id(annotation.get("category_id"))
        if category is None:
            add("annotation without category_id", where)
            return
        if "keypoints" not in annotation:
            self._without_joints[category] = self._without_joints.get(category, 0) + 1
            return
        key, image = read_id(annotation.get("id")), read_id(annotation.get("image_id"))
        if key is None:
            add("annotation without an id", where)
            return
        if key in self._id_set:
            add("annotation id that is there twice", where, shown(key))
        if image is None:
            add("annotation without image_id", where)
            return
        area = annotation.get("area", -1)
        if not is_number(area) or area < 0:
            add(
                "annotation without an area, by which OKS is scaled",
                where,
                shown(annotation.get("area")),
            )
            return
        crowd = annotation.get("iscrowd", 0)
        if crowd not in (0, 1):
            add("iscrowd that is neither 0 nor 1", where, shown(crowd))
            return
        labelled = annotation.get("num_keypoints")
        if labelled is not None and (type(labelled) is not int or labelled < 0):
            add("num_keypoints that is no count", where, shown(labelled))
            return
        if len(self._ids) >= MAX_PEOPLE:
            fault = f"more than {MAX_PEOPLE:,} people"
            raise TooLarge(f"{self.faults.file}: {fault}.", file=self.faults.file, fault=fault)
        own = annotation.get(NAMESPACE)
        own = own if isinstance(own, dict) else {}
        head = own.get("head_length", annotation.get("head_length"))
        known_head = head is not None and is_number(head) and head > 0
        if head is not None and not known_head:
            add("head_length that is no length in pixels", where, shown(head))
        posture = own.get("posture", annotation.get("posture"))
        if isinstance(posture, str) and posture:
            self._postures.setdefault(image, posture_name(posture))
        self._ids.append(key)
        self._id_set.add(key)
        self._own_ids += key == 0
        self._box_areas += own.get("area_of") == AreaOf.BOX.value
        self._image.append(image)
        self._category.append(category)
        self._places.append(i)
        self._keypoints.append(annotation["keypoints"])
        self._boxes.append(annotation.get("bbox"))
        self._numbers.append(
            (
                float(area),
                bool(crowd),
                labelled,
                np.nan if head is None or not known_head else float(head),
            )
        )

    def _flush(self) -> None:
        first = len(self._places) - len(self._keypoints)

        def place(i: int) -> str:
            return f"annotations[{self._places[first + i]}]"

        if self._keypoints:
            self._blocks.append(rows(self._keypoints, KEYPOINTS, place, "keypoints", self.faults))
            self._box_blocks.append(rows(self._boxes, 4, place, "bbox", self.faults))
        self._keypoints, self._boxes = [], []

    def finish(self) -> TruthFile:
        faults = self.faults
        for member in ("images", "categories", "annotations"):
            if member not in self._there:
                raise faults.error(f"“{member}” is missing; a COCO keypoint file is wanted")
        self._references()
        keypoints = np.concatenate([*self._blocks, np.zeros((0, KEYPOINTS))])
        keypoints = keypoints.reshape(-1, N_JOINTS, 3)
        flags = keypoints[..., 2]
        for row, joint in np.argwhere(~np.isin(flags, (0, 1, 2)))[:1000]:
            where = f"annotations[{self._places[row]}], {JOINTS[joint]}"
            faults.add("visibility that is not 0, 1 or 2", where, f"{flags[row, joint]:g}")
        faults.stop()
        if not self._ids:
            raise faults.error("nobody with joints is in it: there is nothing to compare with")
        return self._file(keypoints)

    def _references(self) -> None:
        for i, image in enumerate(self._image):
            if image not in self._facts:
                where = f"annotations[{self._places[i]}]"
                self.faults.add("annotation of an image that is not listed", where, shown(image))
        for i, category in enumerate(self._category):
            if category not in self._category_ids:
                where = f"annotations[{self._places[i]}]"
                self.faults.add(
                    "annotation of a category that is not listed", where, shown(category)
                )
        for what, keys in (("image", self._facts), ("category", self._category_ids)):
            if len({type(key) for key in keys}) > 1:
                raise self.faults.error(f"some {what} ids are numbers and some are text")

    def _file(self, keypoints: Any) -> TruthFile:
        images = sorted(self._facts)
        used = {key for key, joints in self._category_ids.items() if joints} | set(self._category)
        categories = sorted(used)
        image_index = {key: i for i, key in enumerate(images)}
        category_index = {key: i for i, key in enumerate(categories)}
        for key, posture in self._postures.items():
            self._facts[key].setdefault("posture", posture)
        visibility = keypoints[..., 2].astype(np.int64)
        counted = (visibility > 0).sum(axis=1)
        labelled = np.array(
            [counted[i] if n[2] is None else n[2] for i, n in enumerate(self._numbers)], np.int64
        )
        truths = Truths(
            image_ids=images,
            facts=[self._facts[key] for key in images],
            categories=len(categories),
            ids=self._ids,
            image=np.array([image_index[key] for key in self._image], np.int64),
            category=np.array([category_index[key] for key in self._category], np.int64),
            joints=np.ascontiguousarray(keypoints[..., :2]),
            visibility=visibility,
            area=np.array([n[0] for n in self._numbers], float),
            box=np.concatenate(self._box_blocks),
            crowd=np.array([n[1] for n in self._numbers], bool),
            labelled=labelled,
            head=np.array([n[3] for n in self._numbers], float),
        )
        return TruthFile(
            truths,
            image_index,
            category_index,
            {key: facts["file_name"] for key, facts in self._facts.items() if "file_name" in facts},
            self._pixels,
            tuple(self._notes(counted, labelled)),
        )

    def _notes(self, counted: Any, labelled: Any) -> Iterable[str]:
        name = self.faults.file
        differing = int((counted != labelled).sum())
        if differing:
            yield (
                f"{name}: num_keypoints is not the number of labelled joints of {differing:,}"
                " people; as in COCO it only decides who is ignored (0)."
            )
        others = sum(self._without_joints.values())
        if others:
            yield f"{name}: {others:,} annotations without joints are left out."
        if self._box_areas:
            yield (
                f"{name}: the area of {self._box_areas:,} of {len(counted):,} people is their"
                " box's, because they have no mask. A box is larger than what is in it: their OKS"
                " comes out higher."
            )
        if self._own_ids:
            yield f"{name}: an annotation has the id 0, whose match pycocotools takes for none."


def _facts(image: dict[str, Any]) -> dict[str, Any]:
    own = image.get(NAMESPACE)
    own = own if isinstance(own, dict) else {}
    found = {}
    for name in FACTS:
        value = own.get(name, image.get(name))
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            found[name] = value
    if isinstance(found.get("posture"), str):
        found["posture"] = posture_name(str(found["posture"]))
    file_name = image.get("file_name")
    if isinstance(file_name, str) and file_name:
        found["file_name"] = file_name
    return found


def _are_coco(joints: Any) -> bool:
    if not isinstance(joints, list) or not all(isinstance(joint, str) for joint in joints):
        return False
    return tuple(_plain(joint) for joint in joints) == JOINTS


def _plain(joint: str) -> str:
    return "_".join(
        unicodedata.normalize("NFKC", joint).casefold().replace("-", " ").replace("_", " ").split()
    )
