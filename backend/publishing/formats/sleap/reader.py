"""SLEAP's ``.slp``, read. Layout, sources and pixels: ``sleap.layout``.

Where a person corrected a predicted instance, the prediction that it came from is left out. Masks,
boxes, identities and regions of newer files are left out and named; embedded pictures are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.oddities import Odd
from backend.domain.pixels import PixelRule
from backend.domain.skeleton import N_JOINTS
from backend.domain.skeleton_maps import SkeletonMap
from backend.publishing.formats.findings import Findings, Spot, shown
from backend.publishing.formats.hdf5 import Hdf5, opened
from backend.publishing.formats.reading import (
    Reader,
    ReadOptions,
    frame_of,
    roles_of,
    skeleton_map,
)
from backend.publishing.formats.shapes import MAX_COORDINATE
from backend.publishing.formats.sleap.layout import (
    FRAME,
    INDEX_SINCE,
    INSTANCE,
    MODEL,
    PIXELS,
    POINT,
)
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledPerson,
    PersonMarks,
    VideoFrame,
)

Records = NDArray[Any]
_LEFT_OUT: Final = ("masks", "bboxes", "rois", "identities_json", "label_images", "centroids")
_MAX_NODES: Final = 10_000
_MAX_SIDE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Video:
    """A video: its file, or the images that it is made of; and their size."""

    file: str
    images: tuple[str, ...]
    size: tuple[int, int]


class Sleap(Reader):
    """See the module. The arrays are held in memory."""

    PIXELS = PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        with opened(path, self.options.max_bytes) as file:
            about = self._metadata(file)
            told = file.attribute("metadata", "format_id")
            self._legacy = told is not None and float(told) < INDEX_SINCE
            self._frames = _records(file, "frames", tuple(FRAME.names or ()))
            self._instances = _records(file, "instances", tuple(INSTANCE.names or ())[:-1])
            self._points = _records(file, "points", tuple(POINT.names or ())[:3])
            self._predicted = _records(file, "pred_points", ("x", "y", "visible", "score"))
            self._videos = [self._video(text) for text in file.texts("videos_json")]
            self._tracks = [self._track(text) for text in file.texts("tracks_json")]
            more = [name for name in _LEFT_OUT if file.has(name)]
        if more:
            self.note(f"Left out: {', '.join(more)}.")
        self._skeletons = self._read_skeletons(about)

    @property
    def rule(self) -> PixelRule:
        """As chosen, else by the version of the file."""
        chosen = self.options.choices.pixels
        return chosen or (PixelRule.CONTINUOUS if self._legacy else PIXELS)

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        several = len(self._skeletons) > 1
        labels = {name for name, _ in self._skeletons} - {""} if several else set()
        roles = roles_of(labels, self.options.choices.infant)
        for number, frame in enumerate(self._frames, 1):
            where = f"frames[{number - 1}]"
            image = self._image(number, int(frame["video"]), int(frame["frame_idx"]), where)
            if image is None:
                continue
            spot = Spot(self.findings, where, image.file_name)
            start, end = int(frame["instance_id_start"]), int(frame["instance_id_end"])
            if not 0 <= start <= end <= len(self._instances):
                spot.odd(Odd.ANNOTATION_UNREADABLE, "", f"instances {start} to {end}")
                continue
            found = self._instances[start:end]
            corrected = {int(one["from_predicted"]) for one in found} - {-1}
            people = []
            for i, one in enumerate(found, start):
                if i in corrected or int(one["instance_id"]) in corrected:
                    self.losses.add(
                        "{n} prediction that a person corrected was left out.",
                        "{n} predictions that people corrected were left out.",
                    )
                    continue
                person = self._person(one, spot, named=several)
                people += [person] if person else []
            yield frame_of(image, people, roles)

    # The file as a whole

    def _metadata(self, file: Hdf5) -> dict[str, Any]:
        text = file.attribute("metadata", "json")
        raw = bytes(text) if isinstance(text, bytes) else str(text or "").encode()
        try:
            about = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise self.invalid("this is no SLEAP file: metadata holds no JSON") from error
        if not isinstance(about, dict):
            raise self.invalid("this is no SLEAP file: metadata holds no JSON")
        return about

    def _read_skeletons(
        self, about: Mapping[str, Any]
    ) -> list[tuple[str, tuple[int, SkeletonMap | None]]]:
        """Name, number of nodes, and map of each skeleton."""
        nodes = [node.get("name") for node in _dicts(about.get("nodes"))]
        skeletons = []
        for i, told in enumerate(_dicts(about.get("skeletons"))):
            graph = told.get("graph")
            name = graph.get("name") if isinstance(graph, dict) else None
            ids = [node.get("id") for node in _dicts(told.get("nodes"))]
            sound = all(type(n) is int and 0 <= n < len(nodes) for n in ids)
            if not sound or len(ids) > _MAX_NODES:
                raise self.invalid(f"the nodes of skeleton {i} are not among the file's")
            names = [str(nodes[n]) for n in ids if type(n) is int]
            spot = Spot(self.findings, f"skeletons[{i}]")
            label = str(name or "")
            known = skeleton_map(names, self.options.choices, spot, of=label)
            skeletons.append((label, (len(names), known)))
        if not any(known for _, (_, known) in skeletons):
            raise self.invalid("none of its skeletons is a person's; name one, or map its joints")
        return skeletons

    def _video(self, text: str) -> _Video:
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise self.invalid("videos_json holds no JSON") from error
        told = told if isinstance(told, dict) else {}
        backend = told.get("backend")
        backend = backend if isinstance(backend, dict) else {}
        name = told.get("filename") or backend.get("filename") or ""
        if backend.get("dataset"):
            self.note("Pictures inside of the file are not read: send video or images beside it.")
        images = backend.get("filenames") or (name if isinstance(name, list) else [])
        shape = backend.get("shape")
        sides = shape[1:3] if isinstance(shape, list) and len(shape) == 4 else []
        if len(sides) != 2:
            sides = [backend.get("height_"), backend.get("width_")]
        known = all(type(n) is int and 0 < n <= _MAX_SIDE for n in sides)
        size = (int(sides[1]), int(sides[0])) if known else (0, 0)
        listed = images if isinstance(images, list) else []
        return _Video(
            name if isinstance(name, str) else "", tuple(str(image) for image in listed), size
        )

    def _track(self, text: str) -> str:
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise self.invalid("tracks_json holds no JSON") from error
        return str(told[1]) if isinstance(told, list) and len(told) == 2 else ""

    # One image

    def _image(self, number: int, video: int, index: int, where: str) -> LabelledImage | None:
        if video >= len(self._videos):
            self.findings.odd(Odd.IMAGE_UNREADABLE, where, f"there is no video {video}")
            return None
        found = self._videos[video]
        if found.images:
            if index >= len(found.images):
                self.findings.odd(Odd.IMAGE_UNREADABLE, where, f"there is no image {index}")
                return None
            name = found.images[index].replace("\\", "/")
            size = found.size if all(found.size) else self.sizes.of(name)
            return LabelledImage(number, name, *size)
        stem = Path(found.file.replace("\\", "/")).stem
        name = f"{stem}/frame_{index:06d}.jpg" if stem else f"frame_{index:06d}.jpg"
        size = found.size if all(found.size) else self.sizes.of(name)
        return LabelledImage(number, name, *size, video=VideoFrame(found.file, index))

    def _person(self, one: Any, spot: Spot, *, named: bool) -> LabelledPerson | None:
        which = int(one["skeleton"])
        if which >= len(self._skeletons):
            spot.odd(Odd.ANNOTATION_UNREADABLE, "", f"there is no skeleton {which}")
            return None
        name, (count, known) = self._skeletons[which]
        if known is None:
            return None
        by_model = int(one["instance_type"]) == MODEL
        points = self._predicted if by_model else self._points
        start, end = int(one["point_id_start"]), int(one["point_id_end"])
        if not 0 <= start <= end <= len(points) or end - start != count:
            spot.odd(Odd.JOINTS_WRONG_LENGTH, "", f"points {start} to {end}, {count} are wanted")
            return None
        joints = [ABSENT_JOINT] * N_JOINTS
        scores = [0.0] * N_JOINTS
        shift = self.rule.shift
        for target, source in enumerate(known.sources):
            if source is None:
                continue
            point = points[start + source]
            x, y = float(point["x"]), float(point["y"])
            if np.isnan(x) and np.isnan(y):
                continue
            if not (abs(x) <= MAX_COORDINATE and abs(y) <= MAX_COORDINATE):
                spot.odd(Odd.JOINT_NOT_A_NUMBER, "", shown((x, y)))
                continue
            seen = bool(point["visible"])
            if by_model:
                scores[target] = float(point["score"])
                seen = seen and scores[target] >= LOW_SCORE
            visibility = Visibility.VISIBLE if seen else Visibility.OCCLUDED
            joints[target] = Joint(x + shift, y + shift, visibility)
        track = int(one["track"])
        score = float(one["score"])
        return LabelledPerson(
            Skeleton(tuple(joints)),
            marks=PersonMarks(
                name if named else "",
                self._tracks[track] if 0 <= track < len(self._tracks) else "",
                score if by_model and np.isfinite(score) else None,
                tuple(scores) if by_model else None,
            ),
        )


def _records(file: Hdf5, path: str, wanted: tuple[str, ...]) -> Records:
    """Records with all the wanted fields; none where the array is missing."""
    if not file.has(path):
        return np.zeros(0, [(name, "f8") for name in wanted])
    found = file.array(path)
    if found.ndim != 1 or not set(wanted) <= set(found.dtype.names or ()):
        raise file.invalid(f"{path} lacks one of {', '.join(wanted)}")
    return found


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
