"""Reading body fits, with what their views say and whether they are stale."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sqlalchemy import ColumnElement, Row, func, insert, literal, literal_column, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Calibration,
    Fit,
    FitRevision,
    FitRun,
    FitView,
    Frame,
    Moment,
    User,
)
from backend.core.jobs.schemas import Named
from backend.domain.fit_quality import half_widths, trust_of, unpack
from backend.domain.fits import FitRejection, FitStatus
from backend.labelling.conditions import KEPT
from backend.multiview.fits.schemas import (
    FitDoubtOut,
    FitOut,
    FitRunOut,
    FitStep,
    FitViewOut,
    VersionUsed,
)
from backend.multiview.fits.standing import STALE_FIT


def _threes(values: Sequence[float]) -> list[list[float]]:
    return [list(values[i : i + 3]) for i in range(0, len(values), 3)]


def _sixes(values: Sequence[float]) -> list[list[float]]:
    return [list(values[i : i + 6]) for i in range(0, len(values), 6)]


def find_fits(session: Session, *conditions: ColumnElement[bool]) -> list[FitOut]:
    """Fits that fulfil all conditions, by moment; four queries whatever their number."""
    rows = session.execute(
        select(Fit, Moment.index, Moment.time_s, FitRun, STALE_FIT)
        .join(Moment, Moment.id == Fit.moment_id)
        .join(FitRun, FitRun.id == Fit.run_id)
        .where(*conditions)
        .order_by(Moment.index)
        .execution_options(populate_existing=True)
    ).all()
    views = _views(session, conditions)
    people = {
        user.id: Named.model_validate(user)
        for user in session.scalars(
            select(User).where(User.id.in_({row[0].reviewed_by_id for row in rows} - {None}))
        )
    }
    return [_out(row, views[row[0].id], people.get(row[0].reviewed_by_id or 0)) for row in rows]


def _out(
    row: Row[Fit, int, float, FitRun, bool], views: list[FitViewOut], reviewer: Named | None
) -> FitOut:
    fit, index, time_s, run, stale = row
    return FitOut(
        id=fit.id,
        run_id=run.id,
        moment_id=fit.moment_id,
        moment_index=index,
        time_s=time_s,
        version=fit.version,
        body_name=run.body_name,
        body_sha256=run.body_sha256,
        betas=run.betas,
        scale=run.scale,
        pose=fit.pose,
        translation=fit.translation,
        joints=_threes(fit.joints),
        body_joints=_threes(fit.body_joints),
        mean_error_px=fit.mean_error_px,
        gate_passed=fit.gate_passed,
        converged=fit.converged,
        assumed_camera=fit.assumed_camera,
        self_intersections=fit.self_intersections,
        metrics=fit.metrics,
        covariance=None if fit.covariance is None else _sixes(fit.covariance),
        intervals_mm=None
        if fit.covariance is None
        else np.round(1000 * half_widths(unpack(fit.covariance)), 1).tolist(),
        quality_mm=fit.quality_mm,
        trust=None if fit.quality_mm is None else trust_of(fit.quality_mm),
        doubts=[FitDoubtOut.model_validate(doubt) for doubt in fit.doubts],
        has_surface=fit.surface_key is not None,
        status=FitStatus(fit.status),
        reason=FitRejection(fit.reason) if fit.reason else None,
        reason_text=fit.reason_text,
        stale=stale,
        reviewed_by=reviewer,
        reviewed_at=fit.reviewed_at,
        views=views,
    )


def _views(
    session: Session, conditions: Sequence[ColumnElement[bool]]
) -> dict[int, list[FitViewOut]]:
    found: dict[int, list[FitViewOut]] = defaultdict(list)
    rows = session.execute(
        select(
            FitView.fit_id,
            FitView.frame_id,
            Frame.camera_id,
            Frame.position,
            FitView.errors,
            FitView.mask_iou,
        )
        .join(Fit, Fit.id == FitView.fit_id)
        .join(Frame, Frame.id == FitView.frame_id)
        .where(*conditions)
        .order_by(FitView.fit_id, Frame.camera_id)
    )
    for fit_id, frame_id, camera_id, position, errors, iou in rows:
        known = [e for e in errors if not math.isnan(e)]
        found[fit_id].append(
            FitViewOut(
                frame_id=frame_id,
                camera_id=camera_id,
                position=position,
                errors=[None if math.isnan(e) else e for e in errors],
                mean_error_px=sum(known) / len(known) if known else None,
                mask_iou=iou,
            )
        )
    return found


def runs(session: Session, run_ids: Sequence[int]) -> list[FitRunOut]:
    """Runs by id, newest first."""
    rows = session.execute(
        select(FitRun, Calibration.version, User)
        .outerjoin(Calibration, Calibration.id == FitRun.calibration_id)
        .outerjoin(User, User.id == FitRun.created_by_id)
        .where(FitRun.id.in_(run_ids))
        .order_by(FitRun.id.desc())
    )
    return [
        FitRunOut(
            id=run.id,
            body_name=run.body_name,
            body_sha256=run.body_sha256,
            calibration=VersionUsed(id=run.calibration_id, version=version)
            if run.calibration_id
            else None,
            config_version=run.config_version,
            config=run.config,
            betas=run.betas,
            scale=run.scale,
            summary=run.summary,
            shape_deviation=None if run.shape_covariance is None else deviations(run)[:-1],
            scale_deviation=None if run.shape_covariance is None else deviations(run)[-1],
            noise_px=run.noise_px,
            created_at=run.created_at,
            created_by=Named.model_validate(user) if user else None,
        )
        for run, version, user in rows
    ]


def deviations(run: FitRun) -> list[float]:
    """Standard deviations of the betas, then of the scale."""
    n = len(run.betas) + 1
    matrix = np.asarray(run.shape_covariance, float).reshape(n, n)
    return [float(v) for v in np.sqrt(np.maximum(np.diag(matrix), 0)).round(5)]


def fittable_moments(session: Session, recording_id: int) -> int:
    """Moments of which some view is kept and has joints."""
    return session.scalar(
        select(func.count(func.distinct(Frame.moment_id)))
        .join(Annotation, Annotation.frame_id == Frame.id)
        .where(
            Frame.recording_id == recording_id,
            KEPT,
            Annotation.keypoints.is_not(None),
        )
    ) or 0  # fmt: skip


def stale_moments(session: Session, recording_id: int) -> list[int]:
    """Moments whose fit no longer belongs to its joints."""
    return list(
        session.scalars(select(Fit.moment_id).where(Fit.recording_id == recording_id, STALE_FIT))
    )


def append_revisions(
    session: Session, fit_ids: Sequence[int], *, author_id: int | None, run_id: int | None
) -> None:
    """Write the fits as they are now into their history."""
    session.flush()
    session.execute(
        insert(FitRevision).from_select(
            ["fit_id", "version", "author_id", "run_id", "state"],
            select(
                Fit.id,
                Fit.version,
                literal(author_id, FitRevision.author_id.type),
                literal(run_id, FitRevision.run_id.type),
                func.to_jsonb(literal_column(Fit.__tablename__)),
            ).where(Fit.id.in_(fit_ids)),
        )
    )


def history(session: Session, fit_id: int) -> list[FitStep]:
    """A fit's steps, newest first."""
    rows = session.execute(
        select(FitRevision, User)
        .outerjoin(User, User.id == FitRevision.author_id)
        .where(FitRevision.fit_id == fit_id)
        .order_by(FitRevision.version.desc())
    )
    return [
        FitStep(
            version=step.version,
            created_at=step.created_at,
            author=Named.model_validate(user) if user else None,
            run_id=step.run_id,
            status=step.state["status"],
            reason=step.state["reason"],
            reason_text=step.state["reason_text"],
            mean_error_px=step.state["mean_error_px"],
        )
        for step, user in rows
    ]
