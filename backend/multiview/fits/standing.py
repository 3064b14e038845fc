"""How far a recording's body fits are: which are stale, and how many stand where."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ARRAY, BigInteger, ColumnElement, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Annotation,
    Fit,
    FitView,
    Frame,
    Recording,
    RecordingCount,
    RecordingFits,
    Scan,
)
from backend.domain.fits import FitStatus
from backend.labelling.conditions import KEPT, older_than_joints
from backend.multiview.fits.schemas import FitCounts
from backend.multiview.scans.pairing import SCAN_FRAME

_Seen = aliased(FitView)

_SCANS_NOW: Final = func.array(
    select(Scan.id)
    .join(Frame, SCAN_FRAME)
    .where(Frame.moment_id == Fit.moment_id)
    .order_by(Scan.id)
    .correlate(Fit)
    .scalar_subquery(),
    type_=ARRAY(BigInteger),
)

STALE_FIT: Final[ColumnElement[bool]] = or_(
    exists()
    .where(
        FitView.fit_id == Fit.id,
        Annotation.frame_id == FitView.frame_id,
        Frame.id == FitView.frame_id,
        or_(
            older_than_joints(FitView.made_from),
            ~KEPT,
            Frame.moment_id != Fit.moment_id,
        ),
    )
    .correlate(Fit),
    exists()
    .where(
        Frame.moment_id == Fit.moment_id,
        Annotation.frame_id == Frame.id,
        KEPT,
        Annotation.keypoints.is_not(None),
        ~exists().where(_Seen.fit_id == Fit.id, _Seen.frame_id == Frame.id).correlate(Fit, Frame),
    )
    .correlate(Fit),
    Fit.scans.is_distinct_from(_SCANS_NOW),
)
"""``domain.staleness.is_fit_stale``: a joint changed, a view was discarded or came to be, frames
were paired anew, or scans came or went."""


def fit_counts(session: Session, recording_id: int) -> FitCounts:
    """Body fits of a recording by where they stand, as they were last counted or counted now."""
    changes = (
        select(func.sum(RecordingCount.n))
        .where(RecordingCount.recording_id == Recording.id, RecordingCount.what == "fits:changes")
        .scalar_subquery()
    )
    now, then, counts = session.execute(
        select(changes, RecordingFits.changes, RecordingFits.counts)
        .select_from(Recording)
        .outerjoin(RecordingFits, RecordingFits.recording_id == Recording.id)
        .where(Recording.id == recording_id)
    ).one()
    if now is None:  # there never was one
        return FitCounts()
    if now == then:
        return FitCounts.model_validate(counts)
    found = _count(session, recording_id)
    values = {"changes": int(now), "counts": found.model_dump()}
    session.execute(
        insert(RecordingFits)
        .values(recording_id=recording_id, **values)
        .on_conflict_do_update(index_elements=[RecordingFits.recording_id], set_=values)
    )
    return found


def _count(session: Session, recording_id: int) -> FitCounts:
    fitted, verified, rejected, stale, failed = session.execute(
        select(
            func.count().filter(Fit.status == FitStatus.FITTED.value),
            func.count().filter(Fit.status == FitStatus.VERIFIED.value),
            func.count().filter(Fit.status == FitStatus.REJECTED.value),
            func.count().filter(STALE_FIT),
            func.count().filter(~Fit.gate_passed),
        ).where(Fit.recording_id == recording_id)
    ).one()
    return FitCounts(
        fitted=fitted, verified=verified, rejected=rejected, stale=stale, gate_failed=failed
    )
