"""SLEAP's ``.slp``, written. Layout, sources and pixels: ``sleap.layout``.

There is one skeleton, COCO's. People with scores are predicted instances. Images of a size are one
video of images; frames of a video name it. Memory grows with the people, about 500 bytes each.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np
import orjson

from backend.domain.keypoints import Visibility
from backend.domain.skeleton import EDGES, JOINTS, N_JOINTS, PAIRS
from backend.publishing.formats.holding import Losses
from backend.publishing.formats.sleap.layout import (
    FORMAT_ID,
    FRAME,
    HOLDS,
    INSTANCE,
    MODEL,
    PIXELS,
    POINT,
    PREDICTED,
    USER,
)
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson


def write(frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions) -> Written:
    """Write the file."""
    losses = Losses(HOLDS)
    made = _Arrays()
    for frame in frames:
        losses.see(frame)
        made.add(frame)
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        path = Path(folder) / "labels.slp"
        with h5py.File(path, "w") as file:
            made.write(file)
        with path.open("rb") as done:
            shutil.copyfileobj(done, target)
    return Written(len(made.frames), len(made.instances), notes=losses.notes())


class _Arrays:
    """The arrays of a file, as they grow."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, ...]] = []
        self.instances: list[tuple[float, ...]] = []
        self.points: list[tuple[float, ...]] = []
        self.predicted: list[tuple[float, ...]] = []
        self.videos: dict[tuple[str, int, int], list[str]] = {}
        self.tracks: dict[str, int] = {}

    def add(self, frame: LabelledFrame) -> None:
        image = frame.image
        key = (image.video.file if image.video else "", image.width, image.height)
        names = self.videos.setdefault(key, [])
        if image.video is None:
            names.append(image.file_name)
        index = image.video.index if image.video else len(names) - 1
        start, number = len(self.instances), len(self.frames)
        for person in frame.people:
            self._add_person(person, number)
        video = list(self.videos).index(key)
        self.frames.append((number, video, index, start, len(self.instances)))

    def _add_person(self, person: LabelledPerson, frame: int) -> None:
        marks = person.marks
        by_model = marks.score is not None or marks.joint_scores is not None
        points = self.predicted if by_model else self.points
        start = len(points)
        for i, joint in enumerate(person.joints.joints):
            x = joint.x - PIXELS.shift if joint.present else np.nan
            y = joint.y - PIXELS.shift if joint.present else np.nan
            score = marks.joint_scores[i] if marks.joint_scores is not None else 1.0
            visible = joint.visibility is Visibility.VISIBLE
            points.append((x, y, visible, True, *((score,) if by_model else ())))
        track = self.tracks.setdefault(marks.track, len(self.tracks)) if marks.track else -1
        score = np.nan if marks.score is None else marks.score
        self.instances.append(
            (
                len(self.instances),
                MODEL if by_model else USER,
                frame,
                0,
                track,
                -1,
                score if by_model else 0.0,
                start,
                len(points),
                0.0,
            )
        )

    def write(self, file: h5py.File) -> None:
        about = file.create_group("metadata")
        about.attrs["format_id"] = FORMAT_ID
        about.attrs["json"] = np.bytes_(orjson.dumps(_metadata()))
        file.create_dataset("frames", data=np.array(self.frames, FRAME))
        file.create_dataset("instances", data=np.array(self.instances, INSTANCE))
        file.create_dataset("points", data=np.array(self.points, POINT))
        file.create_dataset("pred_points", data=np.array(self.predicted, PREDICTED))
        videos = [_video(*key, names) for key, names in self.videos.items()]
        _put(file, "videos_json", videos)
        _put(file, "tracks_json", [[0, track] for track in self.tracks])
        _put(file, "suggestions_json", [])


def _put(file: h5py.File, name: str, values: list[Any]) -> None:
    texts = [orjson.dumps(value).decode() for value in values]
    file.create_dataset(name, data=texts, shape=(len(texts),), dtype=h5py.string_dtype())


def _video(name: str, width: int, height: int, images: list[str]) -> dict[str, Any]:
    if name:
        shape = [1, height, width, 3] if width else None
        return {
            "filename": name,
            "backend": {"type": "MediaVideo", "filename": name, "shape": shape, "grayscale": False},
        }
    return {
        "filename": images,
        "backend": {
            "type": "ImageVideo",
            "filename": images[0],
            "filenames": images,
            "shape": [len(images), height, width, 3] if width else None,
            "height_": height or None,
            "width_": width or None,
            "channels_": 3,
            "grayscale": False,
        },
    }


def _metadata() -> dict[str, Any]:
    # SLEAP stores its skeletons as jsonpickle writes networkx' graphs; edges are of type 1, left
    # and right joints of type 2, and a type that was there before is named by its number.
    links: list[dict[str, Any]] = []
    for kind, pairs in ((1, EDGES), (2, PAIRS)):
        for i, (a, b) in enumerate(pairs):
            told: dict[str, Any] = {"py/id": kind}
            if i == 0:
                told = {
                    "py/reduce": [
                        {"py/type": "sleap.skeleton.EdgeType"},
                        {"py/tuple": [kind]},
                    ]
                }
            link: dict[str, Any] = {"key": 0, "source": a, "target": b, "type": told}
            links.append(link | ({"edge_insert_idx": i} if kind == 1 else {}))
    skeleton = {
        "directed": True,
        "graph": {"name": "person", "num_edges_inserted": len(EDGES)},
        "links": links,
        "multigraph": True,
        "nodes": [{"id": i} for i in range(N_JOINTS)],
    }
    return {
        "version": "2.0.0",
        "skeletons": [skeleton],
        "nodes": [{"name": name, "weight": 1.0} for name in JOINTS],
        "videos": [],
        "tracks": [],
        "suggestions": [],
        "negative_anchors": {},
        "provenance": {},
    }
