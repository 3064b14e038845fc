"""Cutting a long recording into parts for several people, and joining them again."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Recording, RecordingPart, User
from backend.domain import parts as rules
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.domain.workflow import EDITABLE, Event, Role, Stage
from backend.labelling.annotations import repository as joints
from backend.labelling.handouts import repository
from backend.labelling.handouts.schemas import CutIn
from backend.labelling.reviews import repository as reviews
from backend.labelling.workflow import service as workflow
from backend.recordings import handing_out
from backend.recordings import service as recordings
from backend.recordings.access import get_recording
from backend.recordings.parts import moments_of_frames, open_parts

_CUTTABLE = frozenset({Stage.INGESTED, Stage.PRELABELLED, Stage.ANNOTATING, Stage.RETURNED})


def cut(session: Session, user: User, recording_id: int, wanted: CutIn) -> None:
    """Cut a recording into parts, or cut it anew; what was saved stays.

    Raises:
        NotFound: there is no such recording.
        Forbidden: not by this person.
        Conflict: not in this stage, or somebody would inspect what they annotate.
        InvalidInput: the parts do not cover the recording, or somebody does not annotate.
    """
    policies.require(policies.may_assign(user), "cut recordings into parts")
    recording = get_recording(session, recording_id, lock="update")
    if Stage(recording.stage) not in _CUTTABLE:
        raise Conflict(
            f"This recording is {recording.stage.replace('_', ' ')}; it is cut into parts before"
            " or while it is annotated.",
            stage=recording.stage,
        )
    moments = repository.moments_count(session, recording_id)
    if bool(wanted.people) == bool(wanted.parts):
        raise InvalidInput("Name either people or parts.")
    if wanted.people:
        ranges = rules.cut(moments, len(wanted.people))
        people = wanted.people
    else:
        ranges = [rules.Part(part.first, part.last) for part in wanted.parts]
        rules.check_cover(ranges, moments)
        people = [part.user_id for part in wanted.parts]
    names = {key: _annotator(session, recording, key).name for key in people}
    session.execute(delete(RecordingPart).where(RecordingPart.recording_id == recording_id))
    session.add_all(
        RecordingPart(
            recording_id=recording_id, index=i, first=part.first, last=part.last, user_id=person
        )
        for i, (part, person) in enumerate(zip(ranges, people, strict=True))
    )
    recording.in_parts = True
    if recording.annotator_id is None:
        recording.annotator_id = people[0]
    handing_out.end_lease(session, recording_id)
    facts = [
        {"first": part.first, "last": part.last, "person": names[key]}
        for part, key in zip(ranges, people, strict=True)
    ]
    audit.record(session, user.id, "cut_into_parts", "recording", recording_id, {"parts": facts})
    session.flush()
    recordings.announce_recording(session, recording)


def join(session: Session, user: User, recording_id: int) -> None:
    """Make a recording one piece again: its annotator's, whatever was saved by whom.

    Raises:
        NotFound: there is no such recording.
        Forbidden: not by this person.
    """
    policies.require(policies.may_assign(user), "join the parts of a recording")
    recording = get_recording(session, recording_id, lock="update")
    if not recording.in_parts:
        return
    session.execute(delete(RecordingPart).where(RecordingPart.recording_id == recording_id))
    recording.in_parts = False
    audit.record(session, user.id, "joined_parts", "recording", recording_id)
    session.flush()
    recordings.announce_recording(session, recording)


def reassign(session: Session, user: User, part_id: int, person_id: int) -> None:
    """Give one part to somebody else; what was saved in it stays.

    Raises:
        NotFound: there is no such part.
        Forbidden: not by this person.
        Conflict: the person inspects the recording.
        InvalidInput: the person does not annotate.
    """
    policies.require(policies.may_assign(user), "assign people")
    recording, part = _held(session, part_id)
    person = _annotator(session, recording, person_id)
    before = session.get(User, part.user_id)
    part.user_id = person.id
    facts = {"part": part.index + 1, "from": before.name if before else None, "to": person.name}
    audit.record(session, user.id, "part_reassigned", "recording", recording.id, facts)
    session.flush()
    recordings.announce_recording(session, recording)


def submit(session: Session, user: User, part_id: int) -> bool:
    """A person is done with their part; with the last one the recording goes to inspection.

    Submitted again it is no error: the answer to the first time may have been lost.

    Returns:
        Whether all parts are in.

    Raises:
        NotFound: there is no such part.
        Forbidden: it is somebody else's.
        Conflict: not in this stage, or something in it is not decided yet.
    """
    recording, part = _held(session, part_id)
    if part.user_id != user.id or not policies.is_annotator(user):
        raise Forbidden("Only the person to whom this part is assigned submits it.")
    if part.submitted_at is not None:
        return open_parts(session, recording.id) == 0
    if Stage(recording.stage) not in EDITABLE:
        raise Conflict(f"This recording is {recording.stage.replace('_', ' ')}; nothing to submit.")
    _require_done(session, recording, part)
    part.submitted_at = datetime.now(UTC)
    part.submitted_by_id = user.id
    facts = {"part": part.index + 1, "round": recording.round}
    audit.record(session, user.id, "part_submitted", "recording", recording.id, facts)
    session.flush()
    if open_parts(session, recording.id):
        recordings.announce_recording(session, recording)
        return False
    boxes = Stage(recording.stage) is Stage.BOXES_RETURNED
    workflow.fire(session, recording, Event.SUBMIT_BOXES if boxes else Event.SUBMIT, user)
    return True


def _require_done(session: Session, recording: Recording, part: RecordingPart) -> None:
    here = rules.Part(part.first, part.last)
    undecided = joints.undecided_frames(session, recording.id)
    unaddressed = reviews.unaddressed_frames(session, recording.id)
    moments = moments_of_frames(session, [*undecided, *unaddressed])
    undecided = [key for key in undecided if here.holds(moments[key])]
    unaddressed = [key for key in unaddressed if here.holds(moments[key])]
    if undecided or unaddressed:
        words = []
        if undecided:
            words.append(f"{len(undecided)} of its frames not decided yet")
        if unaddressed:
            words.append(f"{len(unaddressed)} marked by the inspector not yet looked at again")
        raise Conflict(
            f"Part {part.index + 1} cannot be submitted: {' and '.join(words)}.",
            undecided=undecided[:2000],
            unaddressed=unaddressed[:2000],
        )


def _held(session: Session, part_id: int) -> tuple[Recording, RecordingPart]:
    """A part whose recording is locked for update."""
    recording_id = session.scalar(
        select(RecordingPart.recording_id).where(RecordingPart.id == part_id)
    )
    if recording_id is None:
        raise NotFound(f"There is no part {part_id}.")
    recording = get_recording(session, recording_id, lock="update")
    part = session.scalar(
        select(RecordingPart)
        .where(RecordingPart.id == part_id)
        .execution_options(populate_existing=True)
    )
    if part is None:
        raise NotFound(f"There is no part {part_id}.")
    return recording, part


def _annotator(session: Session, recording: Recording, user_id: int) -> User:
    person = session.get(User, user_id)
    if person is None or not person.is_active:
        raise InvalidInput(f"There is no active person {user_id}.")
    if Role.ANNOTATOR not in person.roles:
        raise InvalidInput(f"{person.name} is not an annotator.")
    if recording.inspector_id == user_id:
        raise Conflict(f"{person.name} inspects this recording and cannot annotate in it.")
    return person
