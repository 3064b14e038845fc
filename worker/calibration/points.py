"""Cameras from scene points of known position that somebody clicked in their pictures.

Each camera is placed on its own (perspective-n-point, then least reprojection error on the real
lens); together they are then held against each other: each point is triangulated from all cameras
and compared with where it was said to be.

Pixels here are in *our* convention ((0, 0) = outer corner of the first pixel), as people click.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.pixels import OPENCV, to_outside
from backend.domain.views import triangulate
from worker.calibration.poses import object_poses, project, rms
from worker.calibration.uncertainty import pose_covariance

Array = NDArray[np.float64]

MIN_POINTS: Final = 4
GOOD_RMS_PX: Final = 5.0
_FAILED_RMS_PX: Final = 60.0
_MARK_SD_PX: Final = 1.5
"""How far off people click a point, in each direction, at the loupe."""


@dataclass(frozen=True, slots=True)
class ScenePoint:
    """A point of known position, and where cameras see it.

    Attributes:
        name: What people call it.
        xyz: (3,) metres in the world.
        seen: Pixels (x, y) by camera name, our image convention.
    """

    name: str
    xyz: tuple[float, float, float]
    seen: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class PointCheck:
    """What the placed cameras say of one point.

    errors_px: distance from click to projection by camera name. apart_mm: distance between the
    point triangulated from all its clicks and its said position; None with fewer than two.
    """

    name: str
    errors_px: Mapping[str, float]
    apart_mm: float | None


@dataclass(frozen=True, slots=True)
class PointsResult:
    """Placed cameras (those without enough points have no pose), and how well they agree."""

    cameras: tuple[Camera, ...]
    rms_px: float
    camera_rms_px: tuple[float, ...]
    points: tuple[PointCheck, ...]
    dropped: tuple[tuple[str, str, float], ...]
    """(camera, point, px) of clicks that were left out because the others contradict them."""
    warnings: tuple[str, ...] = field(default=())


def place_cameras(cameras: Sequence[Camera], points: Sequence[ScenePoint]) -> PointsResult:
    """Place cameras by points of known position.

    Args:
        cameras: Cameras with known lenses.
        points: At least four that a camera sees and that do not lie on a line; six or more, not
            all in one plane, are better.

    Raises:
        InvalidInput: positions are impossible (wrong unit?), no camera sees enough points, or a
            camera's clicks fit no place at all.
    """
    _check(cameras, points)
    placed: list[Camera] = []
    levels: list[float] = []
    warnings: list[str] = []
    dropped: list[tuple[str, str, float]] = []
    for camera in cameras:
        mine = [p for p in points if camera.name in p.seen]
        if len(mine) < MIN_POINTS:
            warnings.append(
                f"{camera.name} has no place: {len(mine)} points marked, {MIN_POINTS} are needed."
            )
            placed.append(replace(camera, T_camera_world=None))
            levels.append(float("nan"))
            continue
        there, level, wrong = _place(camera, mine)
        placed.append(there)
        levels.append(level)
        dropped += [(camera.name, name, miss) for name, miss in wrong]
        warnings += [
            f"{camera.name}: {name} was left out, {miss:.0f} px from where the others put it."
            for name, miss in wrong
        ]
        if level > GOOD_RMS_PX:
            warnings.append(
                f"{camera.name}: the points fit only to within {level:.1f} px; check them."
            )
    if not any(camera.placed for camera in placed):
        raise InvalidInput(
            f"No camera sees {MIN_POINTS} points; mark at least {MIN_POINTS} in each camera.",
            fault="too few points",
        )
    checks = _joint_check(placed, points)
    good = [level for level in levels if np.isfinite(level)]
    return PointsResult(
        tuple(placed), float(np.sqrt(np.mean(np.square(good)))), tuple(levels), tuple(checks),
        tuple(dropped), tuple(warnings),
    )  # fmt: skip


def _check(cameras: Sequence[Camera], points: Sequence[ScenePoint]) -> None:
    by_name = {camera.name: camera for camera in cameras}
    xyz = np.array([p.xyz for p in points], float).reshape(-1, 3)
    if len(points) < MIN_POINTS:
        raise InvalidInput(
            f"{len(points)} points; at least {MIN_POINTS} are needed.", fault="too few points"
        )
    if not np.isfinite(xyz).all():
        raise InvalidInput("A point's position is not a number.", fault="position not a number")
    extent = float(np.linalg.norm(xyz.max(axis=0) - xyz.min(axis=0)))
    if not 0.05 <= extent <= 100:
        raise InvalidInput(
            f"The points lie {extent:g} m apart at most. Positions are in metres: are these"
            f" {'millimetres' if extent > 100 else 'other units'}?",
            fault="implausible units",
        )
    for point in points:
        for name, (x, y) in point.seen.items():
            camera = by_name.get(name)
            if camera is None:
                raise InvalidInput(
                    f"{point.name} is marked in {name}, which is none of the cameras"
                    f" ({', '.join(by_name)}).",
                    fault="unknown camera",
                )
            if not (-1 <= x <= camera.width + 1 and -1 <= y <= camera.height + 1):
                raise InvalidInput(
                    f"{point.name} in {name}: ({x:g}, {y:g}) lies outside its"
                    f" {camera.width}×{camera.height} pixels.",
                    fault="mark outside the image",
                )


def _place(camera: Camera, mine: list[ScenePoint]) -> tuple[Camera, float, list[tuple[str, float]]]:
    xyz = np.array([p.xyz for p in mine], float)
    pixels = to_outside([p.seen[camera.name] for p in mine], OPENCV)
    spread = np.linalg.svd(xyz - xyz.mean(axis=0), compute_uv=False)
    if spread[1] < 0.02 * spread[0]:
        raise InvalidInput(
            f"{camera.name}: its points lie on one line; they do not determine where it stands.",
            fault="points on a line",
        )
    T, level = _best_pose(camera, xyz, pixels)
    wrong: list[tuple[str, float]] = []
    keep = np.arange(len(mine))
    # One wrong click (two points swapped count as two) must not carry a camera away.
    while level > GOOD_RMS_PX and len(keep) >= 6 and len(wrong) < len(mine) // 3:
        trials = [_best_pose(camera, xyz[rest], pixels[rest])
                  for rest in combinations_without_one(keep)]  # fmt: skip
        best = int(np.argmin([error for _, error in trials]))
        if trials[best][1] > 0.5 * level:
            break
        k = int(keep[best])
        keep = np.delete(keep, best)
        T, level = trials[best]
        wrong.append((mine[k].name, rms(project(camera, T, xyz[k : k + 1]) - pixels[k])))
    if level > _FAILED_RMS_PX:
        raise InvalidInput(
            f"{camera.name}: no position explains its points (RMS {level:.0f} px). Are points "
            "swapped,"
            " or are positions in a unit other than metres?",
            fault="points do not fit",
        )
    marks = np.array([mine[k].seen[camera.name] for k in keep], float)
    known = pose_covariance(camera, T, xyz[keep], marks, _MARK_SD_PX)
    return replace(camera, T_camera_world=T, covariance=known), level, wrong


def combinations_without_one(indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """All subsets that lack one index, in the order of what they lack."""
    subsets = [np.array(c) for c in combinations(indices.tolist(), len(indices) - 1)]
    return subsets[::-1]


def _best_pose(camera: Camera, xyz: Array, pixels: Array) -> tuple[Array, float]:
    poses = object_poses(camera, xyz, pixels)
    if not poses:
        return np.eye(4), float("inf")
    return poses[0]


def _joint_check(cameras: Sequence[Camera], points: Sequence[ScenePoint]) -> list[PointCheck]:
    placed = [camera for camera in cameras if camera.placed]
    out = []
    for point in points:
        pixels = np.array([point.seen.get(c.name, (np.nan, np.nan)) for c in placed], float)
        there = np.array([c.project(point.xyz) for c in placed])
        miss = np.linalg.norm(there - pixels, axis=1)
        apart = None
        if np.isfinite(pixels).all(axis=1).sum() >= 2:
            found = triangulate(placed, pixels)
            apart = float(np.linalg.norm(found - np.asarray(point.xyz)) * 1000)
        errors = {c.name: float(e) for c, e in zip(placed, miss, strict=True) if np.isfinite(e)}
        out.append(PointCheck(point.name, errors, apart))
    return out


def as_points(value: Any, source: str) -> list[ScenePoint]:
    """Scene points from JSON: ``[{"name", "xyz": [m, m, m], "seen": {camera: [x, y]}}, …]``.

    Raises:
        InvalidInput: the value is not that.
    """
    if isinstance(value, Mapping):
        value = value.get("points")
    if not isinstance(value, list):
        raise InvalidInput(f"{source}: no list of points.", file=source, fault="not a list")
    out = []
    for number, entry in enumerate(value, start=1):
        try:
            x, y, z = (float(v) for v in entry["xyz"])
            seen = {str(k): (float(a), float(b)) for k, (a, b) in entry["seen"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(
                f"{source}: point {number} needs xyz (3 numbers) and seen (x, y by camera).",
                file=source,
                fault=f"point {number} is incomplete",
            ) from error
        out.append(ScenePoint(str(entry.get("name") or f"point {number}"), (x, y, z), seen))
    return out
