"""Handing out work: taking the next recording, assigning many at once."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.accounts import repository as accounts
from backend.core.audit import service as audit
from backend.core.database.tables import Recording, RecordingCount, RecordingLease, User
from backend.core.jobs.schemas import Named
from backend.domain.errors import Conflict, DomainError, InvalidInput
from backend.domain.handouts import in_rotation, lease_end
from backend.domain.workflow import Event
from backend.labelling.attempts import service as attempts
from backend.labelling.handouts import repository
from backend.labelling.handouts.schemas import (
    BulkAssigned,
    BulkAssignIn,
    QueueOut,
    Refused,
    TeamRulesBody,
)
from backend.labelling.workflow import service as workflow
from backend.recordings import handing_out
from backend.recordings import service as recordings
from backend.recordings.access import get_recording


def change_rules(session: Session, user: User, wanted: TeamRulesBody) -> TeamRulesBody:
    """Set the house's rules for handing out work.

    Raises:
        Forbidden: not by this person.
    """
    policies.require(policies.may_assign(user), "change how work is handed out")
    row = handing_out.row(session, lock=True)
    before = TeamRulesBody.model_validate(row)
    if before == wanted:
        return wanted
    for name, value in wanted.model_dump(mode="json").items():
        setattr(row, name, value)
    facts = {"before": before.model_dump(mode="json"), "after": wanted.model_dump(mode="json")}
    audit.record(session, user.id, "team_rules_changed", "team", 1, facts)
    session.flush()
    return wanted


def queue(session: Session, user: User) -> QueueOut:
    """What waits in the queue for a person, and what they hold."""
    rules = handing_out.rules(session)
    may_pull = (
        policies.may_pull(user) and rules.may_pull and handing_out.is_trained(session, user.id)
    )
    held = repository.held_by(session, user.id)
    waiting = repository.waiting(session, user.id, rules.lease_minutes) if may_pull else 0
    if held is None:
        return QueueOut(may_pull=may_pull, waiting=waiting, held=None, held_until=None)
    recording, last_active = held
    return QueueOut(
        may_pull=may_pull,
        waiting=waiting,
        held=Named(id=recording.id, name=recording.name),
        held_until=lease_end(last_active, rules.lease_minutes),
    )


def take_next(session: Session, user: User) -> Recording:
    """Give a person the next recording of the queue, under a lease; the one they hold if any.

    Asked twice it gives the same recording, and begins its lease anew.

    Raises:
        Forbidden: the person does not annotate.
        Conflict: work is handed out otherwise, nothing waits, or their training or
            single frames come first.
    """
    policies.require(policies.may_pull(user), "take recordings from the queue")
    rules = handing_out.rules(session)
    if not rules.may_pull:
        raise Conflict("There is no queue here: maintainers assign recordings.")
    handing_out.require_trained(session, user.id)
    # Two presses of one person, in two tabs, wait for each other; those of others do not.
    accounts.hold_user(session, user.id)
    if (held := repository.held_by(session, user.id)) is not None:
        recording = get_recording(session, held[0].id, lock="update")
        if recording.annotator_id == user.id:
            _lease(session, recording, user)
            return recording
    if waiting := attempts.waiting(session, user):
        one = "One single frame comes" if waiting == 1 else f"{waiting} single frames come"
        raise Conflict(f"{one} before the next recording: see My work.")
    found = repository.lock_next(session, user.id, rules.lease_minutes)
    if found is None:
        raise Conflict("Nothing waits in the queue.")
    before = found.annotator_id
    found.annotator_id = user.id
    _lease(session, found, user)
    facts = {"from": _name(session, before), "lease_minutes": rules.lease_minutes}
    audit.record(session, user.id, "pulled", "recording", found.id, facts)
    session.flush()
    if found.stage in repository.READY:
        workflow.fire(session, found, Event.START_ANNOTATING, user)
    else:
        recordings.announce_recording(session, found)
    return found


def _lease(session: Session, recording: Recording, user: User) -> None:
    lease = insert(RecordingLease).values(recording_id=recording.id, user_id=user.id)
    session.execute(
        lease.on_conflict_do_update(
            index_elements=[RecordingLease.recording_id],
            set_={"user_id": user.id, "taken_at": func.clock_timestamp()},
        )
    )


def _name(session: Session, user_id: int | None) -> str | None:
    person = session.get(User, user_id) if user_id is not None else None
    return person.name if person else None


def assign_many(session: Session, user: User, wanted: BulkAssignIn) -> BulkAssigned:
    """Assign many recordings; those that cannot be stay as they are and are named with the reason.

    What was saved stays with the recording, whoever has it next.

    Raises:
        Forbidden: not by this person.
        InvalidInput: nothing to assign is named.
    """
    policies.require(policies.may_assign(user), "assign people")
    named = wanted.model_dump(exclude_unset=True, include={"annotator_id", "inspector_id"})
    if not named and not wanted.in_rotation:
        raise InvalidInput("Name an annotator, an inspector, or both.")
    if wanted.in_rotation and "annotator_id" in named:
        raise InvalidInput("Either one annotator for all, or in rotation; not both.")
    ids = sorted(set(wanted.recording_ids))
    turns = _turns(session, ids) if wanted.in_rotation else {}
    assigned: list[int] = []
    refused: list[Refused] = []
    for recording_id in ids:
        recording = get_recording(session, recording_id, lock="update")
        changes: dict[str, int | None] = dict(named)
        if wanted.in_rotation:
            changes["annotator_id"] = turns[recording_id]
        try:
            with session.begin_nested():
                workflow.assign(session, recording, user, changes)
            assigned.append(recording_id)
        except DomainError as error:
            session.refresh(recording)
            refused.append(
                Refused(recording=Named(id=recording.id, name=recording.name), reason=str(error))
            )
    return BulkAssigned(assigned=assigned, refused=refused)


def _turns(session: Session, ids: list[int]) -> dict[int, int]:
    """Whose turn each recording is: least laden first, by the frames that are left."""
    handing_out.row(session, lock=True)
    left = {
        row[0]: int(row[1])
        for row in session.execute(
            select(RecordingCount.recording_id, func.sum(RecordingCount.n))
            .where(RecordingCount.recording_id.in_(ids), RecordingCount.what == "state:undecided")
            .group_by(RecordingCount.recording_id)
        )
    }
    dealt = in_rotation(handing_out.loads(session), [max(1, left.get(key, 1)) for key in ids])
    if not dealt:
        raise InvalidInput("Nobody annotates yet: give somebody the role first.")
    return dict(zip(ids, dealt, strict=True))
