"""Rows about infants: their consents, what is stored of them, and which releases hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, case, cast, distinct, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Camera,
    CameraFile,
    Dataset,
    Export,
    Frame,
    Infant,
    InfantConsent,
    Job,
    Recording,
    Release,
    ReleaseFrame,
    ReleaseRemoval,
    Scan,
    Upload,
    User,
)
from backend.core.database.tables.jobs import ACTIVE, JobKind, JobState
from backend.core.jobs import payloads
from backend.domain.consents import ConsentScope
from backend.domain.errors import InvalidInput
from backend.domain.releases.lifecycle import ReleaseState
from backend.recordings.payloads import IngestPayload


def infants(session: Session, infant_id: int | None = None) -> Sequence[Row[Any]]:
    """Infants by pseudonym with their latest entry and what there is of them."""
    latest = (
        select(
            InfantConsent.infant_id,
            InfantConsent.scope,
            InfantConsent.given_on,
            InfantConsent.document,
        )
        .ext(distinct_on(InfantConsent.infant_id))
        .order_by(InfantConsent.infant_id, InfantConsent.id.desc())
        .subquery()
    )
    frames = (
        select(Frame.recording_id, func.count().label("frames"))
        .group_by(Frame.recording_id)
        .subquery()
    )
    visits = (
        select(
            Recording.infant_id,
            func.count().label("recordings"),
            func.coalesce(func.sum(frames.c.frames), 0).label("frames"),
            func.array_agg(distinct(Recording.consent)).label("consents"),
        )
        .outerjoin(frames, frames.c.recording_id == Recording.id)
        .group_by(Recording.infant_id)
        .subquery()
    )
    query = (
        select(
            Infant.id,
            Infant.pseudonym,
            Infant.sex,
            func.coalesce(visits.c.recordings, 0).label("recordings"),
            cast(func.coalesce(visits.c.frames, 0), BigInteger).label("frames"),
            visits.c.consents,
            latest.c.scope,
            latest.c.given_on,
            latest.c.document,
        )
        .outerjoin(visits, visits.c.infant_id == Infant.id)
        .outerjoin(latest, latest.c.infant_id == Infant.id)
        .order_by(Infant.pseudonym)
    )
    if infant_id is not None:
        query = query.where(Infant.id == infant_id)
    return session.execute(query).all()


def entries(session: Session, infant_id: int) -> list[tuple[InfantConsent, User | None]]:
    """Entries of an infant with who noted them, newest first."""
    rows = session.execute(
        select(InfantConsent, User)
        .outerjoin(User, User.id == InfantConsent.noted_by_id)
        .where(InfantConsent.infant_id == infant_id)
        .order_by(InfantConsent.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def latest_scope(session: Session, infant_id: int) -> ConsentScope | None:
    """The scope of the latest entry; None without one."""
    scope = session.scalar(
        select(InfantConsent.scope)
        .where(InfantConsent.infant_id == infant_id)
        .order_by(InfantConsent.id.desc())
        .limit(1)
    )
    return None if scope is None else ConsentScope(scope)


def lock_infant(session: Session, infant_id: int) -> Infant | None:
    """An infant, held for this transaction."""
    return session.scalar(select(Infant).where(Infant.id == infant_id).with_for_update())


def published_counts(session: Session, infant_ids: Sequence[int]) -> dict[int, int]:
    """By infant how many published releases hold it."""
    held = (
        select(ReleaseFrame.frame_id)
        .where(ReleaseFrame.release_id == Release.id, ReleaseFrame.infant_id == Infant.id)
        .exists()
    )
    rows = session.execute(
        select(Infant.id, func.count())
        .where(Infant.id.in_(infant_ids), Release.state == ReleaseState.PUBLISHED.value, held)
        .select_from(Infant)
        .join(Release, Release.prefix.is_not(None))
        .group_by(Infant.id)
    )
    return {row[0]: row[1] for row in rows}


def holding_releases(session: Session, infant_id: int) -> Sequence[Row[Any]]:
    """Frozen releases with frames of an infant, oldest first, and how many they hold."""
    held = (
        select(ReleaseFrame.release_id, func.count().label("frames"))
        .where(ReleaseFrame.infant_id == infant_id)
        .group_by(ReleaseFrame.release_id)
        .subquery()
    )
    return session.execute(
        select(
            Release.id.label("release_id"),
            Dataset.name.label("dataset"),
            Dataset.title,
            Release.version,
            Release.state,
            Release.audience,
            held.c.frames,
            ReleaseRemoval.removed_at.label("files_removed_at"),
        )
        .join(held, held.c.release_id == Release.id)
        .join(Dataset, Dataset.id == Release.dataset_id)
        .outerjoin(ReleaseRemoval, ReleaseRemoval.release_id == Release.id)
        .order_by(Release.id)
    ).all()


def recordings(session: Session, infant_id: int) -> Sequence[Row[Any]]:
    """Recordings of an infant with what the store holds of each."""

    def counted(column: Any, *condition: Any) -> Any:
        return select(func.count(column)).where(*condition).scalar_subquery()

    return session.execute(
        select(
            Recording.id,
            Recording.name,
            counted(Frame.id, Frame.recording_id == Recording.id).label("frames"),
            select(func.count(CameraFile.id))
            .join(Camera, Camera.id == CameraFile.camera_id)
            .where(Camera.recording_id == Recording.id)
            .scalar_subquery()
            .label("videos"),
            counted(Scan.id, Scan.recording_id == Recording.id).label("scans"),
        )
        .where(Recording.infant_id == infant_id)
        .order_by(Recording.id)
    ).all()


def recording_ids(session: Session, infant_id: int) -> list[int]:
    """Recordings of an infant."""
    return list(
        session.scalars(
            select(Recording.id).where(Recording.infant_id == infant_id).order_by(Recording.id)
        )
    )


def exports_with(session: Session, recording_ids: Sequence[int]) -> Sequence[Export]:
    """Exports that hold labels of recordings."""
    return session.scalars(
        select(Export)
        .where(Export.recording_ids.op("&&")(cast(list(recording_ids), ARRAY(BigInteger))))
        .order_by(Export.id)
    ).all()


def waiting_uploads(session: Session, pseudonym: str) -> list[Upload]:
    """Uploads that failed imports of an infant keep for another try."""
    asked = Job.payload["request"]
    failed = session.scalars(
        select(Job).where(
            Job.kind == JobKind.INGEST.value,
            Job.state.in_([JobState.FAILED.value, JobState.CANCELLED.value]),
            asked["infant"]["pseudonym"].astext == pseudonym,
        )
    )
    ids = {upload for job in failed for upload in _uploads_of(job)}
    return list(
        session.scalars(
            select(Upload)
            .where(Upload.id.in_(ids), Upload.consumed_at.is_(None))
            .order_by(Upload.id)
        )
    )


def _uploads_of(job: Job) -> list[int]:
    try:
        return payloads.read(IngestPayload, job.payload).request.uploads()
    except InvalidInput:  # An older version asked for it: its uploads are gone since.
        return []


def last_erasure(session: Session, infant_id: int) -> int | None:
    """The last job that was to erase an infant."""
    return session.scalar(
        select(Job.id)
        .where(Job.kind == JobKind.ERASE_INFANT.value, _of_infant(infant_id))
        .order_by(Job.id.desc())
        .limit(1)
    )


def being_erased(session: Session) -> set[int]:
    """Infants whose erasure is queued or running."""
    found = session.scalars(
        select(cast(Job.payload["infant_id"].astext, BigInteger)).where(
            Job.kind == JobKind.ERASE_INFANT.value, Job.state.in_(ACTIVE)
        )
    )
    return set(found)


def _of_infant(infant_id: int) -> Any:
    # The cast is guarded: other kinds of jobs have no such member, or another one.
    number = case(
        (
            Job.kind == JobKind.ERASE_INFANT.value,
            cast(Job.payload["infant_id"].astext, BigInteger),
        ),
    )
    return number == infant_id


def unpublished_releases(session: Session) -> list[int]:
    """Releases that have no files that anybody may see."""
    return list(session.scalars(select(Release.id).where(Release.prefix.is_(None))))
