"""Acts on a recording whose answer is how it stands now."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.accounts import policies
from backend.core.database.tables.jobs import JobKind, JobState
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.jobs import repository as jobs
from backend.core.jobs import service as job_rows
from backend.core.jobs.schemas import JobOut
from backend.domain.errors import InvalidInput, NotFound
from backend.labelling.workflow import service as workflow
from backend.multiview.calibrations import service as calibrations
from backend.multiview.calibrations.schemas import ChooseCalibrationIn
from backend.overview.recordings import service as shown
from backend.overview.recordings.schemas import ImportOut, RecordingDetail
from backend.publishing.formats.registry import INTERCHANGE
from backend.recordings import service
from backend.recordings.access import get_recording
from backend.recordings.first_pass import (
    CheckIn,
    CheckOut,
    ChoicesIn,
    FirstPass,
    LabelFormatOut,
)
from backend.recordings.schemas import AssignIn, EventIn, ImportIn, RecordingPatch

router = Router()

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.post("/recordings/import", status_code=202, tags=["recordings"])
def import_recording(request: ImportIn, session: SessionDep, user: CurrentUser) -> ImportOut:
    """Import a recording from finished uploads; the work runs as a job."""
    policies.require(policies.may_import(user), "import recordings")
    _check_format(request.choices)
    recording, job = service.begin_import(session, request, user)
    return ImportOut(
        recording=shown.summary(session, recording.id),
        job=jobs.list_jobs(session, job_ids=[job.id])[0],
    )


@router.get("/recordings/import/formats", tags=["recordings"])
def list_label_formats(user: CurrentUser) -> list[LabelFormatOut]:
    """The formats of labels that are read, in the order in which they are offered."""
    policies.require(policies.may_import(user), "import recordings")
    return [
        LabelFormatOut(name=form.name, title=form.title)
        for form in INTERCHANGE.values()
        if form.read is not None
    ]


@router.post("/recordings/import/check", status_code=202, tags=["recordings"])
def check_import(request: CheckIn, session: SessionDep, user: CurrentUser) -> JobOut:
    """Look through labels and their images before an import; the work runs as a job.

    Nothing is imported, and the uploads stay as they are.
    """
    policies.require(policies.may_import(user), "import recordings")
    _check_format(request.choices)
    job = service.begin_check(session, request, user)
    return jobs.list_jobs(session, job_ids=[job.id])[0]


@router.get("/recordings/import/check/{job_id}", tags=["recordings"])
def show_check(job_id: Id, session: SessionDep, user: CurrentUser) -> CheckOut:
    """A first pass, and what it found once its job has succeeded."""
    policies.require(policies.may_import(user), "import recordings")
    row = job_rows.get_job(session, job_id)
    if row.kind != JobKind.CHECK_IMPORT.value:
        raise NotFound(f"There is no first pass {job_id}.")
    job = jobs.list_jobs(session, job_ids=[job_id])[0]
    done = job.state is JobState.SUCCEEDED
    return CheckOut(job=job, report=FirstPass.model_validate(job.result) if done else None)


@router.patch("/recordings/{recording_id}", tags=["recordings"])
def patch_recording(
    recording_id: int, patch: RecordingPatch, session: SessionDep, user: CurrentUser
) -> RecordingDetail:
    """Change facts of a recording session."""
    recording = get_recording(session, recording_id, lock="update")
    policies.require(policies.may_edit_facts(user, recording), "change facts of a recording")
    service.change_facts(session, recording, patch, user)
    return shown.detail(session, user, recording)


@router.post("/recordings/{recording_id}/events", tags=["stages"])
def fire_event(
    recording_id: int, body: EventIn, session: SessionDep, user: CurrentUser
) -> RecordingDetail:
    """Move a recording on: start, submit, return, approve, run models, reopen."""
    recording = get_recording(session, recording_id, lock="update")
    workflow.fire(
        session,
        recording,
        body.event,
        user,
        note=body.note or None,
        model=body.model,
        by_hand=body.by_hand,
        boxes_from=body.boxes_from,
    )
    return shown.detail(session, user, recording)


@router.post("/recordings/{recording_id}/assign", tags=["stages"])
def assign_people(
    recording_id: int, body: AssignIn, session: SessionDep, user: CurrentUser
) -> RecordingDetail:
    """Say who annotates and who inspects."""
    recording = get_recording(session, recording_id, lock="update")
    workflow.assign(session, recording, user, body.model_dump(exclude_unset=True))
    return shown.detail(session, user, recording)


@router.post("/recordings/{recording_id}/calibration", tags=["calibrations"])
def choose_calibration(
    recording_id: Id, body: ChooseCalibrationIn, user: CurrentUser, session: SessionDep
) -> RecordingDetail:
    """Choose the version in use."""
    recording = calibrations.choose(session, user, recording_id, body.calibration_id)
    return shown.detail(session, user, recording)


def _check_format(choices: ChoicesIn) -> None:
    """Refuse a format that is not read.

    Raises:
        InvalidInput: there is none of that name.
    """
    readable = [form.name for form in INTERCHANGE.values() if form.read is not None]
    if choices.format is not None and choices.format not in readable:
        raise InvalidInput(
            f"There is no format {choices.format} that is read; known: {', '.join(readable)}."
        )
