"""Body fits of recordings as the arrays of one ``.npz`` file, described in ``docs/export.md``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

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
from backend.multiview.scans.repository import told
from backend.publishing.body_arrays import ASSUMED, FittedBody, FittedView, body_fits
from backend.publishing.exports.cameras import camera_folders, frame_file_name
from backend.publishing.exports.naming import unique_slugs
from backend.publishing.exports.repository import recording_names
from backend.publishing.labelled import BodyFits


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
    calibrations = _calibrations(session, [run for _, run, *_ in rows])
    scans = told(session, {key for fit, *_ in rows for key in fit.scans}, views.places)
    return body_fits(
        [
            FittedBody(
                session=name,
                moment=index,
                time_s=time_s,
                run=_columns(run),
                state=_columns(fit),
                calibration=calibrations[run.calibration_id],
                cameras=views.camera_names(fit.recording_id),
                views=views.of(fit, index),
                scans=[scans[key] for key in fit.scans if key in scans],
            )
            for fit, run, index, time_s, name in rows
        ]
    )


def _columns(row: Fit | FitRun) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


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
    def places(self) -> dict[int, int]:
        """Place of each camera in its recording."""
        return {c.id: i for cameras in self._cameras.values() for i, c in enumerate(cameras)}

    def camera_names(self, recording_id: int) -> list[str]:
        return [camera.name for camera in self._cameras[recording_id]]

    def of(self, fit: Fit, moment: int) -> list[FittedView]:
        order = {camera.id: i for i, camera in enumerate(self._cameras[fit.recording_id])}
        return [
            FittedView(
                frame.id,
                order[frame.camera_id],
                self._file_name(frame, moment),
                view.errors,
                view.mask_iou,
            )
            for view, frame in self._views.get(fit.id, [])
        ]

    def _file_name(self, frame: Frame, moment: int) -> str:
        folder = f"{self._slugs[frame.recording_id]}/{self._folders[frame.camera_id]}"
        return frame_file_name(folder, moment, frame.image_key)


def _calibrations(session: Session, runs: Sequence[FitRun]) -> dict[int | None, tuple[str, str]]:
    """Version and cameras (JSON) by calibration; the assumed camera where there was none."""
    ids = {run.calibration_id for run in runs if run.calibration_id is not None}
    found: dict[int | None, tuple[str, str]] = {None: ASSUMED}
    for row in session.scalars(select(Calibration).where(Calibration.id.in_(ids))):
        found[row.id] = (f"v{row.version}", json.dumps(row.cameras, sort_keys=True))
    return found
