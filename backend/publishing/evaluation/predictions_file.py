"""Predicted people: COCO results (a list), or a COCO file with scores; also packed by gzip."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np

from backend.domain.errors import TooLarge
from backend.domain.evaluation.samples import Predictions
from backend.domain.pixels import PixelRule, rule_of_file
from backend.domain.skeleton import N_JOINTS
from backend.publishing.evaluation.documents import elements, members
from backend.publishing.evaluation.faults import Faults, shown
from backend.publishing.evaluation.numbers import KEYPOINTS, is_number, is_place, rows
from backend.publishing.evaluation.other_splits import OtherSplits
from backend.publishing.evaluation.truth_file import MAX_PEOPLE, Key, TruthFile, pixel_rule, read_id

_CHUNK: Final = 4096


class Unknown(StrEnum):
    """What becomes of predictions of images or categories that the truth does not have."""

    REFUSE = "refuse"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class PredictionsFile:
    """Predictions as they are compared.

    Attributes:
        predictions: People; joints count as those of the truth do.
        skipped: Predictions of images or categories that the truth does not have.
        notes: What has to be said.
    """

    predictions: Predictions
    skipped: int
    notes: tuple[str, ...]


def read_predictions(
    path: Path,
    truth: TruthFile,
    *,
    unknown: Unknown = Unknown.REFUSE,
    pixels: PixelRule | None = None,
    name: str | None = None,
    others: OtherSplits | None = None,
) -> PredictionsFile:
    """Read predictions of a ground truth.

    Args:
        path: The file.
        truth: What they are predictions of.
        unknown: What becomes of predictions of images that the truth does not have.
        pixels: What their joints count, if somebody says so.
        name: What to call the file in errors.
        others: The set's images that the truth does not have, so that a mixed-up split is said.

    Raises:
        InvalidInput: it is no such file, or anything in it is unsound; names what and where.
        TooLarge: it exceeds a limit.
    """
    faults = Faults(name or path.name)
    reader = _Reader(truth, unknown, faults, others or OtherSplits())
    declared: PixelRule | None = None
    results = listed = False
    with members(path, faults) as found:
        for member, value in found:
            if member == "info":
                declared = pixel_rule(value)
            elif member == "images":
                reader.images(value)
            elif member in ("", "annotations"):
                results, listed = member == "", True
                reader.people(value, member)
    if not listed:
        raise faults.error("a list of results, or an object with “annotations”, is wanted")
    faults.stop()
    if reader.skipped and not reader.count:
        raise faults.error("no prediction is of an image of the ground truth")
    keypoints = np.concatenate([*reader.blocks, np.zeros((0, KEYPOINTS))])
    joints = np.ascontiguousarray(keypoints.reshape(-1, N_JOINTS, 3)[..., :2])
    area = _areas(joints, reader.boxes)
    shift, said = _shift(truth, declared, pixels, results, faults.file)
    predictions = Predictions(
        np.array(reader.image, np.int64),
        np.array(reader.category, np.int64),
        joints + shift if shift else joints,
        np.array(reader.scores, float),
        area,
    )
    notes = [said] if said else []
    if reader.by_name:
        notes.append(
            f"{faults.file}: the image_id of {reader.by_name:,} predictions is the name of a file,"
            " and is taken as such."
        )
    if reader.skipped:
        notes.append(
            f"{faults.file}: {reader.skipped:,} predictions of images or categories that the ground"
            " truth does not have are left out."
        )
    return PredictionsFile(predictions, reader.skipped, tuple(notes))


def _areas(joints: Any, boxes: list[Any]) -> Any:
    """The box's where every prediction has one; else of the rectangle around all its joints.

    As pycocotools' ``loadRes``. It decides whether a prediction of nobody counts against AP_M and
    AP_L.
    """
    if boxes and all(box is not None for box in boxes):
        sides = np.array(boxes, float)
        return sides[:, 2] * sides[:, 3]
    extent = joints.max(axis=1) - joints.min(axis=1) if len(joints) else np.zeros((0, 2))
    return extent[:, 0] * extent[:, 1]


def _shift(
    truth: TruthFile,
    declared: PixelRule | None,
    chosen: PixelRule | None,
    results: bool,
    name: str,
) -> tuple[float, str | None]:
    """What is added to predicted joints so that they count as the truth's do."""
    if truth.pixels is None and chosen is None:
        return 0.0, None  # Nothing is known of the truth: numbers are compared as they are.
    if declared is None and chosen is None and not results:
        return 0.0, None
    known = rule_of_file(declared=declared, chosen=chosen, whole_numbers=False, results=results)
    shift = known.rule.shift - (truth.pixels or PixelRule.INDEX).shift
    if not shift:
        return 0.0, None
    ours = (truth.pixels or PixelRule.INDEX).value
    return shift, (
        f"{name}: joints are moved by {shift:+g} px, because they count pixels as"
        f" “{known.rule.value}” ({known.origin.value}) and those of the ground truth as “{ours}”."
    )


def _unique_names(truth: TruthFile) -> dict[str, int]:
    """Images by their file's name, with and without its folder, where only one has it."""
    found: dict[str, int | None] = {}
    for key, path in truth.file_names.items():
        for name in {path, PurePosixPath(path).name}:
            found[name] = None if name in found else truth.image_index[key]
    return {name: index for name, index in found.items() if index is not None}


class _Reader:
    def __init__(
        self, truth: TruthFile, unknown: Unknown, faults: Faults, others: OtherSplits
    ) -> None:
        self.truth = truth
        self.faults = faults
        self.others = others
        self.skip = unknown is Unknown.SKIP
        self.skipped = 0
        self.blocks: list[Any] = []
        self.image: list[int] = []
        self.category: list[int] = []
        self.scores: list[float] = []
        self.boxes: list[Any] = []
        self._keypoints: list[Any] = []
        self._places: list[str] = []
        self._ids: set[Key] = set()
        self._by_file = _unique_names(truth)
        self.by_name = 0
        self._only = 0 if len(truth.category_index) == 1 else None

    @property
    def count(self) -> int:
        return len(self.image)

    def images(self, value: Any) -> None:
        """Images of a COCO file must be the truth's, where both name them."""
        for i, image in enumerate(elements(value, "images", self.faults)):
            key = read_id(image.get("id")) if isinstance(image, dict) else None
            ours = self.truth.file_names.get(key) if key is not None else None
            theirs = image.get("file_name") if isinstance(image, dict) else None
            if ours is None or not isinstance(theirs, str) or not theirs:
                continue
            if PurePosixPath(ours).name != PurePosixPath(theirs).name:
                self.faults.add(
                    "image id that means another file in the ground truth",
                    f"images[{i}]",
                    f"{key} is {shown(theirs)} here, {shown(ours)} there",
                )

    def people(self, value: Any, member: str) -> None:
        for i, person in enumerate(elements(value, member or "the document", self.faults)):
            self._person(f"{member}[{i}]", person)
            if len(self._keypoints) >= _CHUNK:
                self._flush()
        self._flush()

    def _person(self, where: str, person: Any) -> None:
        add = self.faults.add
        if not isinstance(person, dict):
            add("prediction that is no object", where, shown(person))
            return
        if "id" in person:
            self._id(where, person["id"])
        image = self._index(person, "image_id", self.truth.image_index, where, None)
        if image is None:
            return
        category = self._index(person, "category_id", self.truth.category_index, where, self._only)
        if category is None:
            return
        score = person.get("score")
        if score is None:
            add("prediction without a score", where)
            return
        if not is_number(score):
            add("score that is no finite number", where, shown(score))
            return
        box = person.get("bbox") or None
        if box is not None and not (
            isinstance(box, list) and len(box) == 4 and all(map(is_place, box))
        ):
            add("bbox that is not four numbers of pixels", where, shown(box))
            return
        if box is not None and min(box[2:]) < 0:
            add("bbox whose width or height is negative", where, shown(box))
            return
        if self.count >= MAX_PEOPLE:
            fault = f"more than {MAX_PEOPLE:,} predictions"
            raise TooLarge(f"{self.faults.file}: {fault}.", file=self.faults.file, fault=fault)
        self.image.append(image)
        self.category.append(category)
        self.scores.append(float(score))
        self.boxes.append(box)
        self._keypoints.append(person.get("keypoints"))
        self._places.append(where)

    def _id(self, where: str, value: Any) -> None:
        key = read_id(value)
        if key is None:
            self.faults.add("id that is neither a whole number nor text", where, shown(value))
        elif key in self._ids:
            self.faults.add("prediction id that is there twice", where, shown(key))
        else:
            self._ids.add(key)

    def _index(
        self, person: dict[str, Any], member: str, known: Any, where: str, default: int | None
    ) -> int | None:
        if member not in person and default is not None:
            return default
        key = read_id(person.get(member))
        if key is None:
            self.faults.add(f"prediction without {member}", where, shown(person.get(member)))
            return None
        index: int | None = known.get(key)
        if index is None and member == "image_id" and isinstance(key, str):
            index = self._by_file.get(key)
            self.by_name += index is not None
        if index is None:
            if self.skip:
                self.skipped += 1
            else:
                image = key if member == "image_id" else None
                self.faults.add(self.others.fault(member, image), where, shown(key))
        return index

    def _flush(self) -> None:
        if self._keypoints:
            places = self._places
            self.blocks.append(
                rows(self._keypoints, KEYPOINTS, places.__getitem__, "keypoints", self.faults)
            )
        self._keypoints, self._places = [], []
