"""Firing events: the stage changes, its consequences follow, all in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Frame, Job, Recording, User
from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import payloads
from backend.core.jobs import service as jobs
from backend.domain import workflow
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.workflow import Actor, Event, Role, Stage
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.workflow.consequences import CONSEQUENCES, Fired, reopen_parts
from backend.labelling.workflow.guards import GUARDS
from backend.recordings import handing_out
from backend.recordings import service as recordings
from backend.recordings.access import get_recording, has_annotated, situation
from backend.recordings.parts import has_part


def fire(
    session: Session,
    recording: Recording,
    event: Event,
    user: User | None,
    *,
    note: str | None = None,
    model: str | None = None,
    by_hand: bool = False,
    job: Job | None = None,
    boxes_from: str | None = None,
) -> None:
    """Fire an event on a recording whose row is locked for update: the one way to another stage.

    Args:
        session: The transaction.
        recording: Locked by :func:`backend.recordings.access.get_recording`.
        event: What happens.
        user: Who fires it; None for the worker.
        note: What the person writes with it.
        model: For pre-labels and boxes, which weights; None for the best present.
        by_hand: For boxes: no model runs, people draw every box that is missing.
        job: The job that does the work that follows, where there is one already.
        boxes_from: For pre-labels by a per-box model, which weights find the people.

    Raises:
        Conflict: not possible in this stage, or a guard does not hold.
        Forbidden: not by this person.
        InvalidInput: something else than boxes by hand, or a model for boxes by hand; or boxes of
            people for something else than pre-labels.
    """
    if by_hand and (event is not Event.BOX or model is not None):
        raise InvalidInput("Only boxes are drawn by hand, and then no model is used.")
    if boxes_from is not None and event is not Event.PRELABEL:
        raise InvalidInput("Only pre-labels take boxes of people from another model.")
    if user is None:
        actors = frozenset({Actor.WORKER})
    else:
        workflow.next_stage(Stage(recording.stage), event)
        if event is Event.START_ANNOTATING and policies.may_claim(user, recording):
            if not handing_out.rules(session).may_choose:
                raise Forbidden("Free recordings are not for choosing here: see My work.")
            handing_out.require_trained(session, user.id)
            recording.annotator_id = user.id
        actors = situation(session, user, recording).actors()
    before = Stage(recording.stage)
    after = workflow.fire(before, event, actors)
    if guard := GUARDS.get(event):
        guard(session, recording, note)
    recording.stage = after.value
    recording.stage_since = datetime.now(UTC)
    audit.record(
        session,
        user.id if user else None,
        "stage_changed",
        "recording",
        recording.id,
        {"event": event, "from": before, "to": after, "round": recording.round, "note": note}
        | ({"by_hand": True} if by_hand else {}),
    )
    fired = Fired(recording, event, user, note, model, by_hand, job, boxes_from)
    for follow in CONSEQUENCES.get(event, ()):
        follow(session, fired)
    if event in workflow.NEW_ROUND:
        recording.round += 1
        session.flush()
        reopen_parts(session, recording)
    session.flush()
    recordings.announce_recording(session, recording)
    if (following := workflow.FOLLOWED_BY.get(event)) is not None:
        fire(session, recording, following, None)


def assign(
    session: Session, recording: Recording, user: User, changes: dict[str, int | None]
) -> None:
    """Say who annotates and who inspects.

    Args:
        session: The transaction.
        recording: Locked for update.
        user: Who assigns.
        changes: ``annotator_id`` and/or ``inspector_id``; None takes away.

    Raises:
        Conflict: it would let somebody inspect what they annotated, or the recording is approved.
        InvalidInput: the person is unknown, inactive or lacks the role.
    """
    policies.require(policies.may_assign(user), "assign people")
    if recording.stage == Stage.APPROVED:
        raise Conflict("This recording is approved and read-only.")
    for field, role in (("annotator_id", Role.ANNOTATOR), ("inspector_id", Role.INSPECTOR)):
        person_id = changes.get(field)
        if person_id is None:
            continue
        person = session.get(User, person_id)
        if person is None or not person.is_active:
            raise InvalidInput(f"There is no active person {person_id}.")
        if role not in person.roles:
            raise InvalidInput(f"{person.name} is not an {role.value}.")
    annotator_id = changes.get("annotator_id", recording.annotator_id)
    inspector_id = changes.get("inspector_id", recording.inspector_id)
    if annotator_id is None and Stage(recording.stage) in workflow.EDITABLE:
        raise Conflict("The recording is being annotated: name somebody else instead.")
    if inspector_id is not None:
        if inspector_id == annotator_id:
            raise Conflict("Nobody inspects what they annotate: choose two different people.")
        if has_annotated(session, inspector_id, recording.id):
            raise Conflict("This person annotated in this recording and cannot inspect it.")
        if has_part(session, inspector_id, recording.id):
            raise Conflict("This person corrects a part of this recording and cannot inspect it.")
    before = {"annotator_id": recording.annotator_id, "inspector_id": recording.inspector_id}
    recording.annotator_id = annotator_id
    recording.inspector_id = inspector_id
    if "annotator_id" in changes:
        # Who is named has it for good, however long they pause.
        handing_out.end_lease(session, recording.id)
    names = {
        p.id: p.name
        for p in session.scalars(select(User).where(User.id.in_([annotator_id, inspector_id])))
    }
    audit.record(
        session, user.id, "assigned", "recording", recording.id,
        {
            "before": before,
            "annotator": names.get(annotator_id or 0),
            "inspector": names.get(inspector_id or 0),
        },
    )  # fmt: skip
    session.flush()
    recordings.announce_recording(session, recording)


def discard_rows(session: Session, recording_id: int) -> None:
    """Remove a recording with all that hangs on it."""
    session.execute(delete(Frame).where(Frame.recording_id == recording_id))
    session.execute(delete(Recording).where(Recording.id == recording_id))


@jobs.on_unsuccessful_end(JobKind.INGEST)
def _import_failed(session: Session, job: Job) -> None:
    """A failed import leaves nothing but its job; retrying begins anew from the uploads."""
    if job.recording_id is not None:
        recording_id = job.recording_id
        job.recording_id = None
        session.flush()
        discard_rows(session, recording_id)
    recordings.release_uploads(session, job)


@jobs.on_retry(JobKind.INGEST)
def _import_again(session: Session, job: Job) -> None:
    recordings.begin_import_again(session, job)


@jobs.on_unsuccessful_end(JobKind.PRELABEL)
def _prelabel_failed(session: Session, job: Job) -> None:
    """Back to where it came from: earlier pre-labels stay."""
    if job.recording_id is None:
        return
    recording = get_recording(session, job.recording_id, lock="update")
    if recording.stage == Stage.PRELABELLING:
        kept = recording.prelabel_model is not None
        event = Event.PRELABEL_FINISHED if kept else Event.PRELABEL_FAILED
        fire(session, recording, event, None, note=job.error)


def _of_some_frames(job: Job) -> bool:
    """Whether a box job is about single frames, which leave the recording's stage alone."""
    return payloads.read(BoxesPayload, job.payload).frame_ids is not None


@jobs.on_unsuccessful_end(JobKind.BOXES)
def _boxes_failed(session: Session, job: Job) -> None:
    if job.recording_id is None or _of_some_frames(job):
        return
    recording = get_recording(session, job.recording_id, lock="update")
    if recording.stage == Stage.BOXING:
        fire(session, recording, Event.BOX_FAILED, None, note=job.error)


def _stage_for_retry(session: Session, job: Job, event: Event, running: Stage) -> None:
    """Bring the recording back to the stage in which its job works."""
    if job.recording_id is None:
        raise Conflict("The recording of this job is gone.")
    recording = get_recording(session, job.recording_id, lock="update")
    if recording.stage != running:
        fire(session, recording, event, None, note="job retried", job=job)


@jobs.on_retry(JobKind.PRELABEL)
def _prelabel_again(session: Session, job: Job) -> None:
    _stage_for_retry(session, job, Event.PRELABEL, Stage.PRELABELLING)


@jobs.on_retry(JobKind.BOXES)
def _boxes_again(session: Session, job: Job) -> None:
    if not _of_some_frames(job):
        _stage_for_retry(session, job, Event.BOX, Stage.BOXING)
