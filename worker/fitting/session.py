"""Fit a body to a recording session: the three steps in order. The documented Python API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import BodyModel
from worker.fitting.confidence import Confidence, bridge, confidence_of
from worker.fitting.config import FitConfig
from worker.fitting.deform import deform
from worker.fitting.device import torch_device
from worker.fitting.distance import move_to_scans
from worker.fitting.evidence import MaskStore, read_scan
from worker.fitting.priors import PosePrior, active_pose, full_pose, reduce_prior
from worker.fitting.problem import Problem, make_problem
from worker.fitting.proposed import Proposed
from worker.fitting.result import SessionFit
from worker.fitting.rig import Rig, basis_of
from worker.fitting.sequencing import OverTime, in_sequence, moments_of, over_time, with_time
from worker.fitting.shape import RigFamily, Shape, fit_shape
from worker.fitting.skin import Skin, posed_joints
from worker.fitting.solve import (
    Solution,
    is_smooth,
    predict,
    propagate,
    smooth,
    solve,
    solve_fresh,
    stage_table,
)
from worker.fitting.surface import SurfaceFit, refine_poses, refine_shapes
from worker.fitting.validate import judge, mask_overlaps
from worker.fitting.warm import WarmStart

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[int, int, str], None]

MIN_JOINTS = 4
"""Joints that a moment needs in all its views together to be fitted at all."""


def fit_session(
    body: BodyModel,
    cameras: Sequence[Camera | None],
    joints: ArrayLike,
    kind: str = "visibility",
    masks: Sequence[Sequence[Any]] | None = None,
    scan: Sequence[Any] | None = None,
    floor: ArrayLike | None = None,
    config: FitConfig | None = None,
    times: ArrayLike | None = None,
    progress: Progress | None = None,
    start: WarmStart | None = None,
    only: Sequence[int] | None = None,
    calibration: str = "",
    proposed: Proposed | None = None,
    scan_cameras: Sequence[Sequence[int]] | None = None,
    covariances: Sequence[Any] | None = None,
    device: str = "auto",
) -> SessionFit:
    """Fit one infant in one session.

    Args:
        body: The body model (``backend.multiview.bodies.model_file.load_body``).
        cameras: One per view; None, or one without a place in the world, for a view that is
            missing: the others go on. A single view may have an assumed camera
            (``backend.domain.cameras.assumed_camera``); the result says so.
        joints: (T, C, 17, 3): x, y in px and visibility 0, 1, 2 or confidence in 0..1. Zeros or
            NaN where there is no joint.
        kind: What the third number is: "visibility" or "confidence".
        masks: T × C run lengths (COCO), bool images (height, width), or None.
        scan: T point clouds (P, 3) in world metres, or None.
        floor: (4,) plane n·X + d = 0 with n pointing up; None if unknown.
        config: Weights and thresholds.
        times: (T,) seconds, rising; without them each moment is fitted on its own.
        progress: Called with (done, total, what).
        start: An earlier fit of the recording (``WarmStart.of``): its shape and scale are kept.
        only: Moments to fit again; they and their neighbours in time change, all others stay as
            in ``start``, which it needs.
        calibration: Name or version of the calibration, for the record.
        proposed: Bodies to try as starts too, such as a regressor's.
        scan_cameras: For each of T scans the places of the cameras that took it, if they are known:
            skin that these do not see is not drawn to the scan. Empty: not known.
        covariances: How well each camera is known (``camera_spread.spread_of``), instead of what
            the camera itself says; a stated default where neither does.
        device: Where poses are solved (``worker.fitting.device.DEVICES``).

    Returns:
        One fit per moment with at least four joints.

    Raises:
        InvalidInput: the input contradicts itself; the message says where.
    """
    config = config or FitConfig()
    tell = progress or (lambda done, total, what: None)
    basis = basis_of(body)
    whole = make_problem(cameras, joints, kind, basis.coco_weight, config, floor, times)
    torch_device(device, whole.moments)
    whole = replace(whole, device=device)
    scans = _scans(scan, whole.moments)
    _same_length("masks", masks, whole.moments)
    _same_length("cameras of scans", scan_cameras, whole.moments)
    if only is not None and start is None:
        raise _wrong("single moments can only be fitted again after a first fit of the recording")
    if start is not None:
        _check_start(start, body, only, whole)
    enough = (whole.w2 > 0).any(1).sum(1) >= MIN_JOINTS
    chosen = moments_of(whole, enough)
    if not len(chosen):
        raise _wrong(f"no moment has {MIN_JOINTS} joints in calibrated views")
    problem = whole.at(chosen)
    store = MaskStore(masks, problem.cameras, chosen.tolist(), config.surface_points)
    scans = [scans[t] for t in chosen]
    family = RigFamily(basis, config.capsule_scale)
    prior = reduce_prior(basis)
    offsets = None
    if start is None:
        tell(0, len(chosen), "shape")
        shape = fit_shape(problem, family, prior)
        shape = replace(shape, moments=tuple(int(chosen[m]) for m in shape.moments))
    else:
        shape = Shape(start.betas, start.scale, start.shape_moments)
        offsets = start.offsets
    rig = family.at(shape.betas)
    tell(0, len(chosen), "poses")
    solution, rows, kept, told = _poses(
        problem, rig, prior, shape.scale, start, only, proposed, enough[chosen]
    )
    pose = full_pose(basis, prior, solution.x)
    place = solution.x[:, :3].copy()
    if start is not None and len(kept):
        # Not through the solved bones alone: surfaces may have moved hands and feet.
        at = start.rows_of(problem.moment[kept])
        pose[kept], place[kept] = start.pose[at], start.translation[at]
    aim, aim_w = predict(problem, _coco(basis, shape, pose, place), np.arange(problem.moments))
    state = SurfaceFit(
        body, basis, problem, store, scans, pose, place, shape.betas, shape.scale, aim,
        aim_w if config.smooth_weight else np.zeros_like(aim_w), offsets,
        None if scan_cameras is None else [scan_cameras[t] for t in chosen],
    )  # fmt: skip
    surface = np.intersect1d(state.rows, rows)
    if config.surface_weight > 0 and len(surface):
        if start is None:
            tell(0, len(surface), "shape by surface")
            _move_to_scans(state, surface, rescale=True)
            told = _shape_by_surface(state, surface, family, prior, solution, enough[chosen])
        _move_to_scans(state, surface, rescale=False)
        refine_poses(state, surface, lambda done: tell(done, len(surface), "surface"))
        if start is None:
            state.offsets = deform(state, surface)
    tell(len(chosen), len(chosen), "validation")
    tell(len(chosen), len(chosen), "confidence")
    sure = confidence_of(
        problem, family, prior, state.betas, state.scale, state.pose, state.translation,
        _shape_rows(problem, shape), covariances,
    )  # fmt: skip
    fit = _result(state, solution, shape, rows, start, calibration, cameras, sure)
    return bridge(with_time(fit, told, basis, prior, start, rows, is_smooth(problem)))


def _shape_rows(problem: Problem, shape: Shape) -> Ints:
    """Rows of the moments that fixed the shape; none where no two views saw a joint."""
    if not np.isfinite(problem.tri).any():
        return np.zeros(0, np.int64)
    rows = np.flatnonzero(np.isin(problem.moment, shape.moments))
    return rows if len(rows) else np.arange(min(problem.moments, problem.config.shape_moments))


def _poses(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, start: WarmStart | None,
    only: Sequence[int] | None, proposed: Proposed | None, enough: NDArray[np.bool_],
) -> tuple[Solution, Ints, Ints, OverTime | None]:  # fmt: skip
    """Poses of all moments, which of them are new, which stay as they were, and what time said.

    Args:
        enough: (T,) moments with enough joints of their own; the others are bridged.
    """
    t = problem.moments
    solution = Solution(
        np.zeros((t, 3 + 3 * len(rig.parent))), np.full(t, np.nan), np.zeros(t),
        np.zeros(t, bool), np.zeros(t, np.int64),
    )  # fmt: skip
    if start is None or only is None:
        own = np.flatnonzero(enough)
        part = solve_fresh(problem.at(own), rig, prior, scale, proposed)
        solution.restarts[own] = part.restarts
        solution.put(own, part)
        rows = np.arange(t)
        lonely = np.flatnonzero((problem.views_seen < 2) & enough)
        if len(lonely):
            propagate(problem, rig, prior, scale, solution, lonely)
        return (
            solution,
            rows,
            np.zeros(0, np.int64),
            _in_time(problem, rig, prior, scale, solution, rows, enough, own),
        )
    known = {int(m): i for i, m in enumerate(start.moment)}
    wanted = {int(m) for m in only} | {int(m) for m in problem.moment if int(m) not in known}
    fresh = np.flatnonzero([int(m) in wanted for m in problem.moment])
    old = np.flatnonzero([int(m) in known for m in problem.moment])
    at = np.array([known[int(m)] for m in problem.moment[old]], int)
    if len(old):
        solution.x[old] = active_pose(rig.basis, start.pose[at], start.translation[at])
        solution.converged[old] = True
        if (ending := start.ending) is not None:
            solution.energy[old], solution.converged[old] = ending.energy[at], ending.converged[at]
            solution.restarts[old] = ending.restarts[at]
    own = fresh[enough[fresh]]
    if len(own):
        part = solve_fresh(problem.at(own), rig, prior, scale, proposed)
        solution.restarts[own] = part.restarts
        solution.put(own, part)
    near = np.unique(np.concatenate([fresh - 1, fresh, fresh + 1]))
    rows = near[(near >= 0) & (near < t)] if is_smooth(problem) else fresh
    told = _in_time(
        problem, rig, prior, scale, solution, rows, enough | ~np.isin(np.arange(t), fresh), own
    )
    return solution, rows, np.setdiff1d(np.arange(t), rows), told


def _in_time(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, solution: Solution, rows: Ints,
    enough: NDArray[np.bool_], own: Ints,
) -> OverTime | None:  # fmt: skip
    """All moments together where they follow one another; else each with its neighbours."""
    if in_sequence(problem):
        return over_time(problem, rig, prior, scale, solution, rows, enough, own)
    smooth(problem, rig, prior, scale, solution, rows)
    return None


def _move_to_scans(state: SurfaceFit, surface: Ints, *, rescale: bool) -> None:
    """Distances by scans, and what neighbours in time expect of one another from there."""
    if not move_to_scans(state, surface, rescale=rescale):
        return
    coco, _ = posed_joints(state.basis, state.betas, state.pose, state.translation, state.scale)
    state.aim, aim_w = predict(state.problem, coco, np.arange(state.problem.moments))
    state.aim_w = aim_w if state.config.smooth_weight else np.zeros_like(aim_w)


def _shape_by_surface(
    state: SurfaceFit, surface: Ints, family: RigFamily, prior: PosePrior, solution: Solution,
    enough: NDArray[np.bool_],
) -> OverTime | None:  # fmt: skip
    """Shape and scale by masks and scans too, then all poses again for it."""
    refine_shapes(state, surface)
    problem, rig = state.problem, family.at(state.betas)
    stages = stage_table(problem.config)[-1:]
    own = np.flatnonzero(enough)
    solution.put(own, solve(problem.at(own), rig, prior, state.scale, solution.x[own], stages))
    told = _in_time(
        problem, rig, prior, state.scale, solution, np.arange(problem.moments), enough, own
    )
    state.pose = full_pose(state.basis, prior, solution.x)
    state.translation = solution.x[:, :3].copy()
    return told


def _result(
    state: SurfaceFit, solution: Solution, shape: Shape, rows: Ints, start: WarmStart | None,
    calibration: str, cameras: Sequence[Camera | None], sure: Confidence,
) -> SessionFit:  # fmt: skip
    problem, body, n = state.problem, state.body, state.problem.moments
    coco, joints = posed_joints(
        state.basis, state.betas, state.pose, state.translation, state.scale
    )
    quality = judge(problem, state.basis, coco, joints, state.scale)
    iou = mask_overlaps(
        body, state.skin(), problem, state.masks, state.pose, state.translation, state.scale, rows
    )
    if start is not None and start.ending is not None:
        kept = np.setdiff1d(np.arange(n), rows)
        iou[kept] = start.ending.mask_iou[start.rows_of(problem.moment[kept])]
    return SessionFit(
        body_name=body.name,
        body_sha256=body.sha256,
        config=state.config,
        calibration=calibration,
        camera_names=tuple(k.name if k else f"missing_{c + 1}" for c, k in enumerate(cameras)),
        camera_assumed=problem.assumed,
        moment=problem.moment,
        time_s=np.full(n, np.nan) if problem.times is None else problem.times,
        betas=np.repeat(state.betas[None], n, axis=0),
        scale=np.full(n, state.scale),
        pose=state.pose,
        translation=state.translation,
        joints3d_coco=coco,
        joints3d_body=joints,
        error_px=quality.error_px,
        mean_error_px=quality.mean_error_px,
        mask_iou=iou,
        gate_passed=quality.gate_passed,
        self_intersections=quality.self_intersections,
        facing_restarts=np.clip(solution.restarts, 0, 127).astype(np.int8),
        converged=solution.converged,
        energy=solution.energy,
        steps=solution.steps,
        limb_error=quality.limb_error,
        shape_moments=shape.moments,
        offsets=state.offsets,
        refitted=tuple(int(m) for m in problem.moment[rows]),
        covariance=sure.covariance,
        quality_mm=sure.quality_mm,
        doubts=tuple(tuple(moment) for moment in sure.doubts),
        shape_covariance=sure.shape_covariance,
        noise_px=sure.noise_px,
    )


def fitted_skin(body: BodyModel, fit: SessionFit) -> Skin:
    """The fitted infant's skin; ``.vertices(fit.pose[n], fit.translation[n], fit.scale[n])``."""
    return Skin.of(body, fit.betas[0], fit.offsets)


def _coco(basis: Any, shape: Shape, pose: Array, place: Array) -> Array:
    return posed_joints(basis, shape.betas, pose, place, shape.scale)[0]


def _check_start(
    start: WarmStart, body: BodyModel, only: Sequence[int] | None, problem: Problem
) -> None:
    if not len(start):
        raise _wrong("the earlier fit is empty")
    if start.body_sha256 != body.sha256:
        raise _wrong(f"the earlier fit used another body model ({start.body_name})")
    if only is not None and not all(0 <= m < problem.moments for m in only):
        raise _wrong(f"moments to fit again lie outside 0..{problem.moments - 1}")
    views = len(problem.cameras)
    if only is not None and start.ending and start.ending.mask_iou.shape[1] != views:
        raise _wrong("the earlier fit had another number of cameras")


def _scans(scan: Sequence[Any] | None, moments: int) -> list[Array | None]:
    _same_length("scans", scan, moments)
    if scan is None:
        return [None] * moments
    return [read_scan(value, f"moment {t}") for t, value in enumerate(scan)]


def _same_length(what: str, values: Sequence[Any] | None, moments: int) -> None:
    if values is not None and len(values) != moments:
        raise _wrong(f"{what} of {len(values)} moments, but joints of {moments}")


def _wrong(fault: str) -> InvalidInput:
    return InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
