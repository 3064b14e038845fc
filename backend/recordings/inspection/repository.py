"""Reading and writing what was seen in uploaded videos."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, Upload, UploadLook
from backend.core.database.tables.jobs import JobKind, JobState


def uploads_of(session: Session, upload_ids: Sequence[int]) -> dict[int, Upload]:
    """Uploads by id."""
    rows = session.scalars(select(Upload).where(Upload.id.in_(upload_ids)))
    return {row.id: row for row in rows}


def looks_of(session: Session, upload_ids: Sequence[int]) -> dict[int, UploadLook]:
    """What was seen, by upload."""
    rows = session.scalars(select(UploadLook).where(UploadLook.upload_id.in_(upload_ids)))
    return {row.upload_id: row for row in rows}


def put(session: Session, look: UploadLook) -> None:
    """Keep what was seen, instead of what was seen before."""
    values = {
        "facts": look.facts,
        "times": look.times,
        "fault": look.fault,
    }
    session.execute(
        insert(UploadLook)
        .values(upload_id=look.upload_id, **values)
        .on_conflict_do_update(index_elements=[UploadLook.upload_id], set_=values)
    )


def job_on(session: Session, upload_ids: Sequence[int]) -> Job | None:
    """The newest job that was to look at all of these and has not done it: at work, or failed."""
    newest = session.scalar(
        select(Job)
        .where(
            Job.kind == JobKind.INSPECT.value,
            Job.payload.contains({"upload_ids": list(upload_ids)}),
        )
        .order_by(Job.id.desc())
        .limit(1)
    )
    done = newest is None or newest.state == JobState.SUCCEEDED.value
    return None if done else newest
