"""Importing recording sessions, their facts, and how they look to the asking person."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import (
    Calibration,
    Infant,
    Job,
    Recording,
    Synchronisation,
    Upload,
    User,
)
from backend.core.database.tables.calibrations import (
    CalibrationOrigin,
    CalibrationPhase,
    SyncMethod,
)
from backend.core.database.tables.jobs import JobKind
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.core.uploads import service as uploads
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.workflow import Stage, allowed_events
from backend.multiview.fits.standing import fit_counts
from backend.recordings import repository
from backend.recordings.access import situation, why_blocked
from backend.recordings.coverage import uneven_cameras
from backend.recordings.schemas import (
    Abilities,
    CalibrationInUse,
    FitCounts,
    ImportIn,
    RecordingDetail,
    RecordingPatch,
    RecordingSummary,
    SynchronisationInUse,
)


def slug(name: str) -> str:
    """A name as a folder: ``Visit 3, Ünal`` → ``visit-3-nal``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "recording"


def summary(session: Session, recording_id: int) -> RecordingSummary:
    """One recording with its counts.

    Raises:
        NotFound: there is none.
    """
    session.flush()
    found = repository.find(session, Recording.id == recording_id)
    if not found:
        raise NotFound(f"There is no recording {recording_id}.")
    return found[0]


def detail(session: Session, user: User, recording: Recording) -> RecordingDetail:
    """One recording as its page shows it to a person."""
    base = summary(session, recording.id)
    here = situation(session, user, recording)
    stage = Stage(recording.stage)
    return RecordingDetail(
        **base.model_dump(),
        notes=recording.notes,
        cameras_list=repository.cameras_of(session, recording.id),
        uneven_cameras=uneven_cameras(session, recording.id),
        allowed_events=list(allowed_events(stage, here.actors())),
        can=Abilities(
            edit=policies.may_annotate(here, stage),
            review=policies.may_review(here, stage),
            review_boxes=policies.may_review_boxes(here, stage),
            edit_boxes=policies.may_edit_boxes(here, stage),
            comment=policies.may_comment(here, stage),
            manage=policies.may_assign(user),
            claim=policies.may_claim(user, recording),
        ),
        blocked_reason=why_blocked(here, stage),
        rounds=repository.rounds_of(session, recording.id),
        discard_counts=repository.discard_counts(session, recording.id),
        quality=repository.quality_of(session, recording.id),
        calibration=_calibration(session, recording),
        synchronisation=_synchronisation(session, recording),
        drift=recording.drift,
        fits=fit_counts(session, [recording.id]).get(recording.id, FitCounts()),
    )


def _calibration(session: Session, recording: Recording) -> CalibrationInUse | None:
    if recording.calibration_id is None:
        return None
    row = session.get_one(Calibration, recording.calibration_id)
    return CalibrationInUse(
        id=row.id,
        version=row.version,
        origin=CalibrationOrigin(row.origin),
        phase=CalibrationPhase(row.phase),
        placed=any(camera["T_camera_world"] is not None for camera in row.cameras),
    )


def _synchronisation(session: Session, recording: Recording) -> SynchronisationInUse | None:
    if recording.synchronisation_id is None:
        return None
    row = session.get_one(Synchronisation, recording.synchronisation_id)
    return SynchronisationInUse(
        id=row.id, version=row.version, method=SyncMethod(row.method), applied_at=row.applied_at
    )


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
        raise Conflict(f"{pseudonym} is already known, and as {infant.sex}.", field="infant.sex")
    elif sex is not None:
        infant.sex = sex
    return infant


def create(
    session: Session, request: ImportIn, user_id: int | None, *, demo: str | None = None
) -> Recording:
    """A new recording session in stage *ingesting*, without frames yet.

    Args:
        session: The transaction.
        request: What to import.
        user_id: Who imports.
        demo: Name of the rendered demo recording, if it is one.

    Raises:
        Conflict: the name is taken.
    """
    infant = infant_by_pseudonym(session, request.infant.pseudonym, request.infant.sex)
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
        JobKind.INGEST,
        "cpu",
        recording.id,
        {"request": request.model_dump(mode="json"), "demo": demo},
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
    request = ImportIn.model_validate(job.payload["request"])
    check_uploads(session, request)
    user = session.get_one(User, job.created_by_id)
    uploads.consume(session, user, request.uploads())
    job.recording_id = create(session, request, user.id, demo=job.payload.get("demo")).id


def release_uploads(session: Session, job: Job) -> None:
    """Give a failed import's uploads back, for another try."""
    request = ImportIn.model_validate(job.payload["request"])
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
