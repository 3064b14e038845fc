"""Drawing a sample, looking at it, and vouching by it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Frame, InspectionSample, Recording, User
from backend.core.jobs.schemas import Named
from backend.domain.error_rates import ErrorRate
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.reviews import Mark
from backend.domain.vouching import (
    MAX_SEED,
    SamplingRule,
    drawn,
    sample_size,
    sampled_rate,
    why_not_vouched,
)
from backend.labelling.reviews import repository as reviews
from backend.labelling.reviews.approving import unmarked, unvouched_frames
from backend.labelling.samples import repository
from backend.labelling.samples.repository import Looked
from backend.labelling.samples.schemas import (
    SampleFrame,
    SampleIn,
    SampleOut,
    SamplingRuleIn,
    SamplingRuleOut,
    VouchingOut,
)
from backend.recordings import access
from backend.recordings import service as recordings


def rule(session: Session) -> SamplingRuleOut:
    """How large samples are, and how good they have to be."""
    row = repository.rule(session)
    by = session.get_one(User, row.updated_by_id) if row else None
    return SamplingRuleOut(
        **SamplingRuleIn.model_validate(row or SamplingRule()).model_dump(),
        updated_by=Named.model_validate(by) if by else None,
        updated_at=row.updated_at if row else None,
    )


def _holding(session: Session) -> SamplingRule:
    row = repository.rule(session)
    return (
        SamplingRule(row.min_frames, row.share, row.max_errors_per_1000) if row else SamplingRule()
    )


def set_rule(session: Session, user: User, wanted: SamplingRuleIn) -> SamplingRuleOut:
    """Set the rule for all recordings; samples that were drawn keep the one they were drawn by.

    Raises:
        Forbidden: not by this person.
    """
    policies.require(policies.may_assign(user), "set how recordings are inspected")
    before = rule(session).model_dump(include=set(SamplingRuleIn.model_fields))
    repository.set_rule(session, wanted.model_dump(), user.id)
    audit.record(
        session, user.id, "inspection_rule_set", "settings", 1,
        {"before": before, "after": wanted.model_dump()},
    )  # fmt: skip
    return rule(session)


def note_looks(
    session: Session, user: User, recording_id: int, round_number: int, looks: dict[int, float]
) -> int:
    """Note how long frames were before an inspector; returns how many.

    What comes after the review was decided, or of an earlier round, is left out: it arrives when
    nobody can do anything about it.

    Raises:
        NotFound: there is no such recording.
        Forbidden: not by this person.
    """
    recording = access.get_recording(session, recording_id, lock="share")
    here = access.situation(session, user, recording)
    policies.require(here.independent_inspector, "inspect this recording")
    if recording.round != round_number:
        return 0
    return repository.note_looks(session, recording_id, round_number, user.id, looks)


def draw(session: Session, user: User, recording_id: int, request: SampleIn) -> SampleOut:
    """Draw a random sample of the frames for which nobody vouches yet.

    Raises:
        NotFound: there is no such recording.
        Conflict: nothing is under review, every frame has a word, an earlier sample of this round
            waits, or the operation id belongs to another draw.
        Forbidden: not by this person.
        InvalidInput: fewer frames than the rule asks for.
    """
    # Held for update: two draws at once would both find that none waits.
    recording = access.get_recording(session, recording_id, lock="update")
    if (done := repository.sample_of_operation(session, request.operation_id)) is not None:
        if (done.recording_id, done.inspector_id) != (recording_id, user.id):
            raise Conflict("This operation id was already used for another sample.")
        return _out(session, done)
    access.require_keypoint_review(session, user, recording)
    for earlier in repository.samples_of(session, recording_id):
        if earlier.round == recording.round and earlier.finished_at is None:
            raise Conflict("A sample of this round waits to be looked at.", sample_id=earlier.id)
    population = session.scalars(unmarked(recording_id, recording.round)).all()
    if not population:
        raise Conflict("Every frame has a word already: there is nothing to draw from.")
    holds = _holding(session)
    asked = sample_size(len(population), holds)
    if request.size is not None and request.size < asked:
        raise InvalidInput(f"A sample of {len(population)} frames has at least {asked}.")
    seed = secrets.randbelow(MAX_SEED + 1) if request.seed is None else request.seed
    row = InspectionSample(
        recording_id=recording_id,
        round=recording.round,
        inspector_id=user.id,
        operation_id=request.operation_id,
        seed=seed,
        population=len(population),
        frame_ids=drawn(population, request.size or asked, seed),
        max_errors_per_1000=holds.max_errors_per_1000,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        raise Conflict("This operation id was already used for another sample.") from None
    _record(session, user, row, "sample_drawn")
    return _out(session, row)


def vouch(session: Session, user: User, recording_id: int, sample_id: int) -> SampleOut:
    """Finish a sample: state what it shows, and vouch for what was not opened.

    Asked again, the first answer stands.

    Raises:
        NotFound: there is no such sample in this recording.
        Conflict: nothing is under review, the sample is of another round, or a frame of it was not
            looked at and marked.
        Forbidden: not by this person, or somebody else drew it.
    """
    recording = access.get_recording(session, recording_id, lock="update")
    row = session.get(InspectionSample, sample_id, populate_existing=True)
    if row is None or row.recording_id != recording_id:
        raise NotFound(f"There is no sample {sample_id} of this recording.")
    if row.finished_at is not None and row.inspector_id == user.id:
        return _out(session, row)
    access.require_keypoint_review(session, user, recording)
    policies.require(row.inspector_id == user.id, "finish a sample that somebody else drew")
    if row.round != recording.round:
        raise Conflict(f"This sample belongs to round {row.round}.")
    found = repository.looked(session, row)
    if left := [one for one in found if not one.done]:
        raise Conflict(
            f"{len(left)} of {len(found)} frames of the sample are not yet looked at and marked.",
            frame_ids=[one.frame_id for one in left],
        )
    rate = _rate(session, row, found)
    row.finished_at = datetime.now(UTC)
    row.joints, row.wrong, row.wrong_frames = _counted(found)
    if rate is not None:
        row.rate, row.low, row.high = rate.estimate, rate.low, rate.high
    row.vouched = 0 if _refusal(row, rate) else _vouch_for_the_rest(session, recording, row)
    session.flush()
    _record(session, user, row, "sample_finished")
    recordings.announce_recording(session, recording)
    return _out(session, row)


def standing(session: Session, user: User, recording_id: int) -> VouchingOut:
    """How a recording's inspection stands, with every sample that was drawn.

    Raises:
        NotFound: there is no such recording.
    """
    recording = access.get_recording(session, recording_id)
    frames = session.scalars(select(func.count()).where(Frame.recording_id == recording_id)).one()
    unvouched = len(unvouched_frames(session, recording_id))
    open_count = reviews.unmarked_count(session, recording_id, recording.round)
    return VouchingOut(
        round=recording.round,
        frames=frames,
        vouched=frames - unvouched,
        unvouched=unvouched,
        open=open_count,
        seen=repository.seen_unmarked(session, recording_id, recording.round, user.id),
        glanced=reviews.glanced_frames(session, recording_id, recording.round),
        asked=sample_size(open_count, _holding(session)),
        rule=rule(session),
        samples=[_out(session, row) for row in repository.samples_of(session, recording_id)],
    )


def _vouch_for_the_rest(session: Session, recording: Recording, row: InspectionSample) -> int:
    rest = unmarked(recording.id, recording.round).order_by(None).correlate(None)
    return reviews.mark_unmarked(
        session,
        recording_id=recording.id,
        round_number=recording.round,
        inspector_id=row.inspector_id,
        which=Frame.id.in_(rest),
        sample_id=row.id,
    )


def _rate(session: Session, row: InspectionSample, found: list[Looked]) -> ErrorRate | None:
    """What the frames that are done show so far, with all that the round's earlier samples showed.

    Together, since otherwise one could draw again until a sample happens to be good.
    """
    done, out_of = [one for one in found if one.done], row.population
    for earlier in repository.samples_of(session, row.recording_id):
        if earlier.round == row.round and earlier.id < row.id:
            done += repository.looked(session, earlier)
            out_of = max(out_of, earlier.population)
    return sampled_rate([one.joints for one in done], [one.errors for one in done], out_of)


def _counted(done: Sequence[Looked]) -> tuple[int, int, int]:
    """Joints, wrong ones, and frames that go back."""
    return (
        sum(one.joints for one in done),
        sum(one.errors for one in done),
        sum(one.mark is Mark.REVISE for one in done),
    )


def _stated(row: InspectionSample) -> ErrorRate | None:
    """What a finished sample showed."""
    if row.rate is None or row.low is None or row.high is None:
        return None
    return ErrorRate(row.rate, row.low, row.high)


def _refusal(row: InspectionSample, rate: ErrorRate | None) -> str | None:
    limit = SamplingRule(max_errors_per_1000=row.max_errors_per_1000)
    return why_not_vouched(rate, limit)


def _record(session: Session, user: User, row: InspectionSample, action: str) -> None:
    details = {
        "sample": row.id,
        "round": row.round,
        "seed": row.seed,
        "size": len(row.frame_ids),
        "population": row.population,
        "wrong": row.wrong,
        "joints": row.joints,
        "vouched": row.vouched,
    }
    audit.record(session, user.id, action, "recording", row.recording_id, details)


def _out(session: Session, row: InspectionSample) -> SampleOut:
    by = session.get_one(User, row.inspector_id)
    found = repository.looked(session, row)
    finished = row.finished_at is not None
    rate = _stated(row) if finished else _rate(session, row, found)
    done = [one for one in found if one.done]
    joints, wrong, wrong_frames = (
        (row.joints, row.wrong, row.wrong_frames) if finished else _counted(done)
    )
    return SampleOut(
        id=row.id,
        round=row.round,
        inspector=Named.model_validate(by),
        created_at=row.created_at,
        seed=row.seed,
        population=row.population,
        size=len(row.frame_ids),
        max_errors_per_1000=row.max_errors_per_1000,
        frames=[
            SampleFrame(
                frame_id=one.frame_id,
                position=one.position,
                seen=one.seen,
                marked=one.mark is not None,
            )
            for one in found
        ],
        left=0 if finished else len(found) - len(done),
        finished_at=row.finished_at,
        joints=joints,
        wrong=wrong,
        wrong_frames=wrong_frames,
        rate=rate.estimate if rate else None,
        low=rate.low if rate else None,
        high=rate.high if rate else None,
        vouched=row.vouched,
        refusal=_refusal(row, rate),
    )
