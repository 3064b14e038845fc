"""Importing recordings, their facts, and telling of their changes."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import (
    Infant,
    InfantConsent,
    Job,
    Recording,
    Upload,
    User,
)
from backend.core.events import announce
from backend.core.jobs import payloads
from backend.core.jobs import service as jobs
from backend.core.uploads import service as uploads
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.workflow import Stage
from backend.recordings.first_pass import CheckIn
from backend.recordings.payloads import CheckImportPayload, IngestPayload
from backend.recordings.schemas import (
    ImportIn,
    RecordingPatch,
)


def slug(name: str) -> str:
    """A name as a folder: ``Visit 3, Ünal`` → ``visit-3-nal``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "recording"


def infant_by_pseudonym(session: Session, pseudonym: str, sex: str | None) -> Infant:
    """The infant of that pseudonym, made if new.

    Raises:
        Conflict: the infant is known with another sex.
    """
    infant = session.scalar(select(Infant).where(Infant.pseudonym == pseudonym))
    if infant is None:
        infant = Infant(pseudonym=pseudonym, sex=sex)
        session.add(infant)
        session.flush()
    elif sex is not None and infant.sex is not None and infant.sex != sex:
        raise Conflict(
            f"{pseudonym} is already known, with the sex {infant.sex}.", field="infant.sex"
        )
    elif sex is not None:
        infant.sex = sex
    return infant


def _require_not_withdrawn(session: Session, infant: Infant) -> None:
    """Refuse to import anew what a family took back."""
    scope = session.scalar(
        select(InfantConsent.scope)
        .where(InfantConsent.infant_id == infant.id)
        .order_by(InfantConsent.id.desc())
        .limit(1)
    )
    if scope == ConsentScope.NONE.value:
        raise Conflict(
            f"The family of {infant.pseudonym} took its consent back: nothing of this infant is"
            " imported. If it has agreed again, add that on the page Infants first.",
            field="infant.pseudonym",
        )


def create(
    session: Session, request: ImportIn, user_id: int | None, *, demo: str | None = None
) -> Recording:
    """A new recording in stage *ingesting*, without frames yet.

    Args:
        session: The transaction.
        request: What to import.
        user_id: Who imports.
        demo: Name of the rendered demo recording, if it is one.

    Raises:
        Conflict: the name is taken, or the infant's family took its consent back.
    """
    infant = infant_by_pseudonym(session, request.infant.pseudonym, request.infant.sex)
    _require_not_withdrawn(session, infant)
    recording = Recording(
        name=request.name,
        source=request.source.value,
        infant_id=infant.id,
        age_months=request.age_months,
        consent=request.consent.value,
        notes=request.notes,
        created_by_id=user_id,
        is_demo=demo is not None,
        import_request=request.model_dump(mode="json") | {"demo": demo},
        stage=Stage.INGESTING.value,
        round=1,
    )
    try:
        with session.begin_nested():
            session.add(recording)
            session.flush()
    except IntegrityError as error:
        if "uq_recordings_name" not in str(error.orig):
            raise
        raise Conflict(
            f"There is already a recording named “{request.name}”.", field="name"
        ) from error
    return recording


def import_request_of(recording: Recording) -> ImportIn:
    """What was asked for when a recording was imported."""
    stored = recording.import_request
    return ImportIn.model_validate({name: stored[name] for name in ImportIn.model_fields
                                    if name in stored})  # fmt: skip


def check_uploads(session: Session, request: ImportIn) -> None:
    """See that every file of an import has arrived.

    Raises:
        InvalidInput: an upload is unknown, unfinished or used twice.
    """
    wanted = request.uploads()
    if len(set(wanted)) != len(wanted):
        raise InvalidInput("The same file is used twice in this import.")
    rows = {u.id: u for u in session.scalars(select(Upload).where(Upload.id.in_(wanted)))}
    for upload_id in wanted:
        upload = rows.get(upload_id)
        if upload is None:
            raise InvalidInput(f"There is no upload {upload_id}; it may have expired.")
        if upload.completed_at is None:
            raise InvalidInput("This file has not arrived completely.", file=upload.filename)


def begin_check(session: Session, request: CheckIn, user: User) -> Job:
    """Queue a first pass over labels and their images; the uploads stay for the import.

    Raises:
        NotFound: an upload is unknown or somebody else's.
        InvalidInput: the same upload is named twice.
        Conflict: one is not complete, or was used by an import.
    """
    wanted = request.uploads()
    if len(set(wanted)) != len(wanted):
        raise InvalidInput("The same file is used twice in this import.")
    rows = {upload_id: uploads.get(session, user, upload_id) for upload_id in wanted}
    for upload in rows.values():
        if upload.completed_at is None:
            raise Conflict(f"{upload.filename} is not completely uploaded yet.")
        if upload.consumed_at is not None:
            raise Conflict(f"{upload.filename} was used already.")
    return jobs.enqueue(
        session,
        CheckImportPayload(request=request),
        None,
        user.id,
        title=f"First pass over {rows[(request.labels() or wanted)[0]].filename}",
    )


def begin_import(
    session: Session, request: ImportIn, user: User, *, demo: str | None = None
) -> tuple[Recording, Job]:
    """Accept an import and queue its work.

    Args:
        session: The transaction.
        request: What to import.
        user: Who imports.
        demo: Name of the rendered demo recording that the uploads hold, if they do.

    Raises:
        InvalidInput: an upload is unknown, unfinished or used twice.
        Conflict: the name or an upload is taken.
    """
    check_uploads(session, request)
    uploads.consume(session, user, request.uploads())
    recording = create(session, request, user.id, demo=demo)
    job = jobs.enqueue(
        session,
        IngestPayload(request=request, demo=demo),
        recording.id,
        user.id,
        title=f"Import of {recording.name}",
    )
    audit.record(session, user.id, "import_started", "recording", recording.id)
    announce_recording(session, recording)
    return recording, job


def begin_import_again(session: Session, job: Job) -> None:
    """Prepare a failed import's job for another try, from the uploads that it still has.

    Raises:
        InvalidInput: an upload is gone.
        Conflict: the name or an upload is taken meanwhile.
    """
    payload = payloads.read(IngestPayload, job.payload)
    request = payload.request
    check_uploads(session, request)
    user = session.get_one(User, job.created_by_id)
    uploads.consume(session, user, request.uploads())
    job.recording_id = create(session, request, user.id, demo=payload.demo).id


def release_uploads(session: Session, job: Job) -> None:
    """Give a failed import's uploads back, for another try."""
    request = payloads.read(IngestPayload, job.payload).request
    session.execute(update(Upload).where(Upload.id.in_(request.uploads())).values(consumed_at=None))


def announce_recording(session: Session, recording: Recording) -> None:
    """Tell browsers that a recording changed."""
    announce(
        session,
        "recording",
        {"id": recording.id, "stage": recording.stage, "round": recording.round},
    )


def change_facts(session: Session, recording: Recording, patch: RecordingPatch, user: User) -> None:
    """Change a recording's facts.

    Raises:
        Conflict: the name is taken.
    """
    changes: dict[str, Any] = patch.model_dump(exclude_unset=True, mode="json")
    if changes.get("name") is None:
        changes.pop("name", None)
    for field in ("consent", "source"):
        if field in changes and changes[field] is None:
            changes.pop(field)
    name = changes.get("name")
    if name and session.scalar(
        select(func.count()).where(Recording.name == name, Recording.id != recording.id)
    ):
        raise Conflict(f"There is already a recording named “{name}”.", field="name")
    before = {field: getattr(recording, field) for field in changes}
    for field, value in changes.items():
        setattr(recording, field, value)
    audit.record(
        session, user.id, "facts_changed", "recording", recording.id,
        {"before": before, "after": changes},
    )  # fmt: skip
    announce_recording(session, recording)
