"""Intervals on a real recording: ``python -m benchmarks.fit_real``.

A walking adult before four cameras (``INFANTNET_SHARED_DATA``), whose joints were placed by hand in
a dozen moments (``benchmarks/marks/walking_joints.json``). Nothing was learnt on it, and an adult
is no infant: the size is outside what the body knows, which the fit must say.

- *A mark left out*: one mark in eight is taken from the fit, which then foretells it. Its ellipse
  in the image is that of the joint, projected, and the scatter of marks.
- *A joint left out*: two joints of twelve are taken from all views. The ellipsoid is held against
  the joint triangulated from its marks, whose own covariance is added.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from backend.domain.cameras import Camera
from backend.domain.fit_quality import LEVELS, RADII
from backend.domain.skeleton import JOINTS
from backend.multiview.bodies.model_file import open_body
from benchmarks.calibrate_cameras import MARKS, ROOT, marked_points, real_lenses
from benchmarks.table import Row, print_table
from worker.calibration.files import read_cameras
from worker.calibration.points import place_cameras
from worker.calibration.resize import camera_at
from worker.fitting.config import FitConfig
from worker.fitting.intersection import triangulated
from worker.fitting.projection import project_points
from worker.fitting.session import fit_session

Array = NDArray[np.float64]
FLAT = np.sqrt(chi2.ppf(LEVELS, 2) / chi2.ppf(LEVELS, 3))
"""Radii of an ellipse against those of an ellipsoid that holds the same share."""


def marks_of(cameras: Sequence[Camera]) -> tuple[list[Camera], Array]:
    """Cameras at the size of the pictures, and joints (T, 4, 17, 3)."""
    document = json.loads((MARKS / "walking_joints.json").read_text())
    rig = []
    for camera in cameras:
        fitting = camera_at(camera, tuple(document["sizes"][camera.name]))
        assert fitting is not None
        rig.append(fitting)
    out = np.zeros((len(document["moments"]), len(rig), 17, 3))
    for t, moment in enumerate(document["moments"]):
        for joint, seen in moment["joints"].items():
            for c, camera in enumerate(rig):
                if camera.name in seen:
                    out[t, c, JOINTS.index(joint)] = (*seen[camera.name], 2)
    return rig, out


def shares(far: Sequence[float], radii: Array) -> str:
    values = np.asarray(far)
    return ", ".join(f"{100 * (values <= radius).mean():.0f}" for radius in radii)


def rows_of(label: str, cameras: Sequence[Camera], config: FitConfig) -> list[Row]:
    rig, joints = marks_of(cameras)
    body = open_body()
    rng = np.random.default_rng(3)
    placed = np.argwhere(joints[..., 2] > 0)
    fold = rng.integers(8, size=len(placed))
    by_mark: list[float] = []
    off_px: list[float] = []
    fit = fit_session(body, rig, joints, config=config)
    for f in range(8):
        left = joints.copy()
        out = placed[fold == f]
        left[tuple(out.T)] = 0
        one = fit_session(body, rig, left, config=config)
        assert one.covariance is not None
        assert one.noise_px is not None
        at = {int(m): n for n, m in enumerate(one.moment)}
        for t, c, k in out:
            if t not in at:
                continue
            X = one.joints3d_coco[at[t], k]
            pixel, D, _ = project_points(rig[c], X[None])
            C = D[0] @ one.covariance[at[t], k] @ D[0].T + one.noise_px**2 * np.eye(2)
            miss = joints[t, c, k, :2] - pixel[0]
            off_px.append(float(np.linalg.norm(miss)))
            by_mark.append(float(np.sqrt(miss @ np.linalg.solve(C, miss))))
    whole = triangulated(rig, joints, fit.noise_px or config.sigma_px)
    by_joint: list[float] = []
    off_mm: list[float] = []
    names = sorted({int(k) for _, _, k in placed})
    for f in range(6):
        chosen = names[f::6]
        left = joints.copy()
        left[:, :, chosen] = 0
        one = fit_session(body, rig, left, config=config)
        assert one.covariance is not None
        for n, t in enumerate(one.moment):
            for k in chosen:
                miss = one.joints3d_coco[n, k] - whole.points[t, k]
                if not np.isfinite(miss).all():
                    continue
                C = one.covariance[n, k] + whole.covariance[t, k]
                off_mm.append(1000 * float(np.linalg.norm(miss)))
                by_joint.append(float(np.sqrt(miss @ np.linalg.solve(C, miss))))
    assert fit.quality_mm is not None
    odd: dict[str, int] = {}
    for moment in fit.doubts:
        for kind in {o.kind.value for o in moment}:
            odd[kind] = odd.get(kind, 0) + 1
    stated = "stated: 50, 80, 95 %"
    return [
        Row(f"{label}: a mark left out, within", shares(by_mark, FLAT * RADII) + " %",
            f"{stated}; {len(by_mark)} marks, {np.mean(off_px):.1f} px off", None, "-", None),
        Row(f"{label}: a joint left out in all views, within",
            shares(by_joint, np.array(RADII)) + " %",
            f"{stated}; {len(by_joint)} joints, {np.mean(off_mm):.0f} mm off", None, "-", None),
        Row(f"{label}: expected error", f"{fit.quality_mm.mean():.0f} mm",
            f"marks scatter by {fit.noise_px:.1f} px", None, "-", None),
        Row(f"{label}: said to be odd",
            ", ".join(f"{k} in {n} of {len(fit)}" for k, n in sorted(odd.items())) or "nothing",
            f"length {fit.scale[0] * body.rest_length:.2f} m", None, "-", None),
    ]  # fmt: skip


def main() -> None:
    folder = Path(os.environ.get("INFANTNET_SHARED_DATA") or ROOT.parent / "shared" / "data")
    real = folder / "multiview_4cam"
    if not real.is_dir():
        print(f"Without the real recording: {real} is missing (INFANTNET_SHARED_DATA).")
        return
    reference = read_cameras([real / "reference_calibration.qca.txt"]).cameras
    lenses = real_lenses(real)
    own = place_cameras([lenses[c.name].camera for c in reference], marked_points()).cameras
    # An adult: the length that is expected is theirs, as a person would set it.
    adult = FitConfig(expected_length_m=1.7)
    print_table(
        "Real four-camera recording: do intervals hold what was left out?",
        rows_of("its calibration", reference, adult) + rows_of("ours, 8 points", own, adult)
        + rows_of("ours, length of infants expected", own, FitConfig()),
    )  # fmt: skip


if __name__ == "__main__":
    main()
