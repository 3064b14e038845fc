"""Body fits as the arrays of one file, which ``docs/export.md`` describes.

Who has the fits, an export of today or a release of long ago, says what they are; how they stand in
the file is decided here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.fit_quality import LEVELS, RADII, unpack
from backend.domain.fits import FitStatus
from backend.domain.skeleton import N_JOINTS
from backend.publishing.labelled import BodyFits, FitReference

FORMAT: Final = 1
ASSUMED: Final = ("assumed", "[]")
"""Calibration and cameras of a fit that was made with an assumed camera."""


@dataclass(frozen=True, slots=True)
class FittedView:
    """One image that a body was fitted to.

    Attributes:
        frame_id: Its frame.
        camera: Place of its camera among the recording's.
        file_name: The image's path in the dataset.
        errors: 17 distances in pixels, NaN where no joint was; None where they are not known.
        mask_iou: Overlap of silhouette and mask, or None.
    """

    frame_id: int
    camera: int
    file_name: str
    errors: Sequence[float] | None
    mask_iou: float | None


@dataclass(frozen=True, slots=True)
class FittedBody:
    """One body fit.

    Attributes:
        session: What its recording is called.
        moment: Number of its moment.
        time_s: Time of its moment.
        run: What holds for the whole run: ``body_name``, ``body_sha256``, ``config_version``,
            ``config``, ``betas``, ``scale``, ``summary``, ``shape_covariance``.
        state: What holds for this fit: columns of the table of fits.
        calibration: Version of the cameras, and the cameras themselves as JSON.
        cameras: What the recording's cameras are called, in order.
        views: Images of it.
        scans: Of its moment: ``kind``, ``camera`` (its place), ``frame``, ``sha256``.
    """

    session: str
    moment: int
    time_s: float
    run: Mapping[str, Any]
    state: Mapping[str, Any]
    calibration: tuple[str, str]
    cameras: Sequence[str]
    views: Sequence[FittedView]
    scans: Sequence[Mapping[str, Any]] = ()


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _covariance(state: Mapping[str, Any]) -> NDArray[np.float64]:
    """(17, 3, 3) m², NaN for fits of before they had one."""
    values = state.get("covariance")
    return np.full((N_JOINTS, 3, 3), np.nan) if values is None else unpack(values)


def _deviation(run: Mapping[str, Any]) -> NDArray[np.float64]:
    """Standard deviations of the betas, then of the scale; NaN where they are not known."""
    n = len(run["betas"]) + 1
    values = run.get("shape_covariance")
    if values is None:
        return np.full(n, np.nan)
    return np.asarray(np.sqrt(np.maximum(np.diag(np.reshape(values, (n, n))), 0)))


def _doubts(body: FittedBody) -> list[dict[str, Any]]:
    """What is odd, with the places of views in the row in place of the database's ids."""
    view_of = {view.frame_id: view.camera for view in body.views}
    out = []
    for doubt in body.state.get("doubts") or ():
        told = {name: v for name, v in doubt.items() if name not in ("camera_id", "frame_id")}
        if (frame := doubt.get("frame_id")) is not None:
            if frame not in view_of:
                continue  # of an image that is left out nothing is told
            told["view"] = view_of[frame]
        out.append(told)
    return out


def body_fits(bodies: Sequence[FittedBody], file: str = "") -> BodyFits:
    """Put bodies into arrays, in the order given.

    Args:
        bodies: At least one.
        file: What the file is called where annotations refer to it.
    """
    n, width = len(bodies), max(len(body.cameras) for body in bodies)
    error = np.full((n, width, N_JOINTS), np.nan)
    overlap = np.full((n, width), np.nan)
    files = np.full((n, width), "", dtype=object)
    names = np.full((n, width), "", dtype=object)
    references: dict[int, FitReference] = {}
    for i, body in enumerate(bodies):
        names[i, : len(body.cameras)] = body.cameras
        for view in body.views:
            if view.errors is not None:
                error[i, view.camera] = view.errors
            overlap[i, view.camera] = np.nan if view.mask_iou is None else view.mask_iou
            files[i, view.camera] = view.file_name
            references[view.frame_id] = FitReference(
                file, i, view.camera, body.state.get("quality_mm")
            )

    def runs(name: str) -> list[Any]:
        return [body.run[name] for body in bodies]

    def states(name: str) -> list[Any]:
        return [body.state[name] for body in bodies]

    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT),
        "session": np.array([body.session for body in bodies], dtype=str),
        "moment": np.array([body.moment for body in bodies], np.int64),
        "time_s": np.array([body.time_s for body in bodies]),
        "body_name": np.array(runs("body_name"), dtype=str),
        "body_sha256": np.array(runs("body_sha256"), dtype=str),
        "config_version": np.array(runs("config_version"), dtype=str),
        "config": np.array(
            [json.dumps(config, sort_keys=True) for config in runs("config")], dtype=str
        ),
        "calibration": np.array([body.calibration[0] for body in bodies], dtype=str),
        "cameras": np.array([body.calibration[1] for body in bodies], dtype=str),
        "camera_names": names.astype(str),
        "frame_file_name": files.astype(str),
        "betas": np.array(runs("betas"), np.float64),
        "scale": np.array(runs("scale"), np.float64),
        "pose": np.array(states("pose"), np.float64),
        "translation": np.array(states("translation"), np.float64),
        "joints3d_coco": np.array(states("joints"), np.float64).reshape(n, N_JOINTS, 3),
        "joints3d_body": np.array(states("body_joints"), np.float64).reshape(n, 24, 3),
        "error_px": error,
        "mean_error_px": np.array(
            [np.nan if mean is None else mean for mean in states("mean_error_px")], np.float64
        ),
        "mask_iou": overlap,
        "gate_passed": np.array(states("gate_passed"), bool),
        "covariance": np.stack([_covariance(body.state) for body in bodies]),
        "interval_levels": np.array(LEVELS),
        "interval_radii": np.array(RADII),
        "quality_mm": np.array(
            [_or_nan(body.state.get("quality_mm")) for body in bodies], np.float64
        ),
        "doubts": np.array(
            [json.dumps(_doubts(body), sort_keys=True) for body in bodies], dtype=str
        ),
        "shape_deviation": np.stack([_deviation(body.run) for body in bodies]),
        "converged": np.array(states("converged"), bool),
        "assumed_camera": np.array(states("assumed_camera"), bool),
        "self_intersections": np.array(states("self_intersections"), np.int64),
        "verdict": np.array(
            ["none" if s == FitStatus.FITTED.value else s for s in states("status")], dtype=str
        ),
        "reason": np.array([reason or "" for reason in states("reason")], dtype=str),
    }
    if any(body.scans for body in bodies):
        # Nothing is told where there are none, as before there could be any.
        told = [json.dumps([dict(scan) for scan in body.scans], sort_keys=True) for body in bodies]
        arrays["scans"] = np.array(told, dtype=str)
    return BodyFits(arrays | _over_time(bodies), references)


_RAW: Final = {
    "raw_pose": ("raw_pose", (72,)),
    "raw_translation": ("raw_translation", (3,)),
    "raw_joints3d_coco": ("raw_joints", (N_JOINTS, 3)),
}
"""Arrays without the sequence: their column, and their shape for one body."""


def _over_time(bodies: Sequence[FittedBody]) -> dict[str, NDArray[Any]]:
    """What sequences left. Nothing where none was made with them, so that files of releases that
    were frozen before there were any stay as they were."""
    filters = [str(body.run["summary"].get("time_filter", "")) for body in bodies]
    if not any(filters):
        return {}
    metrics = [body.state.get("metrics") or {} for body in bodies]
    spread = np.full((len(bodies), N_JOINTS), np.nan)
    for i, found in enumerate(metrics):
        for k, value in enumerate(found.get("spread_m") or ()):
            spread[i, k] = np.nan if value is None else value
    arrays: dict[str, NDArray[Any]] = {
        # Earlier runs did not say so.
        "time_filter": np.array([name or "neighbours" for name in filters], dtype=str),
        "bridged": np.array([bool(found.get("bridged")) for found in metrics], bool),
        "spread_m": spread,
    }
    for name, (column, shape) in _RAW.items():
        values = np.full((len(bodies), *shape), np.nan)
        for i, body in enumerate(bodies):
            if (value := body.state.get(column)) is not None:
                values[i] = np.reshape(value, shape)
        arrays[name] = values
    return arrays
