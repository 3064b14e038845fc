"""Counts of what hangs on a recording: what an import and models made, and what people did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    BoxRevision,
    Calibration,
    Camera,
    CameraFile,
    Candidate,
    Comment,
    Fit,
    FitRevision,
    Frame,
    FrameBox,
    FrameMark,
    Infant,
    InfantConsent,
    Job,
    PostureRevision,
    Recording,
    ReleaseFrame,
    ReleaseSplit,
    ReviewRound,
    Scan,
)
from backend.core.database.tables.jobs import ACTIVE, JobKind

Count = Select[Any]


def _of(table: Any, recording_id: int) -> Count:
    return select(func.count()).select_from(table).where(table.recording_id == recording_id)


def _of_frames(table: Any, recording_id: int, *more: Any, each: Any = None) -> Count:
    counted = func.count() if each is None else func.count(each.distinct())
    return (
        select(counted)
        .select_from(table)
        .join(Frame, Frame.id == table.frame_id)
        .where(Frame.recording_id == recording_id, *more)
    )


def _goes(recording_id: int) -> Mapping[str, Count]:
    return {
        "cameras": _of(Camera, recording_id),
        "videos": select(func.count())
        .select_from(CameraFile)
        .join(Camera, Camera.id == CameraFile.camera_id)
        .where(Camera.recording_id == recording_id),
        "frames": _of(Frame, recording_id),
        "images": select(func.count(Frame.image_key.distinct())).where(
            Frame.recording_id == recording_id
        ),
        "candidates": _of_frames(Candidate, recording_id),
        "boxes": _of(FrameBox, recording_id),
        "fits": _of(Fit, recording_id),
        "calibrations": _of(Calibration, recording_id),
        "scans": _of(Scan, recording_id),
    }


def _prevents(recording_id: int) -> Mapping[str, Count]:
    by_people = or_(
        Annotation.updated_by_id.is_not(None),
        select(AnnotationRevision.id)
        .where(
            AnnotationRevision.frame_id == Annotation.frame_id,
            AnnotationRevision.author_id.is_not(None),
        )
        .exists(),
    )
    reviewed = or_(
        Fit.reviewed_by_id.is_not(None),
        select(FitRevision.id)
        .where(FitRevision.fit_id == Fit.id, FitRevision.author_id.is_not(None))
        .exists(),
    )
    return {
        "annotated": _of(Annotation, recording_id).where(by_people),
        "boxed": _of_frames(
            BoxRevision,
            recording_id,
            BoxRevision.author_id.is_not(None),
            each=BoxRevision.frame_id,
        ),
        "marks": _of(FrameMark, recording_id),
        "comments": _of(Comment, recording_id),
        "postures": _of(PostureRevision, recording_id).where(
            PostureRevision.author_id.is_not(None)
        ),
        "rounds": _of(ReviewRound, recording_id),
        "reviewed_fits": _of(Fit, recording_id).where(reviewed),
        "released": select(func.count(ReleaseFrame.frame_id.distinct())).where(
            or_(
                ReleaseFrame.frame_id.in_(
                    select(Frame.id).where(Frame.recording_id == recording_id)
                ),
                ReleaseFrame.recording_id == recording_id,
            )
        ),
        "jobs": _of(Job, recording_id).where(
            Job.state.in_(ACTIVE), Job.kind != JobKind.UNDO_IMPORT.value
        ),
    }


WORDS: Final = {
    "cameras": ("camera", "cameras"),
    "videos": ("video", "videos"),
    "frames": ("frame", "frames"),
    "images": ("stored image", "stored images"),
    "candidates": ("person found in a frame", "people found in frames"),
    "boxes": ("box that nobody drew", "boxes that nobody drew"),
    "fits": ("body fit", "body fits"),
    "annotated": ("frame that people annotated", "frames that people annotated"),
    "boxed": (
        "frame whose box somebody drew or judged",
        "frames whose boxes people drew or judged",
    ),
    "marks": ("mark of an inspector", "marks of inspectors"),
    "comments": ("comment", "comments"),
    "postures": ("change of postures", "changes of postures"),
    "rounds": ("round of review", "rounds of review"),
    "calibrations": ("calibration", "calibrations"),
    "scans": ("depth scan", "depth scans"),
    "reviewed_fits": ("body fit that somebody judged", "body fits that people judged"),
    "released": ("frame that a release holds", "frames that releases hold"),
    "jobs": (
        "job that is waiting or running for it: cancel it first",
        "jobs that are waiting or running for it: cancel them first",
    ),
}
"""Each kind in words, for one and for several."""


def counts(session: Session, recording_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """What would go, and what stands against it; kinds of which there are none are left out."""
    return (
        _counted(session, _goes(recording_id)),
        _counted(session, _prevents(recording_id)),
    )


def prevents(session: Session, recording_id: int) -> dict[str, int]:
    """What stands against it alone."""
    return _counted(session, _prevents(recording_id))


def _counted(session: Session, queries: Mapping[str, Count]) -> dict[str, int]:
    # One statement: all counts are of the same instant.
    row = session.execute(select(*(q.scalar_subquery().label(n) for n, q in queries.items()))).one()
    return {name: n for name, n in row._mapping.items() if n}


def lonely_infant(session: Session, infant_id: int) -> Infant | None:
    """An infant of whom nothing is known but its pseudonym; None where something else names it."""
    return session.scalar(_lonely(infant_id).with_for_update(skip_locked=True))


def infant_that_goes(session: Session, recording: Recording) -> str | None:
    """The pseudonym that goes with a recording, because nothing else names its infant."""
    query = _lonely(recording.infant_id, besides=recording.id)
    return session.scalar(query.with_only_columns(Infant.pseudonym))


def _lonely(infant_id: int, besides: int = 0) -> Select[Infant]:
    return select(Infant).where(
        Infant.id == infant_id,
        ~select(Recording.id)
        .where(Recording.infant_id == infant_id, Recording.id != besides)
        .exists(),
        ~select(InfantConsent.id).where(InfantConsent.infant_id == infant_id).exists(),
        ~select(ReleaseSplit.infant_id).where(ReleaseSplit.infant_id == infant_id).exists(),
        ~select(ReleaseFrame.frame_id).where(ReleaseFrame.infant_id == infant_id).exists(),
    )
