"""Acts on a recording session whose answer is how it stands now."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.accounts import policies
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.jobs import repository as jobs
from backend.labelling.workflow import service as workflow
from backend.multiview.calibrations import service as calibrations
from backend.multiview.calibrations.schemas import ChooseCalibrationIn
from backend.overview.recordings import service as shown
from backend.overview.recordings.schemas import ImportOut, RecordingDetail
from backend.recordings import service
from backend.recordings.access import get_recording
from backend.recordings.schemas import AssignIn, EventIn, ImportIn, RecordingPatch

router = Router()

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.post("/recordings/import", status_code=202, tags=["recordings"])
def import_recording(request: ImportIn, session: SessionDep, user: CurrentUser) -> ImportOut:
    """Import a recording session from finished uploads; the work runs as a job."""
    policies.require(policies.may_import(user), "import recordings")
    recording, job = service.begin_import(session, request, user)
    return ImportOut(
        recording=shown.summary(session, recording.id),
        job=jobs.list_jobs(session, job_ids=[job.id])[0],
    )


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
    """Move a recording session on: start, submit, return, approve, run models, reopen."""
    recording = get_recording(session, recording_id, lock="update")
    workflow.fire(
        session,
        recording,
        body.event,
        user,
        note=body.note or None,
        model=body.model,
        by_hand=body.by_hand,
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
