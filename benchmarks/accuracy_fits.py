"""Accuracy of body fits against known truth: ``python -m benchmarks.accuracy_fits``.

Two kinds of truth. The demo's rendered recording (an infant made from anny as our body is, with
other proportions: what mismatch costs) and poses sampled from the body itself with unknown shape
(what noise costs). Joints get 2 px of noise; a fifth is marked as occluded, once placed all the
same, once not placed at all. Then joints of some moments are spoilt, and the gate should find
just these.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from backend.demo.truth import load_truth
from backend.domain.cameras import Camera
from backend.domain.metrics import mpjpe, pa_mpjpe
from backend.domain.skeleton import JOINTS, MIRROR
from backend.domain.views import triangulate
from backend.multiview.bodies.model_file import open_body
from benchmarks.table import Row, print_table, within_limit
from tests.fixtures.fitting import four_cameras, sample_moments
from worker.fitting.result import SessionFit
from worker.fitting.session import fit_session

Array = NDArray[np.float64]

NOISE_PX, OCCLUDED = 2.0, 0.2
MPJPE_MM, PA_MM = 25.0, 15.0
FLOOR = (0.0, 0.0, 1.0, 0.0)


class Rendered:
    """The demo's play mat: cameras, true joints and masks, all moments."""

    def __init__(self) -> None:
        truth = load_truth("play_mat")
        infants = [[frame.infant for frame in camera.frames] for camera in truth.cameras]
        self.cameras: list[Camera | None] = [
            Camera(c.name, c.width, c.height, c.K, c.distortion, T_camera_world=c.T_camera_world)
            for c in truth.recording.cameras
        ]
        self.coco = np.stack([i.joints3d for i in infants[0] if i is not None])
        self.pixels = np.stack([[i.joints2d for i in view if i] for view in infants], axis=1)
        self.masks = [[view[t].mask for view in infants] for t in range(len(self.coco))]  # type: ignore[union-attr]
        self.times = np.arange(len(self.coco)) / truth.recording.fps

    def joints(self, rng: np.random.Generator, occluded: float = 1.0) -> Array:
        pixels = self.pixels + rng.normal(0, NOISE_PX, self.pixels.shape)
        seen = np.where(rng.random(pixels.shape[:3]) < OCCLUDED, occluded, 2.0)
        return np.concatenate([pixels, seen[..., None]], axis=-1)


def triangulated(rendered: Rendered, rng: np.random.Generator) -> list[Row]:
    """Joints of four views with 1 px of noise, without any body."""
    cameras = [camera for camera in rendered.cameras if camera is not None]
    pixels = rendered.pixels + rng.normal(0, 1, rendered.pixels.shape)
    points = triangulate(cameras, pixels.transpose(1, 0, 2, 3))
    off = 1000 * np.linalg.norm(points - rendered.coco, axis=-1)
    return [
        within_limit("joints triangulated from 1 px of noise, mean", float(off.mean()), "mm", 5.0),
        within_limit(
            "joints triangulated from 1 px of noise, 95 of 100",
            float(np.percentile(off, 95)),
            "mm",
            5.0,
        ),
    ]


def errors(what: str, fit: SessionFit, coco: Array, *, strict: bool = True) -> list[Row]:
    truth = coco[fit.moment]
    plain, aligned = mpjpe(fit.joints3d_coco, truth), pa_mpjpe(fit.joints3d_coco, truth)
    rows = [
        within_limit(f"{what}: MPJPE", float(plain.mean()), "mm", MPJPE_MM),
        within_limit(f"{what}: PA-MPJPE", float(aligned.mean()), "mm", PA_MM),
    ]
    if not strict:
        rows = [Row(r.what, r.measured, "-", None, "-", None) for r in rows]
    return rows


def spoil(rng: np.random.Generator, joints: Array, kind: str, t: int) -> None:
    """Make one view of a moment wrong."""
    c = int(rng.integers(joints.shape[1]))
    if kind == "sides swapped in a view":
        joints[t, c] = joints[t, c, list(MIRROR)]
    elif kind == "a joint moved by 60 px":
        angle, k = rng.uniform(0, 2 * np.pi), int(rng.integers(17))
        joints[t, c, k, :2] += 60 * np.array([np.cos(angle), np.sin(angle)])
    else:
        far = [s for s in range(len(joints)) if abs(s - t) > len(joints) // 4]
        joints[t, c] = joints[int(rng.choice(far)), c]


KINDS = ("sides swapped in a view", "a joint moved by 60 px", "a view of another moment")


def gate(rendered: Rendered) -> list[Row]:
    rng = np.random.default_rng(7)
    found: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    false = good = 0
    for _ in range(3):
        joints = rendered.joints(rng)
        clean = joints.copy()
        bad = rng.permutation(len(joints))[: len(joints) // 4]
        kinds = {int(t): KINDS[i % len(KINDS)] for i, t in enumerate(bad)}
        for t, kind in kinds.items():
            copy = clean.copy()
            spoil(rng, copy, kind, t)
            joints[t] = copy[t]
        fit = fit_session(open_body(), rendered.cameras, joints, floor=FLOOR, times=rendered.times)
        for t, passed in zip(fit.moment.tolist(), fit.gate_passed.tolist(), strict=True):
            if t in kinds:
                found[kinds[t]].append(not passed)
            else:
                good += 1
                false += not passed
    hits = sum(sum(v) for v in found.values())
    total = sum(len(v) for v in found.values())
    rows = [
        Row("gate: recall of bad moments", f"{hits / total:.3f} ({hits} of {total})", "-", None,
            "-", None),
        Row("gate: precision", f"{hits / max(hits + false, 1):.3f} ({false} of {good} good ones "
            "rejected)", "-", None, "-", None),
    ]  # fmt: skip
    rows += [
        Row(
            f"gate: recall, {kind}", f"{np.mean(values):.3f} of {len(values)}", "-", None, "-", None
        )
        for kind, values in found.items()
    ]
    return rows


def main() -> int:
    body, rng = open_body(), np.random.default_rng(0)
    rendered = Rendered()
    settings = {"floor": FLOOR, "times": rendered.times}
    rows = triangulated(rendered, np.random.default_rng(1))
    fit = fit_session(body, rendered.cameras, rendered.joints(rng), **settings)
    per_joint = 1000 * np.linalg.norm(fit.joints3d_coco - rendered.coco, axis=2).mean(0)
    rows += errors("rendered session, occluded joints placed", fit, rendered.coco)
    pixels = f"{fit.mean_error_px.mean():.2f} px"
    rows.append(Row("  its reprojection error", pixels, "-", None, "-", None))
    absent = fit_session(body, rendered.cameras, rendered.joints(rng, 0.0), **settings)
    rows += errors("rendered session, occluded joints absent", absent, rendered.coco)
    masked = fit_session(
        body, rendered.cameras, rendered.joints(rng), masks=rendered.masks, **settings
    )
    rows += errors("rendered session, with masks", masked, rendered.coco)
    for what, one in (
        ("by joints alone", iou_without(body, rendered, rng)),
        ("with masks", masked),
    ):
        overlap = f"{np.nanmean(one.mask_iou):.3f}"
        rows.append(Row(f"  mask overlap (IoU) {what}", overlap, "-", None, "-", None))
    for seed in (1, 2, 3):
        sampled = sample_moments(200, seed=seed)
        own = fit_session(body, [*four_cameras()], sampled.joints)
        rows += errors(f"sampled body {seed}, shape unknown", own, sampled.coco)
    single = fit_session(body, rendered.cameras[:1], rendered.joints(rng)[:, :1], **settings)
    rows += errors("rendered session, one view only", single, rendered.coco, strict=False)
    rows += gate(rendered)
    print_table("Body fits against truth (2 px noise, 20 % of joints occluded)", rows)
    print("\nmm by joint, rendered session: " + ", ".join(
        f"{name} {value:.1f}" for name, value in zip(JOINTS, per_joint, strict=True)))  # fmt: skip
    return 0 if all(row.passed is not False for row in rows) else 1


def iou_without(body, rendered: Rendered, rng: np.random.Generator) -> SessionFit:  # type: ignore[no-untyped-def]
    """Masks only compared with, not fitted to."""
    from worker.fitting.config import FitConfig

    return fit_session(
        body, rendered.cameras, rendered.joints(rng), masks=rendered.masks, floor=FLOOR,
        times=rendered.times, config=FitConfig(surface_weight=0),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
