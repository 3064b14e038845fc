"""Body fits of recordings as the arrays of one ``.npz`` file, described in ``docs/export.md``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Calibration,
    Camera,
    Fit,
    FitRun,
    FitView,
    Frame,
    Moment,
    Recording,
)
from backend.domain.errors import Conflict
from backend.domain.fits import FitStatus
from backend.multiview.fits.standing import STALE_FIT
from backend.publishing.exports.frames import camera_folders, frame_file_name
from backend.publishing.exports.naming import unique_slugs
from backend.publishing.exports.repository import recording_names
from backend.publishing.labelled import BodyFits, FitReference

FORMAT = 1


def exportable(include_unverified: bool) -> list[ColumnElement[bool]]:
    """Which fits may leave: never stale ones, verified ones unless all are asked for."""
    verified = [] if include_unverified else [Fit.status == FitStatus.VERIFIED.value]
    return [*verified, ~STALE_FIT]


def collect_fits(
    session: Session, recording_ids: Sequence[int], *, include_unverified: bool = False
) -> BodyFits:
    """Fits of recordings, by recording and moment.

    Raises:
        Conflict: there is none that may be exported.
    """
    rows = session.execute(
        select(Fit, FitRun, Moment.index, Moment.time_s, Recording.name)
        .join(FitRun, FitRun.id == Fit.run_id)
        .join(Moment, Moment.id == Fit.moment_id)
        .join(Recording, Recording.id == Fit.recording_id)
        .where(Fit.recording_id.in_(recording_ids), *exportable(include_unverified))
        .order_by(Fit.recording_id, Moment.index)
    ).all()
    if not rows:
        raise Conflict(
            "There is no body fit to export: none is verified and up to date."
            if not include_unverified
            else "There is no body fit to export."
        )
    views = _Views(session, recording_ids, [fit.id for fit, *_ in rows])
    width = views.most_cameras
    n = len(rows)
    error = np.full((n, width, 17), np.nan)
    overlap = np.full((n, width), np.nan)
    files = np.full((n, width), "", dtype=object)
    names = np.full((n, width), "", dtype=object)
    references: dict[int, FitReference] = {}
    for i, (fit, _, index, _, _) in enumerate(rows):
        for camera, name in enumerate(views.camera_names(fit.recording_id)):
            names[i, camera] = name
        for view, frame, position in views.of(fit):
            error[i, position] = view.errors
            overlap[i, position] = np.nan if view.mask_iou is None else view.mask_iou
            files[i, position] = views.file_name(frame, index)
            references[frame.id] = FitReference("", i, position)
    fits = [fit for fit, *_ in rows]
    runs = [run for _, run, *_ in rows]
    calibrations = _calibrations(session, runs)
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT),
        "session": np.array([name for *_, name in rows], dtype=str),
        "moment": np.array([index for _, _, index, _, _ in rows], np.int64),
        "time_s": np.array([time for _, _, _, time, _ in rows]),
        "body_name": np.array([run.body_name for run in runs], dtype=str),
        "body_sha256": np.array([run.body_sha256 for run in runs], dtype=str),
        "config_version": np.array([run.config_version for run in runs], dtype=str),
        "config": np.array([json.dumps(run.config, sort_keys=True) for run in runs], dtype=str),
        "calibration": np.array([calibrations[run.calibration_id][0] for run in runs], dtype=str),
        "cameras": np.array([calibrations[run.calibration_id][1] for run in runs], dtype=str),
        "camera_names": names.astype(str),
        "frame_file_name": files.astype(str),
        "betas": np.array([run.betas for run in runs]),
        "scale": np.array([run.scale for run in runs]),
        "pose": np.array([fit.pose for fit in fits]),
        "translation": np.array([fit.translation for fit in fits]),
        "joints3d_coco": np.array([fit.joints for fit in fits]).reshape(n, 17, 3),
        "joints3d_body": np.array([fit.body_joints for fit in fits]).reshape(n, 24, 3),
        "error_px": error,
        "mean_error_px": np.array(
            [np.nan if fit.mean_error_px is None else fit.mean_error_px for fit in fits]
        ),
        "mask_iou": overlap,
        "gate_passed": np.array([fit.gate_passed for fit in fits]),
        "converged": np.array([fit.converged for fit in fits]),
        "assumed_camera": np.array([fit.assumed_camera for fit in fits]),
        "self_intersections": np.array([fit.self_intersections for fit in fits], np.int64),
        "verdict": np.array(
            ["none" if fit.status == FitStatus.FITTED.value else fit.status for fit in fits],
            dtype=str,
        ),
        "reason": np.array([fit.reason or "" for fit in fits], dtype=str),
    }
    return BodyFits(arrays, references)


class _Views:
    """Views of many fits, with the place of each camera and the names of its files."""

    def __init__(
        self, session: Session, recording_ids: Sequence[int], fit_ids: Sequence[int]
    ) -> None:
        self._cameras: dict[int, list[Camera]] = {}
        for camera in session.scalars(
            select(Camera)
            .where(Camera.recording_id.in_(recording_ids))
            .order_by(Camera.recording_id, Camera.index)
        ):
            self._cameras.setdefault(camera.recording_id, []).append(camera)
        self._slugs = unique_slugs(recording_names(session, recording_ids))
        self._folders = camera_folders(session, recording_ids)
        self._views: dict[int, list[tuple[FitView, Frame]]] = {}
        for view, frame in session.execute(
            select(FitView, Frame)
            .join(Frame, Frame.id == FitView.frame_id)
            .where(FitView.fit_id.in_(fit_ids))
        ):
            self._views.setdefault(view.fit_id, []).append((view, frame))

    @property
    def most_cameras(self) -> int:
        return max(len(cameras) for cameras in self._cameras.values())

    def camera_names(self, recording_id: int) -> list[str]:
        return [camera.name for camera in self._cameras[recording_id]]

    def of(self, fit: Fit) -> list[tuple[FitView, Frame, int]]:
        order = {camera.id: i for i, camera in enumerate(self._cameras[fit.recording_id])}
        return [
            (view, frame, order[frame.camera_id]) for view, frame in self._views.get(fit.id, [])
        ]

    def file_name(self, frame: Frame, moment: int) -> str:
        folder = f"{self._slugs[frame.recording_id]}/{self._folders[frame.camera_id]}"
        return frame_file_name(folder, moment, frame.image_key)


def _calibrations(session: Session, runs: Sequence[FitRun]) -> dict[int | None, tuple[str, str]]:
    """Version and cameras (JSON) by calibration; the assumed camera where there was none."""
    ids = {run.calibration_id for run in runs if run.calibration_id is not None}
    found: dict[int | None, tuple[str, str]] = {None: ("assumed", "[]")}
    for row in session.scalars(select(Calibration).where(Calibration.id.in_(ids))):
        found[row.id] = (f"v{row.version}", json.dumps(row.cameras, sort_keys=True))
    return found
