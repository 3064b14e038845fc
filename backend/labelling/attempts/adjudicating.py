"""Two people's answers to one frame become its annotation, by a third person's word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import (
    Adjudication,
    Annotation,
    Attempt,
    Frame,
    Recording,
    User,
)
from backend.domain.attempts import Choice, Purpose, Take, adjudicated
from backend.domain.document import Document
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.domain.keypoints import Joint, Visibility
from backend.domain.operations import (
    Operation,
    PlaceJoint,
    SetSkeleton,
    SetVerdict,
    operation_to_json,
)
from backend.domain.reviews import ReviewKind
from backend.domain.verdicts import Decision, Verdict
from backend.domain.workflow import Stage
from backend.labelling.annotations import repository as joints
from backend.labelling.annotations.service import write
from backend.labelling.attempts import repository
from backend.labelling.attempts.schemas import AdjudicatedOut, AdjudicationIn, ChoiceIn
from backend.labelling.documents import repository as documents
from backend.labelling.documents.service import inside
from backend.labelling.reviews import repository as reviews

OPEN = frozenset({Stage.ANNOTATING, Stage.RETURNED, Stage.INSPECTING})
"""Stages in which two answers may become one: until the joints are approved."""


def settled(recording: Recording, annotation: Annotation) -> str | None:
    """Why nobody may adjudicate a frame any more; None if somebody may."""
    if Stage(recording.stage) not in OPEN:
        return "The joints of this recording are approved: reopen it to change them."
    if annotation.approved_round is not None:
        return "This frame stayed approved: an inspector opens it by marking it to revise."
    return None


def is_open() -> ColumnElement[bool]:
    """The same as a condition on ``Recording`` and ``Annotation``."""
    stages = [stage.value for stage in OPEN]
    return and_(Recording.stage.in_(stages), Annotation.approved_round.is_(None))


def why_not(
    user: User,
    recording: Recording,
    annotation: Annotation,
    answered_by: Collection[int | None],
) -> str | None:
    """Why a person may not adjudicate a frame now; None if they may.

    Args:
        user: Who wants to.
        recording: Whose frame it is.
        annotation: Of the frame, as it stands.
        answered_by: Whose the two answers are.
    """
    if not policies.may_adjudicate(user):
        return "Inspectors and maintainers decide between two answers."
    if (reason := settled(recording, annotation)) is not None:
        return reason
    if user.id in answered_by:
        return "One of the two answers is yours: somebody else decides."
    if recording.inspector_id == user.id:
        return "You inspect this recording, and nobody inspects what they decided here."
    return None


def _answered_first(session: Session, attempt: Attempt) -> int | None:
    """Whose the first answer is."""
    if attempt.known_version is None:
        return None
    revision = joints.revision_at(session, attempt.frame_id, attempt.known_version)
    return revision.author_id if revision is not None else None


def adjudicate(
    session: Session, user: User, attempt_id: int, wanted: AdjudicationIn
) -> AdjudicatedOut:
    """Make one annotation of two answers; both stay, and say what it was made of.

    Said again with the same id it changes nothing.

    Raises:
        NotFound: there is no such second answer.
        Forbidden: not by this person.
        Conflict: not in this stage, somebody decided it already, or changed it meanwhile.
        InvalidInput: a joint in which they differ is not decided.
    """
    attempt, first = _pair(session, attempt_id)
    # Looked for once the pair is held: the same act may come twice at once.
    if (done := _done_before(session, user, attempt_id, wanted)) is not None:
        return AdjudicatedOut(frame_id=done.frame_id, version=done.version)
    held = documents.hold(session, attempt.frame_id, with_box=False)
    _require_open(session, user, held, attempt, wanted.version)
    after = _made_of(first, joints.to_document(attempt), wanted, held.frame)
    operations: tuple[Operation, ...] = (
        SetSkeleton(after.candidate_id, after.skeleton),
        SetVerdict(after.decision),
    )
    write(
        session,
        held.annotation,
        after,
        joints.candidate_skeletons(session, attempt.frame_id),
        round_number=held.recording.round,
        author_id=user.id,
        operation_id=wanted.operation_id,
        operations=[operation_to_json(one) for one in operations],
    )
    # What an inspector said was said of other joints.
    reviews.clear_mark(session, attempt.frame_id, ReviewKind.KEYPOINTS, held.recording.round)
    session.add(
        Adjudication(
            attempt_id=attempt_id,
            frame_id=attempt.frame_id,
            first_version=attempt.known_version,
            version=held.annotation.version,
            choices={
                "verdict": wanted.verdict.value,
                "joints": {str(choice.joint): choice.take.value for choice in wanted.choices},
            },
            adjudicator_id=user.id,
            operation_id=wanted.operation_id,
        )
    )
    facts = {"frame_id": attempt.frame_id, "version": held.annotation.version}
    audit.record(session, user.id, "adjudicated", "recording", held.recording.id, facts)
    session.flush()
    return AdjudicatedOut(frame_id=attempt.frame_id, version=held.annotation.version)


def _done_before(
    session: Session, user: User, attempt_id: int, wanted: AdjudicationIn
) -> Adjudication | None:
    done = session.scalar(
        select(Adjudication).where(Adjudication.operation_id == wanted.operation_id)
    )
    if done is not None and (done.attempt_id, done.adjudicator_id) != (attempt_id, user.id):
        raise Conflict("This operation id was already used for another act.")
    return done


def _pair(session: Session, attempt_id: int) -> tuple[Attempt, Document]:
    """A second answer that was handed in, held, and the first."""
    attempt = session.scalar(
        select(Attempt)
        .where(
            Attempt.id == attempt_id,
            Attempt.purpose == Purpose.SECOND.value,
            Attempt.closed_at.is_not(None),
        )
        .with_for_update()
    )
    if attempt is not None and attempt.known_version is not None:
        first = repository.document_at(session, attempt.frame_id, attempt.known_version)
        if first is not None:
            return attempt, first
    raise NotFound(f"There is no pair of answers {attempt_id}.")


def _require_open(
    session: Session, user: User, held: documents.Held, attempt: Attempt, version: int
) -> None:
    """Refuse where this person may not decide, or somebody did or changed the frame meanwhile."""
    answered_by = (attempt.user_id, _answered_first(session, attempt))
    if (reason := why_not(user, held.recording, held.annotation, answered_by)) is not None:
        conflict = settled(held.recording, held.annotation) is not None
        raise Conflict(reason) if conflict else Forbidden(reason)
    if session.scalar(select(Adjudication.id).where(Adjudication.attempt_id == attempt.id)):
        raise Conflict("Somebody decided between these two answers already.")
    if held.annotation.version != version:
        raise Conflict("Somebody changed this frame since you looked at it: look at it once more.")


def _made_of(first: Document, second: Document, wanted: AdjudicationIn, frame: Frame) -> Document:
    if wanted.verdict not in {Take.FIRST, Take.SECOND}:
        raise InvalidInput("Say whose verdict holds: the first person's or the second's.")
    chosen = first if wanted.verdict is Take.FIRST else second
    if chosen.decision.verdict is Verdict.DISCARD:
        return chosen
    if first.decision.verdict is not second.decision.verdict:
        # Only one of them placed joints for a frame that is kept.
        first = second = chosen
    choices = {choice.joint: _choice(choice, frame) for choice in wanted.choices}
    skeleton = adjudicated(first.skeleton, second.skeleton, choices)
    return replace(chosen, skeleton=skeleton, decision=Decision(Verdict.KEEP))


def _choice(choice: ChoiceIn, frame: Frame) -> Choice:
    if choice.take is not Take.NEW:
        return Choice(choice.take)
    if choice.x is None or choice.y is None or choice.v is None:
        return Choice(choice.take)
    seen = Visibility(choice.v)
    inside(PlaceJoint(choice.joint, choice.x, choice.y, seen), frame)
    return Choice(choice.take, Joint(choice.x, choice.y, seen))
