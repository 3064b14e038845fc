"""Giving out single frames, taking answers to them, and comparing these once they are handed in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.accounts import repository as accounts
from backend.core.audit import service as audit
from backend.core.database.tables import Attempt, TrainingPass, User
from backend.domain.attempts import (
    MAX_OPEN,
    Purpose,
    QualityRules,
    Score,
    Standing,
    due,
    score,
    standing,
)
from backend.domain.document import Document, apply, state_of
from backend.domain.errors import Conflict, InvalidInput, StaleVersion
from backend.domain.operations import JointOperation, Operation, TakeEstimate
from backend.domain.verdicts import Verdict
from backend.labelling.annotations import repository as joints
from backend.labelling.annotations.service import annotation_out
from backend.labelling.attempts import drawing, repository
from backend.labelling.attempts.schemas import (
    ClosedOut,
    FeedbackOut,
    SingleFrame,
    StackOut,
    StandingOut,
    TrainingOut,
)
from backend.labelling.documents.schemas import SavedOut
from backend.labelling.documents.service import inside

MIXED = (Purpose.CHECK, Purpose.SECOND)


def stack(session: Session, user: User) -> StackOut:
    """The single frames that lie before a person, with those that they owe by now.

    Raises:
        Forbidden: the person does not annotate.
    """
    policies.require(policies.is_annotator(user), "annotate single frames")
    give(session, user)
    return StackOut(
        frames=[_single(row) for row in repository.open_attempts(session, user.id, MIXED)]
    )


def waiting(session: Session, user: User) -> int:
    """How many single frames lie before a person, with those that they owe by now."""
    if not policies.is_annotator(user):
        return 0
    open_ones = len(repository.open_attempts(session, user.id, MIXED))
    return open_ones + len(_owed(session, user, MAX_OPEN - open_ones, lock=False))


def give(session: Session, user: User) -> None:
    """Give a person the gold frames and second annotations that they owe by now."""
    # Two tabs of one person wait for each other.
    accounts.hold_user(session, user.id)
    room = MAX_OPEN - len(repository.open_attempts(session, user.id, MIXED))
    row = repository.rule_row(session)
    for purpose, frame_id, recording_id in _owed(session, user, room, lock=True):
        share = row.gold_share if purpose is Purpose.CHECK else row.double_share
        _begin(session, user, purpose, frame_id, recording_id, seed=row.seed, share=share)
    session.flush()


def _owed(session: Session, user: User, room: int, *, lock: bool) -> list[tuple[Purpose, int, int]]:
    """What a person owes by now, drawn: purpose, frame, recording; at most so many."""
    row = repository.rule_row(session)
    if room <= 0 or (row.gold_share == 0 and row.double_share == 0):
        return []
    decided = drawing.decided_since(session, user.id, row.since)
    drawn: list[tuple[Purpose, int, int]] = []
    for purpose, share in (
        (Purpose.CHECK, row.gold_share),
        (Purpose.SECOND, row.double_share),
    ):
        given = drawing.given_since(session, user.id, purpose, row.since)
        wanted = min(due(share, decided, given), room)
        if wanted > 0:
            if lock and purpose is Purpose.SECOND:
                repository.rule_row(session, lock=True)  # two people draw one after the other
            found = (
                drawing.gold_for_checks(session, user.id, row.seed, wanted)
                if purpose is Purpose.CHECK
                else drawing.seconds_for(session, user.id, row.seed, share, row.since, wanted)
            )
            drawn += [(purpose, *frame) for frame in found]
    # In an order that says nothing of what each is for.
    drawn.sort(key=lambda one: sha256(f"{row.seed}:{user.id}:{one[1]}".encode()).digest())
    return drawn[:room]


def _begin(
    session: Session,
    user: User,
    purpose: Purpose,
    frame_id: int,
    recording_id: int,
    *,
    seed: str,
    share: float | None = None,
    lap: int = 1,
) -> Attempt:
    candidate_id, keypoints = repository.prelabel_of(session, frame_id)
    attempt = Attempt(
        frame_id=frame_id,
        recording_id=recording_id,
        user_id=user.id,
        purpose=purpose.value,
        lap=lap,
        seed=seed,
        share=share,
        candidate_id=candidate_id,
        keypoints=keypoints,
    )
    session.add(attempt)
    return attempt


def _single(row: Attempt) -> SingleFrame:
    return SingleFrame.model_validate({"id": row.id, "state": row.state, "version": row.version})


def apply_operations(
    session: Session,
    user: User,
    attempt_id: int,
    version: int,
    operation_id: uuid.UUID,
    operations: Sequence[Operation],
    *,
    seconds_shown: float | None = None,
) -> SavedOut:
    """Perform a person's operations on their own attempt, all or none.

    The annotation of the frame is neither read nor written. A second write with the same id changes
    nothing and is answered as the first was.

    Raises:
        NotFound: the person has no such attempt.
        Conflict: it was handed in, or the operation id belongs to another write.
        StaleVersion: it has moved on, in another tab.
        InvalidInput: an operation does not fit, or is not about joints and verdict.
    """
    attempt, frame = repository.own_attempt(session, user.id, attempt_id, lock=True)
    if attempt.last_operation_id == operation_id:
        return _saved(attempt, user)
    if attempt.closed_at is not None:
        raise Conflict("You handed this frame in; it cannot be changed any more.")
    if version != attempt.version:
        raise StaleVersion(
            f"You changed version {version} of this frame; it is at version {attempt.version} now.",
            current=_saved(attempt, user).model_dump(mode="json"),
            base=None,
        )
    for operation in operations:
        if not isinstance(operation, JointOperation) or isinstance(operation, TakeEstimate):
            raise InvalidInput("Only joints and the verdict of a single frame can be changed.")
    used = session.scalar(select(Attempt.id).where(Attempt.last_operation_id == operation_id))
    if used is not None:
        raise Conflict("This operation id was already used for another write.")
    candidates = joints.candidate_skeletons(session, attempt.frame_id)
    document = joints.to_document(attempt)
    for operation in operations:
        document, _ = apply(document, inside(operation, frame), candidates)
    _put(attempt, document)
    attempt.state = state_of(document, candidates).value
    attempt.version += 1
    attempt.actions += len(operations)
    attempt.last_operation_id = operation_id
    attempt.updated_at = datetime.now(UTC)
    if seconds_shown is not None:
        attempt.seconds_shown = (attempt.seconds_shown or 0.0) + seconds_shown
    session.flush()
    return _saved(attempt, user)


def _put(attempt: Attempt, document: Document) -> None:
    decision = document.decision
    attempt.verdict = decision.verdict.value
    attempt.reason = decision.reason.value if decision.reason else None
    attempt.reason_text = decision.text
    attempt.candidate_id = document.candidate_id
    attempt.keypoints = joints.from_skeleton(document.skeleton)


def _saved(attempt: Attempt, user: User) -> SavedOut:
    out = annotation_out(attempt, user, attempt.updated_at)
    return SavedOut(**out.model_dump(), box=None, mark=None)


def close(session: Session, user: User, attempt_id: int) -> ClosedOut:
    """Hand a single frame in: it is compared, and cannot be changed any more.

    Handed in again it is no error: the answer to the first time may have been lost.

    Raises:
        NotFound: the person has no such attempt.
        Conflict: it is not decided yet.
    """
    attempt, _ = repository.own_attempt(session, user.id, attempt_id, lock=True)
    if attempt.closed_at is None:
        if attempt.verdict == Verdict.UNDECIDED.value:
            raise Conflict("Keep or discard the frame before you hand it in.")
        _compare(session, attempt)
        attempt.closed_at = datetime.now(UTC)
        session.flush()
        if attempt.purpose == Purpose.TRAINING.value:
            _note_standing(session, user)
    training = attempt.purpose == Purpose.TRAINING.value
    return ClosedOut(
        id=attempt.id, feedback=_feedback(session, user, attempt) if training else None
    )


def _compare(session: Session, attempt: Attempt) -> None:
    version = repository.known_version(session, attempt)
    known = (
        repository.document_at(session, attempt.frame_id, version) if version is not None else None
    )
    if version is None or known is None:
        return  # the gold frame was taken back, or the other person's answer
    found: Score = score(joints.to_document(attempt), known)
    attempt.known_version = version
    attempt.verdict_agrees = found.verdict_agrees
    attempt.oks = found.oks
    attempt.px = list(found.px) or None
    attempt.same_visibility = list(found.same_visibility) or None


# Training


def training(session: Session, user: User) -> TrainingOut:
    """The training frame that lies before a person, and where they stand.

    Raises:
        Forbidden: the person does not annotate.
    """
    policies.require(policies.is_annotator(user), "train as an annotator")
    rules = repository.rules_of(repository.rule_row(session))
    accounts.hold_user(session, user.id)
    attempt = next(iter(repository.open_attempts(session, user.id, [Purpose.TRAINING])), None)
    if attempt is None:
        found = drawing.gold_for_training(session, user.id, rules.seed)
        if found is not None:
            frame_id, recording_id, times = found
            attempt = _begin(
                session,
                user,
                Purpose.TRAINING,
                frame_id,
                recording_id,
                seed=rules.seed,
                lap=times + 1,
            )
            session.flush()
    passed = session.get(TrainingPass, user.id)
    return TrainingOut(
        required=rules.training_required,
        min_oks=rules.training_min_oks,
        min_visibility=rules.training_min_visibility,
        passed_at=passed.passed_at if passed else None,
        standing=StandingOut.model_validate(standing_of(session, user.id, rules)),
        frame=_single(attempt) if attempt else None,
        lap=attempt.lap if attempt else 0,
    )


def standing_of(session: Session, user_id: int, rules: QualityRules) -> Standing:
    """Where a person stands in their training."""
    return standing(repository.training_scores(session, user_id), rules)


def set_training(session: Session, user: User, person_id: int, *, passed: bool) -> None:
    """A maintainer's word on somebody's training.

    Raises:
        Forbidden: not by this person.
        InvalidInput: there is no such person.
    """
    policies.require(policies.may_assign(user), "decide on somebody's training")
    person = session.get(User, person_id)
    if person is None or not policies.is_annotator(person):
        raise InvalidInput(f"There is no annotator {person_id}.")
    row = session.get(TrainingPass, person_id)
    if passed and row is None:
        session.add(TrainingPass(user_id=person_id, frames=0, by_id=user.id))
    elif not passed and row is not None:
        session.delete(row)
    else:
        return
    audit.record(session, user.id, "training_set", "user", person_id, {"passed": passed})
    session.flush()


def _note_standing(session: Session, user: User) -> None:
    rules = repository.rules_of(repository.rule_row(session))
    now = standing_of(session, user.id, rules)
    if not now.reached or repository.has_passed(session, user.id):
        return
    session.add(
        TrainingPass(user_id=user.id, frames=now.frames, oks=now.oks, visibility=now.visibility)
    )
    facts = {"frames": now.frames, "oks": now.oks, "visibility": now.visibility}
    audit.record(session, user.id, "training_passed", "user", user.id, facts)
    session.flush()


def _feedback(session: Session, user: User, attempt: Attempt) -> FeedbackOut | None:
    if attempt.known_version is None or attempt.verdict_agrees is None:
        return None
    known = repository.document_at(session, attempt.frame_id, attempt.known_version)
    if known is None:
        return None
    rules = repository.rules_of(repository.rule_row(session))
    return FeedbackOut.model_validate(
        {
            "verdict_agrees": attempt.verdict_agrees,
            "oks": attempt.oks,
            "px": attempt.px or [],
            "same_visibility": attempt.same_visibility or [],
            "known_verdict": known.decision.verdict,
            "known_reason": known.decision.reason,
            "known_joints": known.skeleton.to_json() if known.skeleton else None,
            "standing": StandingOut.model_validate(standing_of(session, user.id, rules)),
            "passed": repository.has_passed(session, user.id),
        }
    )
