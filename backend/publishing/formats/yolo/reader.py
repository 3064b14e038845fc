"""YOLO-pose folders, read. Layout and sources: ``yolo.writer``.

Pixels: as ``data.yaml`` declares under ``infantnet``; else by the numbers (``domain.pixels``):
where all joints of the first files are whole pixels once multiplied by the size of their image,
they come from COCO and are ``index``; else ``continuous``, which is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import yaml

from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.oddities import Answer, Odd
from backend.domain.pixels import KnownRule, PixelRule, rule_of_file
from backend.domain.skeleton import N_JOINTS
from backend.domain.skeleton_maps import SkeletonMap
from backend.publishing.formats.coco import NAMESPACE
from backend.publishing.formats.coco_places import rule_in_words
from backend.publishing.formats.findings import Findings, Spot, shown
from backend.publishing.formats.folders import IMAGE_SUFFIXES, inside
from backend.publishing.formats.reading import (
    MAX_FILES,
    Reader,
    ReadOptions,
    check_size,
    frame_of,
    roles_of,
    skeleton_map,
)
from backend.publishing.formats.yolo.writer import PIXELS, SPLITS
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledPerson,
    PersonMarks,
)

_MAX_YAML: Final = 1 << 20
_MAX_LABELS: Final = 16 << 20
_MAX_JOINTS: Final = 1_000
_LOOKED_AT: Final = 50
"""So many files tell what joints count."""
_WHOLE: Final = 2e-3
"""In pixels: six decimals, as Ultralytics' converter writes, tell whole pixels up to 2,000."""


@dataclass(frozen=True, slots=True)
class _Item:
    """One image: its name, split, file of labels, and the image itself if it is there."""

    name: str
    split: str
    labels: Path
    image: Path | None


class YoloFolder(Reader):
    """See the module. The path is the folder, or its YAML file."""

    PIXELS = PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        self._root, about = self._about()
        self._count, self._width = self._shape(about.get("kpt_shape"))
        self._labels = _names(about.get("names"))
        joints = _joint_names(about.get("kpt_names"), self._count)
        spot = Spot(self.findings, "data.yaml kpt_names")
        self._map: SkeletonMap | None = skeleton_map(
            joints, self.options.choices, spot, count=self._count
        )
        if self._map is None:
            raise self.invalid(
                f"what its {self._count} joints are is not known; name the skeleton,"
                " or map its joints"
            )
        self._items = self._listed(about)
        told = about.get(NAMESPACE)
        declared = told.get("pixels") if isinstance(told, dict) else None
        self._rule = rule_of_file(
            declared=PixelRule(declared) if declared in set(PixelRule) else None,
            chosen=self.options.choices.pixels,
            whole_numbers=declared is None and self._whole(),
        )
        self.note(rule_in_words(self._rule))

    @property
    def rule(self) -> PixelRule:
        """As declared, chosen, or by the numbers."""
        return self._rule.rule

    @property
    def known(self) -> KnownRule:
        """As :class:`Reader`."""
        return self._rule

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        roles = roles_of(set(self._labels.values()), self.options.choices.infant)
        for number, item in enumerate(self._items, 1):
            here = item.image
            size = self.sizes.of(item.name) if here is None else self.sizes.of_file(here)
            if not all(size):
                spot = Spot(self.findings, str(item.labels.name), item.name)
                spot.odd(Odd.IMAGE_NOT_SENT, "", "without its size the labels mean nothing")
                continue
            people = [
                person
                for row, where in self._rows(item)
                if (person := self._person(row, size, Spot(self.findings, where, item.name)))
            ]
            image = LabelledImage(number, item.name, *size, split=item.split)
            yield frame_of(image, people, roles)

    # What the folder is

    def _about(self) -> tuple[Path, dict[str, Any]]:
        if self.path.is_dir():
            found = sorted(
                (p for p in self.path.iterdir() if p.suffix in (".yaml", ".yml")),
                key=lambda p: (p.stem not in ("data", "dataset"), p.name),
            )
            if not found:
                raise self.invalid("there is no data.yaml in this folder")
            file = found[0]
        else:
            file = self.path
        check_size(file, _MAX_YAML)
        try:
            about = yaml.safe_load(self.text_of(file))
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise self.invalid("this is no YAML", file.name) from error
        if not isinstance(about, dict):
            raise self.invalid("this is no YAML file of a dataset", file.name)
        return file.parent, about

    def _shape(self, value: Any) -> tuple[int, int]:
        sound = (
            isinstance(value, list)
            and len(value) == 2
            and all(type(n) is int for n in value)
            and 1 <= value[0] <= _MAX_JOINTS
            and value[1] in (2, 3)
        )
        if not sound:
            raise self.invalid(f"kpt_shape: {shown(value)}, two numbers such as [17, 3] are wanted")
        return value[0], value[1]

    def _listed(self, about: dict[str, Any]) -> list[_Item]:
        roots = [self._root]
        if isinstance(about.get("path"), str):
            named = inside(self._root, about["path"])
            roots = [*([named] if named else []), *roots]
        items: dict[tuple[str, str], _Item] = {}
        seen: set[Path] = set()
        for key, place in _places(about):
            folder = next(
                (
                    found
                    for root in roots
                    if (found := inside(root, place)) is not None
                    and (found.exists() or _labels_of(found).exists())
                ),
                None,
            )
            if folder is None:
                raise self.invalid(f"{key}: there is no {shown(place)} in this folder")
            if folder in seen:
                continue
            seen.add(folder)
            for item in self._of(folder, SPLITS[key]):
                items.setdefault((item.split, item.name), item)
                if len(items) > MAX_FILES:
                    raise self.invalid(f"more than {MAX_FILES:,} images")
        if not items:
            raise self.invalid("there are neither images nor labels in its splits")
        return list(items.values())

    def _of(self, place: Path, split: str) -> Iterator[_Item]:
        if place.is_file():
            for line in self.text_of(place).splitlines():
                image = inside(self._root, line.strip()) if line.strip() else None
                if image is not None:
                    labels = _labels_of(image).with_suffix(".txt")
                    yield _Item(image.name, split, labels, image if image.is_file() else None)
            return
        labels = _labels_of(place)
        found: dict[str, Path] = {}
        if place.is_dir():
            for path in sorted(islice(place.rglob("*"), 2 * MAX_FILES)):
                if path.suffix.casefold() in IMAGE_SUFFIXES:
                    found[path.relative_to(place).as_posix()] = path
        stems = {name.rpartition(".")[0] for name in found}
        for name, path in found.items():
            yield _Item(name, split, labels / f"{name.rpartition('.')[0]}.txt", path)
        if labels.is_dir():
            for path in sorted(islice(labels.rglob("*.txt"), 2 * MAX_FILES)):
                stem = path.relative_to(labels).as_posix().removesuffix(".txt")
                if stem not in stems:
                    image = self.sizes.with_suffix(stem)
                    name = f"{stem}{image.suffix if image else '.jpg'}"
                    yield _Item(name, split, path, image)

    def _whole(self) -> bool:
        """Whether all joints of the first files are whole pixels of their images."""
        seen = False
        silent = Findings(self.options.choices.answers, refusing=False)
        for item in islice((i for i in self._items if i.image is not None), _LOOKED_AT):
            size = self.sizes.of_file(item.image) if item.image else (0, 0)
            if not all(size):
                continue
            for row, where in self._rows(item):
                person = self._person(row, size, Spot(silent, where, item.name), shift=0.0)
                for joint in person.joints.joints if person else ():
                    if joint.present:
                        seen = True
                        if (
                            max(abs(joint.x - round(joint.x)), abs(joint.y - round(joint.y)))
                            > _WHOLE
                        ):
                            return False
        return seen

    # Labels

    def _rows(self, item: _Item) -> Iterator[tuple[list[str], str]]:
        if not item.labels.is_file() or item.labels.stat().st_size == 0:
            return
        check_size(item.labels, _MAX_LABELS)
        for number, line in enumerate(self.text_of(item.labels).splitlines(), 1):
            if line.strip():
                yield line.split(), f"{item.labels.name} line {number}"

    def _person(
        self, row: list[str], size: tuple[int, int], spot: Spot, shift: float | None = None
    ) -> LabelledPerson | None:
        wanted = 5 + self._count * self._width
        numbers = [_number(word) for word in row]
        if len(row) != wanted or not row[0].isdecimal():
            spot.odd(Odd.ANNOTATION_UNREADABLE, "", f"{len(row)} numbers, {wanted} are wanted")
            return None
        kind = int(row[0])
        label = self._labels.get(kind)
        if label is None:
            if spot.odd(Odd.CATEGORY_UNKNOWN, "", f"class {kind}") is Answer.SKIP:
                return None
            label = ""
        joints = self._joints(numbers[5:], size, spot, self.rule.shift if shift is None else shift)
        return LabelledPerson(
            joints,
            self._box(numbers[1:5], size, spot),
            marks=PersonMarks("" if label == "person" else label),
        )

    def _box(self, numbers: list[float | None], size: tuple[int, int], spot: Spot) -> Box | None:
        x, y, width, height = numbers
        if x is None or y is None or width is None or height is None or min(width, height) <= 0:
            spot.odd(Odd.BOX_UNREADABLE, "", shown(numbers))
            return None
        across, down = size
        return Box((x - width / 2) * across, (y - height / 2) * down, width * across, height * down)

    def _joints(
        self, numbers: list[float | None], size: tuple[int, int], spot: Spot, shift: float
    ) -> Skeleton:
        assert self._map is not None
        joints = [ABSENT_JOINT] * N_JOINTS
        for target, source in enumerate(self._map.sources):
            if source is None:
                continue
            x, y, *rest = numbers[source * self._width : (source + 1) * self._width]
            seen = self._seen(rest[0] if rest else 2.0, x, y, self._map.joints[source], spot)
            if seen is not Visibility.ABSENT and x is not None and y is not None:
                joints[target] = Joint(x * size[0] + shift, y * size[1] + shift, seen)
        return Skeleton(tuple(joints))

    def _seen(
        self, mark: float | None, x: float | None, y: float | None, name: str, spot: Spot
    ) -> Visibility:
        if x is None or y is None or mark is None:
            spot.odd(Odd.JOINT_NOT_A_NUMBER, "", name)
            return Visibility.ABSENT
        # Without a column for visibility absent joints are at (0, 0), or below 0.
        if mark == 0 or (self._width == 2 and ((x, y) == (0, 0) or min(x, y) < 0)):
            return Visibility.ABSENT
        if mark in (1, 2):
            return Visibility(int(mark))
        if 0 < mark < 1:
            if spot.odd(Odd.VISIBILITY_SCORE, "", f"{mark:g} of {name}") is Answer.MAP:
                return Visibility.VISIBLE if mark >= LOW_SCORE else Visibility.OCCLUDED
            return Visibility.ABSENT
        mapped = spot.odd(Odd.VISIBILITY_UNKNOWN, "", f"{mark:g} of {name}") is Answer.MAP
        return Visibility.OCCLUDED if mapped else Visibility.ABSENT


def _places(about: dict[str, Any]) -> list[tuple[str, str]]:
    """Splits and their folders; one that stands for another split comes behind its own."""
    places = []
    for key in ("train", "val", "test"):
        value = about.get(key) or []
        named = value if isinstance(value, list) else [value]
        places += [(key, place) for place in named if isinstance(place, str)]
    return sorted(places, key=lambda pair: Path(pair[1]).name != pair[0])


def _labels_of(place: Path) -> Path:
    """Where Ultralytics looks for labels: the last folder ``images`` becomes ``labels``."""
    parts = list(place.parts)
    for i in reversed(range(len(parts))):
        if parts[i] == "images":
            parts[i] = "labels"
            break
    return Path(*parts)


def _names(value: Any) -> dict[int, str]:
    if isinstance(value, list):
        return {i: str(name) for i, name in enumerate(value)}
    if isinstance(value, dict):
        return {int(i): str(name) for i, name in value.items() if str(i).isdecimal()}
    return {0: "person"}


def _joint_names(value: Any, count: int) -> list[str] | None:
    if isinstance(value, dict):
        value = next(iter(value.values()), None)
    if isinstance(value, list) and len(value) == count and all(isinstance(n, str) for n in value):
        return value
    return None


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e6 else None
