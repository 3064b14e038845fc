"""Frames and rounds compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Candidate, User
from backend.core.jobs.schemas import Named
from backend.core.names import names_of
from backend.domain.comparing import compare
from backend.domain.document import changed_joints
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Skeleton
from backend.domain.reviews import Mark, ReviewDecision, ReviewKind
from backend.domain.verdicts import DiscardReason, FrameState, Verdict
from backend.domain.workflow import Stage
from backend.labelling.annotations import repository as joint_rows
from backend.labelling.annotations.service import joints_out
from backend.labelling.marks import joints as joint_marks
from backend.labelling.reviews import repository as reviews
from backend.labelling.reviews.approving import unvouched_frames
from backend.labelling.reviews.service import kind_under_review
from backend.overview.inspecting import repository
from backend.overview.inspecting.schemas import (
    AgainstOut,
    ComparisonOut,
    FactsOut,
    FrameChange,
    MovedJoint,
    RoundChanges,
    RoundTimes,
)
from backend.recordings import access


def comparison(session: Session, frame_id: int) -> ComparisonOut:
    """A frame against the model and the round before.

    Raises:
        NotFound: there is no such frame.
    """
    frame, recording = access.recording_of_frame(session, frame_id)
    row = session.get_one(Annotation, frame_id, populate_existing=True)
    now = joint_rows.to_skeleton(row.keypoints)
    model = _model(session, row)
    before = (
        joint_rows.last_revision_before_round(session, frame_id, recording.round)
        if recording.round > 1
        else None
    )
    people = names_of(session, [row.updated_by_id, before.author_id if before else None])
    return ComparisonOut(
        frame_id=frame_id,
        round=recording.round,
        version=row.version,
        width=frame.width,
        height=frame.height,
        verdict=Verdict(row.verdict),
        reason=DiscardReason(row.reason) if row.reason else None,
        author=people.get(row.updated_by_id),
        now=joints_out(now) if now else None,
        model=_against(now, Skeleton.from_flat(model.skeleton)) if model else None,
        model_name=model.model if model else None,
        previous=_against(now, joint_rows.to_skeleton(before.keypoints)) if before else None,
        previous_round=before.round if before else None,
        previous_author=people.get(before.author_id) if before else None,
        marks=joint_marks.shown(session, frame_id, recording.round),
        marks_before=joint_marks.shown(session, frame_id, recording.round - 1)
        if recording.round > 1
        else None,
        mark=reviews.mark_of(
            session, frame_id, kind_under_review(Stage(recording.stage)), recording.round
        ),
        approved_round=row.approved_round,
        open_joints=sorted(row.open_joints) if row.open_joints is not None else None,
    )


def _model(session: Session, row: Annotation) -> Candidate | None:
    """The person that was chosen; else the likeliest infant of the latest run."""
    people = [one for one in joint_rows.candidates(session, row.frame_id) if one.apart is None]
    chosen = next((one for one in people if one.id == row.candidate_id), None)
    return chosen or next((one for one in people if not one.retired), None)


def _against(now: Skeleton | None, other: Skeleton | None) -> AgainstOut | None:
    if other is None:
        return None
    found = compare(now or Skeleton.empty(), other)
    return AgainstOut(
        joints=joints_out(other),
        pixels=list(found.pixels),
        similarity=list(found.similarity),
        oks=found.oks,
    )


def facts(session: Session, user: User, recording_id: int) -> FactsOut:
    """What the inspector's filters ask of all frames of a recording.

    Raises:
        NotFound: there is no such recording.
    """
    recording = access.get_recording(session, recording_id)
    rows = repository.frames(session, recording_id)
    moved: dict[int, float | None] = {
        row.frame_id: compare(Skeleton.from_flat(row.keypoints), Skeleton.from_flat(row.model)).oks
        if row.model is not None
        else None
        for row in repository.corrected(session, recording_id)
    }
    waiting = set(unvouched_frames(session, recording_id))
    wrong = repository.wrong_joints(session, recording_id, recording.round)
    seen = repository.seen(session, recording_id, recording.round, user.id)
    glanced = set(reviews.glanced_frames(session, recording_id, recording.round))
    drawn = repository.sampled(session, recording_id, recording.round)
    people = names_of(session, [row.updated_by_id for row in rows])
    ids = [row.frame_id for row in rows]
    return FactsOut(
        round=recording.round,
        id=ids,
        # What was accepted as it was proposed agrees with the model.
        agreement=[
            1.0 if row.state == FrameState.ACCEPTED.value else moved.get(row.frame_id)
            for row in rows
        ],
        author=[row.updated_by_id for row in rows],
        propagated=[row.propagated for row in rows],
        approved=[frame_id not in waiting for frame_id in ids],
        wrong=[wrong.get(frame_id, 0) for frame_id in ids],
        seen=[frame_id in seen for frame_id in ids],
        glanced=[frame_id in glanced for frame_id in ids],
        sampled=[frame_id in drawn for frame_id in ids],
        people=sorted(people.values(), key=lambda person: person.name),
    )


def changes(session: Session, recording_id: int, since: int, until: int) -> RoundChanges:
    """What changed between the ends of two rounds; round 0 is what models proposed.

    Raises:
        NotFound: there is no such recording.
        InvalidInput: the rounds are not one after the other.
    """
    recording = access.get_recording(session, recording_id)
    if not 0 <= since < until <= recording.round:
        raise InvalidInput(
            f"Compare an earlier round with a later one; this recording is in round"
            f" {recording.round}, and 0 is what models proposed."
        )
    rows = repository.changes(session, recording_id, since, until)
    listed = rows[: repository.LISTED]
    written = repository.written(session, [row.id for row in listed], since, until)
    people = names_of(session, [p for ids, _, _ in written.values() for p in ids])
    frames = [_change(row, written.get(row.id), people) for row in listed]
    moved = [joint for frame in frames for joint in frame.joints]
    pixels = [joint.pixels for joint in moved if joint.pixels]
    return RoundChanges(
        since=since,
        until=until,
        frames=frames,
        total=len(rows),
        joints=len(moved),
        median_pixels=round(median(pixels), 2) if pixels else None,
    )


def _change(
    row: Row[Any],
    written: tuple[list[int], datetime, int] | None,
    people: Mapping[int | None, Named],
) -> FrameChange:
    ids, at, writes = written or ([], None, 0)
    return FrameChange(
        frame_id=row.id,
        position=row.position,
        camera_name=row.camera,
        joints=_moved(row.joints_before, row.joints_after),
        verdict_before=Verdict(row.verdict_before),
        verdict_after=Verdict(row.verdict_after),
        reason_before=DiscardReason(row.reason_before) if row.reason_before else None,
        reason_after=DiscardReason(row.reason_after) if row.reason_after else None,
        authors=[people[person] for person in ids if person in people],
        at=at,
        writes=writes,
    )


def _moved(before: Sequence[float] | None, after: Sequence[float] | None) -> list[MovedJoint]:
    first = joint_rows.to_skeleton(before) or Skeleton.empty()
    then = joint_rows.to_skeleton(after) or Skeleton.empty()
    found = []
    for joint in changed_joints(first, then):
        a, b = first.joints[joint], then.joints[joint]
        placed = a.present and b.present
        distance = ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5
        found.append(
            MovedJoint(
                joint=joint,
                pixels=round(distance, 2) if placed else None,
                before=int(a.visibility),
                after=int(b.visibility),
            )
        )
    return found


def rounds(session: Session, recording_id: int) -> list[RoundTimes]:
    """Each passage through review with who, when, how long, and what came of it, oldest first.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    begun = repository.begun(session, recording_id)
    writes = repository.writes_by_round(session, recording_id)
    marks = repository.marks_by_round(session, recording_id)
    wrong = repository.wrong_by_round(session, recording_id)
    looks = repository.looks_by_round(session, recording_id)
    glanced = repository.glanced_by_round(session, recording_id)
    found = []
    for row, by_id, by_name, inspector_id, inspector_name in repository.rounds(
        session, recording_id
    ):
        kind, number = ReviewKind(row.kind), row.round
        on_joints = kind is ReviewKind.KEYPOINTS
        frames, times = writes.get(number, (0, 0)) if on_joints else (0, 0)
        frames_seen, seconds = looks.get(number, (0, 0.0)) if on_joints else (0, 0.0)
        unseen = glanced.get(number, []) if on_joints else []
        found.append(
            RoundTimes(
                id=row.id,
                kind=kind,
                round=number,
                began_at=max((at for at in begun if at <= row.submitted_at), default=None),
                submitted_by=Named(id=by_id, name=by_name) if by_id else None,
                submitted_at=row.submitted_at,
                inspector=Named(id=inspector_id, name=inspector_name) if inspector_id else None,
                decision=ReviewDecision(row.decision) if row.decision else None,
                decided_at=row.decided_at,
                note=row.note,
                frames_written=frames,
                writes=times,
                good=marks.get((number, kind.value, Mark.GOOD.value), 0),
                by_sample=marks.get((number, kind.value, "sample"), 0),
                revise=marks.get((number, kind.value, Mark.REVISE.value), 0),
                wrong_joints=wrong.get(number, 0) if on_joints else 0,
                frames_seen=frames_seen,
                glanced=len(unseen),
                glanced_at=unseen[: repository.LISTED],
                seconds_seen=round(seconds, 1),
            )
        )
    return found
