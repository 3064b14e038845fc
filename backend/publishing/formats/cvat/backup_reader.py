"""CVAT's JSON of skeletons, read: a backup that was unpacked, or its ``annotations.json`` alone.

Layout and sources: ``cvat.backup_writer``; pixels: ``cvat.layout``. Without the manifest beside it,
images are named by their frame numbers. Of tracks the key frames are read; what CVAT interpolates
between them is not in the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from backend.domain.oddities import Odd
from backend.publishing.formats.cvat.layout import PIXELS
from backend.publishing.formats.findings import Findings, Spot, shown
from backend.publishing.formats.json_stream import JsonFault, JsonStream
from backend.publishing.formats.reading import (
    Reader,
    ReadOptions,
    check_size,
    frame_of,
    roles_of,
)
from backend.publishing.formats.shapes import MAX_COORDINATE, BadShape, People, Shape
from backend.publishing.labelled import LabelledFrame, LabelledImage

_KINDS: Final = {"rectangle": "box"}
_MAX_FRAME: Final = 10_000_000
_MAX_SMALL: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class _Listed:
    """An image of the manifest."""

    name: str
    size: tuple[int, int]


class CvatBackup(Reader):
    """See the module. All shapes are held in memory, because jobs need not be in order."""

    PIXELS = PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        self._file = path / "annotations.json" if path.is_dir() else path
        folder = self._file.parent
        self._listed = self._manifest(folder / "data" / "manifest.jsonl")
        joints, ids = self._task(folder / "task.json")
        self._ids = ids
        self._by_frame: dict[int, list[Shape]] = {}
        self._labels: set[str] = set()
        self._read()
        points = {
            shape.label
            for shapes in self._by_frame.values()
            for shape in shapes
            if shape.kind == "points" and len(shape.points) == 1
        }
        if points:
            joints[""] = sorted(points)
            self._labels -= points
        self._people = People(joints, self.options.choices, self.rule.shift)

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        roles = roles_of(self._labels, self.options.choices.infant)
        numbers = sorted({*self._by_frame, *self._listed})
        for number, frame in enumerate(numbers, 1):
            listed = self._listed.get(frame)
            name = listed.name if listed else f"frame_{frame:06d}.jpg"
            size = listed.size if listed and all(listed.size) else self.sizes.of(name)
            image = LabelledImage(number, name, *size, source={"file": self.name, "frame": frame})
            spot = Spot(self.findings, f"frame {frame}", name)
            people = self._people.of(self._by_frame.get(frame, []), size, spot)
            yield frame_of(image, people, roles)

    def _manifest(self, path: Path) -> dict[int, _Listed]:
        if not path.is_file():
            self.note("There is no data/manifest.jsonl: images are named by their frame numbers.")
            return {}
        check_size(path, _MAX_SMALL)
        found: list[_Listed] = []
        for line in path.read_bytes().splitlines():
            try:
                told = orjson.loads(line) if line.strip() else {}
            except orjson.JSONDecodeError as error:
                raise self.invalid("a line of it is no JSON", path.name) from error
            if not isinstance(told, dict) or not isinstance(told.get("name"), str):
                continue
            extension = told.get("extension")
            name = told["name"] + (extension if isinstance(extension, str) else "")
            sides = [n if type(n := told.get(k)) is int else 0 for k in ("width", "height")]
            found.append(_Listed(name, (max(0, sides[0]), max(0, sides[1]))))
        return dict(enumerate(found))

    def _task(self, path: Path) -> tuple[dict[str, list[str]], dict[int, str]]:
        """Joints by label, and labels by id where it has ids."""
        if not path.is_file():
            return {}, {}
        check_size(path, _MAX_SMALL)
        try:
            told = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            raise self.invalid("this is no JSON", path.name) from error
        labels = told.get("labels") if isinstance(told, dict) else None
        joints: dict[str, list[str]] = {}
        ids: dict[int, str] = {}
        for label in _dicts(labels):
            names = [str(sub.get("name")) for sub in _dicts(label.get("sublabels"))]
            if names:
                joints[str(label.get("name"))] = names
            for known in (label, *_dicts(label.get("sublabels"))):
                if type(known.get("id")) is int:
                    ids[known["id"]] = str(known.get("name"))
        return joints, ids

    def _read(self) -> None:
        check_size(self._file, self.options.max_bytes)
        try:
            with self._file.open("rb") as file:
                stream = JsonStream(file, max_bytes=self.options.max_bytes)
                if stream.root() == "object":
                    jobs: Iterable[Any] = [_members(stream)]
                else:
                    jobs = stream.elements()
                for i, job in enumerate(jobs):
                    self._job(job, f"[{i}]")
        except JsonFault as error:
            raise self.invalid(str(error), self._file.name) from error

    def _job(self, job: Any, where: str) -> None:
        if not isinstance(job, dict) or not ("shapes" in job or "tracks" in job):
            raise self.invalid("these are no annotations of CVAT", self._file.name)
        tags = len(_dicts(job.get("tags")))
        self.losses.add("{n} tag was left out.", "{n} tags were left out.", tags)
        for i, told in enumerate(job.get("shapes") or []):
            self._take(told, Spot(self.findings, f"{where}.shapes[{i}]"))
        tracks = _dicts(job.get("tracks"))
        if tracks:
            self.note("Of tracks the key frames were read, not what lies between them.")
        for i, track in enumerate(tracks):
            spot = Spot(self.findings, f"{where}.tracks[{i}]")
            for told in _key_frames(track, f"track {i}"):
                self._take(told, spot)

    def _take(self, told: Any, spot: Spot) -> None:
        try:
            frame = told.get("frame") if isinstance(told, dict) else None
            if type(frame) is not int or not 0 <= frame <= _MAX_FRAME:
                raise BadShape(f"frame {shown(frame)}")
            shape = self._shape(told)
        except BadShape as error:
            spot.odd(Odd.ANNOTATION_UNREADABLE, "", str(error))
            return
        self._labels.add(shape.label)
        self._by_frame.setdefault(frame, []).append(shape)

    def _shape(self, told: Mapping[str, Any]) -> Shape:
        kind, label = told.get("type"), told.get("label", self._ids.get(told.get("label_id", -1)))
        if not isinstance(kind, str) or not isinstance(label, str):
            raise BadShape(
                "type or label is missing; label_id alone needs the ids in a task.json beside it"
            )
        attributes = len(_dicts(told.get("attributes")))
        self.losses.add(
            "{n} attribute of shapes was left out.",
            "{n} attributes of shapes were left out.",
            attributes,
        )
        kind = _KINDS.get(kind, kind)
        group = told.get("group", 0)
        shape = Shape(
            kind,
            label,
            occluded=told.get("occluded") is True,
            outside=told.get("outside") is True,
            group=group if type(group) is int and group > 0 else 0,
            track=str(told.get("track", "")),
            turned=bool(told.get("rotation")),
        )
        if kind == "skeleton":
            elements = tuple(self._shape(element) for element in _dicts(told.get("elements")))
            return replace(shape, elements=elements)
        numbers = _numbers(told.get("points"))
        if kind == "mask":
            if len(numbers) < 5 or any(not n.is_integer() for n in numbers):
                raise BadShape("run lengths and four corners were expected")
            *runs, left, top, right, bottom = map(int, numbers)
            place = (left, top, right - left + 1, bottom - top + 1)
            return replace(shape, runs=tuple(runs), place=place)
        if len(numbers) % 2 or (kind == "box" and len(numbers) != 4):
            raise BadShape(f"{len(numbers)} numbers in the points of a {kind}")
        points = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        return replace(shape, points=points)


def _members(stream: JsonStream) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, Iterator) else value
        for name, value in stream.members()
    }


def _key_frames(track: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The shapes of a track, each with its label; of a skeleton with its elements' shapes."""
    common = {"label": track.get("label"), "label_id": track.get("label_id"), "track": name}
    common = {key: value for key, value in common.items() if value is not None}
    for shape in _dicts(track.get("shapes")):
        elements = [
            {**found, "label": element.get("label"), "label_id": element.get("label_id", -1)}
            for element in _dicts(track.get("elements"))
            for found in _dicts(element.get("shapes"))
            if found.get("frame") == shape.get("frame")
        ]
        yield {**shape, **common, **({"elements": elements} if elements else {})}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _numbers(value: Any) -> list[float]:
    found = value if isinstance(value, list) else []
    sound = all(
        type(n) in (int, float) and math.isfinite(n) and abs(n) <= MAX_COORDINATE for n in found
    )
    if not found or not sound:
        raise BadShape(f"points: {shown(value)}")
    return [float(n) for n in found]
