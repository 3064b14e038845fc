"""Label Studio's JSON, read. Layout, sources and pixels: ``label_studio.layout``.

Brush masks, ellipses and whatever else is no joint, box or outline are counted as left out. Points
without a parent are one person where each joint is there once. Of several annotations of one image
the first that was not cancelled is read; where there is none, the first prediction.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from backend.domain.oddities import Odd
from backend.publishing.formats.findings import Findings, Spot, shown
from backend.publishing.formats.json_stream import JsonFault, JsonStream
from backend.publishing.formats.label_studio.layout import OCCLUDED, PIXELS
from backend.publishing.formats.reading import (
    Reader,
    ReadOptions,
    check_size,
    frame_of,
    roles_of,
)
from backend.publishing.formats.shapes import BadShape, People, Shape
from backend.publishing.labelled import LabelledFrame, LabelledImage, LabelledPerson, PersonMarks

_UPLOADED: Final = re.compile(r"^[0-9a-f]{8}-(?=.)")
"""What Label Studio puts before the names of uploaded files."""

_IMAGE_NAME: Final = re.compile(r"\.(jpe?g|png|webp|bmp|tiff?|gif)$", re.I)
_LABELS: Final = ("rectanglelabels", "keypointlabels", "polygonlabels")
_MAX_SIDE: Final = 1_000_000


class LabelStudio(Reader):
    """See the module. The text is read twice, a task at a time."""

    PIXELS = PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        check_size(path, self.options.max_bytes)
        joints: dict[str, None] = {}
        self._labels: set[str] = set()
        for task in self._tasks():
            for region in _regions(_chosen(task)):
                value = region.get("value")
                if region.get("type") == "keypointlabels":
                    joints.update(dict.fromkeys(_texts(value, "keypointlabels")))
                for kind in ("rectanglelabels", "polygonlabels"):
                    self._labels.update(_texts(value, kind))
        named = {"": list(joints)} if joints else {}
        self._people = People(named, self.options.choices, self.rule.shift)

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        roles = roles_of(self._labels, self.options.choices.infant)
        number = 0
        for i, task in enumerate(self._tasks()):
            where = f"[{i}]"
            name = _name(task.get("data"))
            if name is None:
                self.findings.odd(Odd.IMAGE_UNREADABLE, f"{where}.data", shown(task.get("data")))
                continue
            number += 1
            spot = Spot(self.findings, where, name)
            chosen = _chosen(task)
            regions = _regions(chosen)
            left_out = len(_dicts(task.get("annotations"))) - 1
            self.losses.add(
                "{n} further annotation of an image was left out.",
                "{n} further annotations of images were left out.",
                max(0, left_out),
            )
            self.losses.add(
                "{n} image has no annotation of a person: a model's prediction was read.",
                "{n} images have no annotation of a person: a model's predictions were read.",
                "completed_by" not in chosen and chosen in _dicts(task.get("predictions")),
            )
            size = _size(regions, task.get("data")) or self.sizes.of(name)
            shapes = list(self._shapes(regions, size, spot))
            people = self._people.of(shapes, size, spot)
            score = chosen.get("score")
            if type(score) is float and math.isfinite(score) and len(people) == 1:
                people = [_scored(people[0], score)]
            source = {"file": self.name, "image_id": task.get("id")}
            yield frame_of(LabelledImage(number, name, *size, source=source), people, roles)

    def _tasks(self) -> Iterator[Mapping[str, Any]]:
        try:
            with self.path.open("rb") as file:
                stream = JsonStream(file, max_bytes=self.options.max_bytes)
                if stream.root() == "object":
                    tasks: Iterable[Any] = [
                        {
                            name: list(value) if isinstance(value, Iterator) else value
                            for name, value in stream.members()
                        }
                    ]
                else:
                    tasks = stream.elements()
                for i, task in enumerate(tasks):
                    if not isinstance(task, dict) or "data" not in task:
                        raise self.invalid(
                            f"[{i}]: this is no task of Label Studio’s full JSON export; its short"
                            " form (JSON-MIN) does not say which points belong together"
                        )
                    yield task
        except JsonFault as error:
            raise self.invalid(str(error)) from error

    def _shapes(
        self, regions: list[dict[str, Any]], size: tuple[int, int], spot: Spot
    ) -> Iterator[Shape]:
        groups: dict[str, int] = {}
        occluded = {
            str(region.get("id"))
            for region in regions
            if OCCLUDED in [t.casefold() for t in _texts(region.get("value"), "choices")]
        }
        parents = {str(r.get("parentID")) for r in regions if r.get("parentID")}
        for region in regions:
            kind, key = region.get("type"), str(region.get("id"))
            if kind in ("choices", "relation"):
                continue
            if kind not in _LABELS:
                spot.odd(Odd.SHAPE_LEFT_OUT, "", shown(kind))
                continue
            owner = str(region.get("parentID") or (key if key in parents else ""))
            group = groups.setdefault(owner, len(groups) + 1) if owner else 0
            try:
                shape = _shape(region, size)
            except BadShape as error:
                spot.odd(Odd.ANNOTATION_UNREADABLE, f" {kind}", str(error))
                continue
            yield replace(shape, group=group, occluded=key in occluded)


def _shape(region: Mapping[str, Any], size: tuple[int, int]) -> Shape:
    value, kind = region.get("value"), str(region["type"])
    if not isinstance(value, dict):
        raise BadShape("it has no value")
    if not all(size):
        raise BadShape("the size of the image is not known")
    if region.get("image_rotation"):
        raise BadShape("it was drawn on a rotated image")
    labels = _texts(value, kind)
    if len(labels) != 1:
        raise BadShape(f"{len(labels)} labels; one is wanted")
    if kind == "polygonlabels":
        points = value.get("points")
        pairs = points if isinstance(points, list) else []
        if len(pairs) < 3 or not all(isinstance(p, list) and len(p) == 2 for p in pairs):
            raise BadShape("an outline of fewer than three points")
        placed = tuple(_place(x, y, size) for x, y in pairs)
        return Shape("polygon", labels[0], placed)
    x, y = _place(value.get("x"), value.get("y"), size)
    if kind == "keypointlabels":
        return Shape("points", labels[0], ((x, y),))
    width, height = _place(value.get("width"), value.get("height"), size)
    turned = bool(value.get("rotation"))
    return Shape("box", labels[0], ((x, y), (x + width, y + height)), turned=turned)


def _place(x: Any, y: Any, size: tuple[int, int]) -> tuple[float, float]:
    for number in (x, y):
        if type(number) not in (int, float) or not math.isfinite(number) or abs(number) > 1e6:
            raise BadShape(f"{shown(number)} is no place")
    return x * size[0] / 100, y * size[1] / 100


def _scored(person: LabelledPerson, score: float) -> LabelledPerson:
    marks = PersonMarks(person.marks.name, person.marks.track, score)
    return replace(person, marks=marks)


def _chosen(task: Mapping[str, Any]) -> dict[str, Any]:
    kept = [a for a in _dicts(task.get("annotations")) if not a.get("was_cancelled")]
    found = kept or _dicts(task.get("predictions"))
    return found[0] if found else {}


def _regions(annotation: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _dicts(annotation.get("result"))


def _size(regions: list[dict[str, Any]], data: Any) -> tuple[int, int] | None:
    sides = [(r.get("original_width"), r.get("original_height")) for r in regions]
    if isinstance(data, dict):
        sides.append((data.get("width"), data.get("height")))
    for sized in sides:
        width, height = (n if type(n) is int and 1 <= n <= _MAX_SIDE else 0 for n in sized)
        if width and height:
            return width, height
    return None


def _is_image(text: str) -> bool:
    """Whether an address is an image's; signed ones of a store go on behind the name."""
    plain = text if "://" not in text else urlsplit(text).path
    return _IMAGE_NAME.search(plain) is not None or _IMAGE_NAME.search(text) is not None


def _name(data: Any) -> str | None:
    """The image's name out of its address; without what Label Studio puts before it."""
    if not isinstance(data, dict):
        return None
    texts = [text for text in data.values() if isinstance(text, str) and text.strip()]
    address = next((text for text in texts if _is_image(text)), None)
    if address is None:
        return None
    if "://" not in address and not address.startswith("/"):
        return address
    parts = urlsplit(address)
    local = parse_qs(parts.query).get("d")
    if local:
        return local[0]
    name = unquote(parts.path)
    if "/data/upload/" in name or parts.scheme or name.startswith("/"):
        name = name.rpartition("/")[2]
    return _UPLOADED.sub("", name) or None


def _texts(value: Any, key: str) -> list[str]:
    found = value.get(key) if isinstance(value, dict) else None
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
