"""Real film: joints placed by hand, every other or two of three frames left out of the evidence.

No pre-labels are given: no model that fits real people is at hand where this runs. So it measures
how far a person's marks travel by the motion of the picture, the other cameras and the body alone,
against linear interpolation between the same marks.

The frames are given one after the other, as the product is told them: each as far from the others
as there is one, as frames to check by are. What is foretold of a frame before it is given tells the
engine how sure it may be. All cameras are told a moment at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain import flow_grids
from backend.domain.cameras import Camera
from backend.domain.skeleton import JOINTS
from backend.domain.trajectories import sureness
from backend.domain.trajectories.answer import RADII, Answer, radius
from backend.domain.trajectories.evidence import CameraEvidence, Flow, FlowGrid, SessionEvidence
from backend.domain.trajectories.solve import solve
from benchmarks.calibrate_cameras import MARKS, ROOT, marked_points
from benchmarks.table import Row
from worker.calibration.files import read_cameras
from worker.calibration.points import place_cameras
from worker.calibration.resize import camera_at
from worker.propagation import flow

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Film:
    """One camera's frames from the first mark to the last. marks: (T, 17, 2) NaN where none."""

    grey: list[NDArray[np.uint8]]
    marks: Array
    fps: float
    camera: Camera | None = None


def folder() -> Path:
    return Path(os.environ.get("INFANTNET_SHARED_DATA") or ROOT.parent / "shared" / "data")


def bedroom() -> list[Film]:
    document = json.loads((MARKS / "bedroom_joints.json").read_text())
    frames = [m["frame"] for m in document["moments"]]
    path = folder() / "children_bedroom" / "bedroom.mp4"
    grey = _decoded(path, frames[0], frames[-1])
    marks = np.full((len(grey), 17, 2), np.nan)
    for moment in document["moments"]:
        for name, place in moment["joints"].items():
            marks[moment["frame"] - frames[0], JOINTS.index(name)] = place
    return [Film(grey, marks, document["fps"])]


def walk() -> list[Film]:
    document = json.loads((MARKS / "walking_joints.json").read_text())
    frames = [m["frame"] for m in document["moments"]]
    real = folder() / "multiview_4cam"
    reference = read_cameras([real / "reference_calibration.qca.txt"]).cameras
    films = []
    for camera in place_cameras(reference, marked_points()).cameras:
        grey = _decoded(real / "videos" / f"{camera.name}.mp4", frames[0], frames[-1])
        marks = np.full((len(grey), 17, 2), np.nan)
        for moment in document["moments"]:
            for name, seen in moment["joints"].items():
                if camera.name in seen:
                    place = seen[camera.name]
                    marks[moment["frame"] - frames[0], JOINTS.index(name)] = place
        fitting = camera_at(camera, tuple(document["sizes"][camera.name]))
        films.append(Film(grey, marks, 60.0, fitting))
    return films


def rows(title: str, films: Sequence[Film], every: int) -> list[Row]:
    """Errors at the marked frames that were left out; each ``every``-th marked one is given."""
    given = [_given(film, every) for film in films]
    cameras = tuple(_evidence(f, marks) for f, marks in zip(films, given, strict=True))
    answer = _told(cameras)
    ours, linear, chained, radii = [], [], [], []
    for film, marks, found, known in zip(films, given, answer.cameras, cameras, strict=True):
        out = np.isfinite(film.marks[..., 0]) & ~np.isfinite(marks[..., 0])
        straight = _linear(marks)
        out &= np.isfinite(straight[..., 0])
        ours.append(np.linalg.norm(found.positions - film.marks, axis=-1)[out])
        linear.append(np.linalg.norm(straight - film.marks, axis=-1)[out])
        assert known.flow is not None
        followed = _followed(marks, known.flow)
        chained.append(np.linalg.norm(followed - film.marks, axis=-1)[out])
        radii.append(found.sigmas[out])
    a, b, c, sigma = (np.concatenate(x) for x in (ours, linear, chained, radii))
    gap = np.diff(np.flatnonzero(np.isfinite(given[0]).any(axis=(1, 2))))
    what = f"{title}: {len(a)} marks left out, a given frame each {gap.max() / films[0].fps:.2f} s"
    inside = [f"{100 * (a <= radius(sigma, share)).mean():.0f}" for share, _ in RADII]
    return [
        Row(what, f"{a.mean():.1f} px mean, {np.median(a):.1f} median",
            f"linear: {b.mean():.1f}, {np.median(b):.1f}", b.mean() / a.mean(), "ratio >= 1",
            bool(a.mean() <= b.mean())),
        Row("… against flow, chained, drift spread evenly", f"{a.mean():.1f} px mean",
            f"chained: {c.mean():.1f}, {np.median(c):.1f}", c.mean() / a.mean(), "ratio >= 1",
            bool(a.mean() <= c.mean())),
        Row("… 90th percentile", f"{np.percentile(a, 90):.1f} px",
            f"linear: {np.percentile(b, 90):.1f}", None, "-", None),
        Row("… within the radius stated for 50, 80, 95 %", ", ".join(inside) + " %", "-", None,
            "-", None),
    ]  # fmt: skip


def _told(cameras: tuple[CameraEvidence, ...]) -> Answer:
    """The answer to cameras whose marks were given one moment after the other."""
    n = len(cameras[0])
    several = len(cameras) > 1
    moments = np.repeat(np.arange(n)[:, None], len(cameras), axis=1)
    session = SessionEvidence(
        tuple(_untold(c) for c in cameras), moments if several else np.zeros((0, 0), np.int64)
    )
    given = np.flatnonzero(cameras[0].said.any(1))
    for turn, frame in enumerate(_far_apart(given)):
        now = session.cameras
        if turn >= _KNOWN:
            answer = solve(session)
            now = tuple(
                sureness.foretell(c, a, frame, sureness.CHECKED)
                for c, a in zip(now, answer.cameras, strict=True)
            )
        session = replace(
            session, cameras=tuple(_with(c, k, frame) for c, k in zip(now, cameras, strict=True))
        )
    return solve(session)


_KNOWN = 2
"""Before so many frames are given nothing carries from one to another."""


def _far_apart(frames: NDArray[np.int64]) -> list[int]:
    """The first, the last, and then always the frame that is farthest from those before."""
    order = [int(frames[0]), int(frames[-1])]
    left = [int(f) for f in frames[1:-1]]
    while left:
        order.append(max(left, key=lambda f: min(abs(f - o) for o in order)))
        left.remove(order[-1])
    return order


def _untold(evidence: CameraEvidence) -> CameraEvidence:
    return replace(
        evidence,
        confirmed=np.full_like(evidence.confirmed, np.nan),
        confirmed_visibility=np.full_like(evidence.confirmed_visibility, -1),
    )


def _with(evidence: CameraEvidence, whole: CameraEvidence, frame: int) -> CameraEvidence:
    """The evidence with a frame told as in ``whole``; joints without a mark are left out of it."""
    said, seen = evidence.confirmed.copy(), evidence.confirmed_visibility.copy()
    said[frame] = whole.confirmed[frame]
    seen[frame] = np.where(whole.said[frame], 2, 0)
    return replace(evidence, confirmed=said, confirmed_visibility=seen)


def _given(film: Film, every: int) -> Array:
    marked = np.flatnonzero(np.isfinite(film.marks).any(axis=(1, 2)))
    kept = np.r_[marked[::every], marked[-1:]]
    out = np.full_like(film.marks, np.nan)
    out[kept] = film.marks[kept]
    return out


def _linear(marks: Array) -> Array:
    out = np.full_like(marks, np.nan)
    for j in range(17):
        known = np.flatnonzero(np.isfinite(marks[:, j, 0]))
        if len(known) < 2:
            continue
        now = np.arange(known[0], known[-1] + 1)
        for k in range(2):
            out[now, j, k] = np.interp(now, known, marks[known, j, k])
    return out


def _followed(marks: Array, motion: Flow) -> Array:
    """Each mark carried along by the flow to the next one; what it misses by is spread evenly."""
    out = _linear(marks)
    for j in range(17):
        known = np.flatnonzero(np.isfinite(marks[:, j, 0]))
        for a, b in pairwise(known):
            way = [marks[a, j]]
            for t in range(a, b):
                way.append(way[-1] + _moved(motion, t, way[-1]))
            miss = marks[b, j] - way[-1]
            share = np.linspace(0, 1, b - a + 1)[:, None]
            out[a : b + 1, j] = np.stack(way) + share * miss
    return out


def _moved(motion: Flow, t: int, at: Array) -> Array:
    """By which a point moves to the next frame, between the nodes of the grid."""
    grid = motion.displacement[t].astype(float)
    place = np.clip((at - motion.origin[t]) / motion.step[t], 0, grid.shape[0] - 1.001)
    (x, y), (u, v) = place.astype(int), place % 1
    upper = (1 - u) * grid[y, x] + u * grid[y, x + 1]
    lower = (1 - u) * grid[y + 1, x] + u * grid[y + 1, x + 1]
    return np.asarray((1 - v) * upper + v * lower)


def _evidence(film: Film, marks: Array) -> CameraEvidence:
    n = len(film.grey)
    height, width = film.grey[0].shape
    straight = _linear(marks)
    grids: list[FlowGrid | None] = []
    for t in range(n - 1):
        people = []
        for k in (t, t + 1):
            known = straight[k][np.isfinite(straight[k, :, 0])]
            if len(known):
                (left, top), (right, bottom) = known.min(axis=0), known.max(axis=0)
                people.append((left, top, right, bottom))
        square = flow_grids.square_around(people, width, height)
        link = flow.measure(film.grey[t], film.grey[t + 1], square)
        trust = link.reliability.astype(np.float32) / flow_grids.FULL
        grids.append(FlowGrid(link.origin, link.step, link.displacement, trust))
    said = np.isfinite(marks[..., 0])
    return CameraEvidence(
        times=np.arange(n) / film.fps,
        width=width,
        height=height,
        marks=np.full((n, 17, 2), np.nan),
        scores=np.zeros((n, 17)),
        confirmed=marks,
        confirmed_visibility=np.where(said, 2, -1).astype(np.int64),
        discarded=np.zeros(n, bool),
        flow=Flow.of(grids),
        camera=film.camera,
    )


def _decoded(path: Path, first: int, last: int) -> list[NDArray[np.uint8]]:
    out = []
    with av.open(str(path)) as container:
        for k, frame in enumerate(container.decode(video=0)):
            if k > last:
                break
            if k >= first:
                out.append(cv2.cvtColor(frame.to_ndarray(format="rgb24"), cv2.COLOR_RGB2GRAY))
    return [np.asarray(image, np.uint8) for image in out]
