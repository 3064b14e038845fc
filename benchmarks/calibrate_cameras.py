"""How exact calibration is: on a real four-camera recording, and on rendered boards.

``python -m benchmarks.calibrate_cameras`` prints one table for each. The real part needs the
recording's folder (``INFANTNET_SHARED_DATA``); the marks that people made in its pictures are in
``benchmarks/marks``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.demo.truth import load_truth
from backend.domain.cameras import Camera
from backend.domain.skeleton import JOINTS
from backend.domain.views import align_worlds, triangulate
from benchmarks.table import Row, print_table, within_limit
from worker.calibration.boards import Board, BoardView, find_board
from worker.calibration.extrinsics import calibrate_extrinsics
from worker.calibration.files import read_cameras
from worker.calibration.intrinsics import Intrinsics, calibrate_intrinsics
from worker.calibration.points import PointsResult, ScenePoint, as_points, place_cameras
from worker.calibration.poses import angle_deg, inverse
from worker.calibration.resize import camera_at
from worker.calibration.sources import find_views
from worker.synthesis.boards import BoardRenderer, pose_before

Array = NDArray[np.float64]
ROOT = Path(__file__).parents[1]
MARKS = Path(__file__).with_name("marks")
REAL_BOARD = Board(4, 7, 0.06)
LENS_BOARD = Board(5, 9, 0.03)
PLACE_BOARD = Board(11, 7, 0.06)
NAMES = ("cam01", "cam02", "cam03", "cam04")


def focal(camera: Camera) -> float:
    return float(np.sqrt(camera.K[0, 0] * camera.K[1, 1]))


def world_errors(found: Sequence[Camera], truth: Sequence[Camera]) -> tuple[Array, Array]:
    """Distances (mm) and angles (degrees) after the worlds were brought together."""
    T = align_worlds(found, truth)
    moved = [camera.moved(camera.pose @ inverse(T)) for camera in found]
    apart = [np.linalg.norm(a.centre - b.centre) * 1000 for a, b in zip(moved, truth, strict=True)]
    turned = [angle_deg(a.pose, b.pose) for a, b in zip(moved, truth, strict=True)]
    return np.array(apart), np.array(turned)


# The real recording


def real_lenses(folder: Path) -> dict[str, Intrinsics]:
    out = {}
    for name in NAMES:
        files = [(p.name, p) for p in sorted((folder / "intrinsics" / name).glob("*.jpg"))]
        found = find_views(files, REAL_BOARD)
        out[name] = calibrate_intrinsics(
            name, found.views, REAL_BOARD, dropped=tuple(found.dropped), hint=found.hint
        )
    return out


def lens_rows(lenses: dict[str, Intrinsics], reference: Sequence[Camera]) -> list[Row]:
    rows = []
    for camera in reference:
        found = lenses[camera.name]
        used = f"{len(found.views)} views, {len(found.dropped)} left out"
        rows.append(within_limit(f"{camera.name}: RMS ({used})", found.rms_px, "px", 0.5))
        off = 100 * abs(focal(found.camera) / focal(camera) - 1)
        what = f"{camera.name}: focal length {focal(found.camera):.0f} px off the reference"
        rows.append(within_limit(what, off, "%", 1.0))
    return rows


def marked_points() -> list[ScenePoint]:
    points = as_points(json.loads((MARKS / "scene_points.json").read_text()), "scene_points.json")
    # The marks count from the first pixel's centre, ours from its corner.
    return [
        replace(p, seen={name: (x + 0.5, y + 0.5) for name, (x, y) in p.seen.items()})
        for p in points
    ]


def place_rows(label: str, lenses: Sequence[Camera], reference: Sequence[Camera]) -> list[Row]:
    found: PointsResult = place_cameras(lenses, marked_points())
    apart, turned = world_errors(found.cameras, reference)
    triangulated = [check.apart_mm for check in found.points if check.apart_mm is not None]
    return [
        Row(f"{label}: marks to projected points", f"{found.rms_px:.2f} px RMS", "-", None, "-",
            None),
        Row(f"{label}: points triangulated from the marks",
            f"{np.mean(triangulated):.1f} mm (worst {max(triangulated):.1f})", "their known places",
            None, "-", None),
        Row(f"{label}: cameras", f"{np.mean(apart):.0f} mm (worst {max(apart):.0f})",
            "the reference's places", None, "-", None),
        Row(f"{label}: cameras", f"{np.mean(turned):.2f}° (worst {max(turned):.2f}°)",
            "the reference's orientations", None, "-", None),
    ]  # fmt: skip


def joint_rows(label: str, cameras: Sequence[Camera]) -> list[Row]:
    """Reprojection error of joints placed by hand in a dozen moments, by joint."""
    document = json.loads((MARKS / "walking_joints.json").read_text())
    rig = []
    for camera in cameras:
        fitting = camera_at(camera, tuple(document["sizes"][camera.name]))
        assert fitting is not None
        rig.append(fitting)
    unseen = (np.nan, np.nan)
    by_joint: dict[str, list[float]] = {}
    shifts: list[Array] = []
    for moment in document["moments"]:
        for joint, seen in moment["joints"].items():
            pixels = np.array([seen.get(c.name, unseen) for c in rig], float)
            point = triangulate(rig, pixels)
            miss = np.stack([c.project(point) for c in rig]) - pixels
            shifts.append(miss)
            errors = np.linalg.norm(miss, axis=1)
            by_joint.setdefault(joint, []).extend(errors[np.isfinite(errors)].tolist())
    rows = [
        Row(f"{label}: {joint.replace('_', ' ')}",
            f"{np.mean(by_joint[joint]):.1f} px mean,"
            f" {np.percentile(by_joint[joint], 90):.1f} 90th",
            f"{len(by_joint[joint])} marks", None, "-", None)
        for joint in JOINTS if joint in by_joint
    ]  # fmt: skip
    everything = np.concatenate([np.array(errors) for errors in by_joint.values()])
    bias = np.linalg.norm(np.nanmedian(np.stack(shifts), axis=0), axis=1)
    rows += [
        Row(f"{label}: all joints",
            f"{everything.mean():.1f} px mean, {np.median(everything):.1f} median",
            f"{len(everything)} marks", None, "-", None),
        Row(f"{label}: constant shift by camera", ", ".join(f"{v:.1f}" for v in bias) + " px",
            "-", None, "-", None),
    ]  # fmt: skip
    return rows


# The rendered recording


def rendered_rig() -> list[Camera]:
    """The demo recording's four cameras, with the distortion that real ones have."""
    bent = [(-0.12, 0.06, 0.0006, -0.0004, 0.0), (-0.15, 0.08, -0.0005, 0.0003, 0.0),
            (-0.10, 0.03, 0.0003, 0.0006, 0.0), (-0.14, 0.07, -0.0002, -0.0005, 0.0)]  # fmt: skip
    return [
        Camera(entry.camera.name, entry.camera.width, entry.camera.height, entry.camera.K,
               np.array(k), T_camera_world=entry.camera.T_camera_world)
        for entry, k in zip(load_truth("play_mat").cameras, bent, strict=True)
    ]  # fmt: skip


def rendered_lens(camera: Camera, renderer: BoardRenderer, seed: int) -> Intrinsics:
    rng = np.random.default_rng(seed)
    views: list[BoardView] = []
    f = focal(camera)
    for k in range(24):
        z = rng.uniform(0.55, 0.9)
        x, y = rng.uniform(-0.5, 0.5, 2) * z * np.array((camera.width, camera.height)) / f * 0.8
        T = pose_before(
            camera, LENS_BOARD, np.array((x, y, z)), rng.uniform(-40, 40, 2), rng.uniform(60, 120)
        )
        image = renderer.render(LENS_BOARD, T, noise=3.0, seed=seed * 100 + k)
        view = find_board(image, LENS_BOARD, f"{k}")
        if view is not None:
            views.append(view)
    return calibrate_intrinsics(camera.name, views, LENS_BOARD)


def rendered_moments(
    rig: Sequence[Camera], renderers: Sequence[BoardRenderer], count: int
) -> list[dict[int, BoardView]]:
    """A board carried through the room; the first time it lies on the floor."""
    rng = np.random.default_rng(11)
    middle = np.mean([c.centre for c in rig], axis=0) * (1, 1, 0)
    moments = []
    for k in range(count):
        lean = rng.uniform(-30, 30, 2) if k else np.zeros(2)
        T = pose_before(rig[0], PLACE_BOARD, np.zeros(3), lean, rng.uniform(0, 360))
        T = np.diag([1.0, -1.0, -1.0, 1.0]) @ T
        T[:3, 3] += middle + (
            (*rng.uniform(-0.15, 0.15, 2), rng.uniform(0.1, 0.5)) if k else (0, 0, 0)
        )
        moment = {}
        for i, (camera, renderer) in enumerate(zip(rig, renderers, strict=True)):
            image = renderer.render(PLACE_BOARD, camera.pose @ T, noise=3.0, seed=k * 10 + i)
            view = find_board(image, PLACE_BOARD, f"{camera.name} {k}")
            if view is not None:
                moment[i] = view
        moments.append(moment)
    return moments


def rendered_rows() -> list[Row]:
    rig = rendered_rig()
    renderers = [BoardRenderer(camera) for camera in rig]
    lenses = [rendered_lens(c, r, k + 1) for k, (c, r) in enumerate(zip(rig, renderers,
                                                                        strict=True))]  # fmt: skip
    rows = []
    for camera, lens in zip(rig, lenses, strict=True):
        off = 100 * abs(focal(lens.camera) / focal(camera) - 1)
        rows.append(
            within_limit(f"{camera.name}: RMS, {LENS_BOARD} board, {len(lens.views)} views",
                         lens.rms_px, "px", 0.5)
        )  # fmt: skip
        rows.append(within_limit(f"{camera.name}: focal length off the truth", off, "%", 1.0))
    moments = rendered_moments(rig, renderers, 24)
    for label, known in (("found lenses", [x.camera for x in lenses]), ("known lenses", rig)):
        found = calibrate_extrinsics(known, moments, PLACE_BOARD, board_on_floor=True)
        apart, turned = world_errors(found.cameras, rig)
        what = f"{PLACE_BOARD} board, {found.moments_used} moments, {label}"
        rows += [
            within_limit(f"{what}: place, worst camera", float(apart.max()), "mm", 5.0),
            within_limit(f"{what}: orientation, worst camera", float(turned.max()), "°", 0.2),
            Row(f"{what}: RMS", f"{found.rms_px:.3f} px",
                f"{found.flips_resolved} flips resolved", None, "-", None),
        ]  # fmt: skip
    return rows


def main() -> None:
    folder = Path(os.environ.get("INFANTNET_SHARED_DATA") or ROOT.parent / "shared" / "data")
    real = folder / "multiview_4cam"
    if real.is_dir():
        reference = read_cameras([real / "reference_calibration.qca.txt"]).cameras
        lenses = real_lenses(real)
        print_table("Real four-camera recording: lenses", lens_rows(lenses, reference))
        own = [lenses[camera.name].camera for camera in reference]
        print_table(
            "Real four-camera recording: places from eight marked points",
            place_rows("own lenses", own, reference)
            + place_rows("reference lenses", reference, reference),
        )
        print_table(
            "Real four-camera recording: joints placed by hand in twelve moments",
            joint_rows("reference", reference)
            + joint_rows("ours, from eight points", place_cameras(own, marked_points()).cameras),
        )
    else:
        print(f"Without the real recording: {real} is missing (INFANTNET_SHARED_DATA).")
    print_table("Rendered session: boards before the demo's four cameras", rendered_rows())


if __name__ == "__main__":
    main()
