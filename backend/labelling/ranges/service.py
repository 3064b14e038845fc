"""Acts on many frames: one transaction each, a revision for every frame, done once however often
they are sent.

What somebody changed meanwhile is left as it is and named. Frames are held only while rows are
written: what can be worked out before is.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend.core.database.tables import DiscardProposal, RangeAct, Recording, User
from backend.core.events import announce
from backend.domain.checks import check_labels
from backend.domain.discards.proposals import ProposalState
from backend.domain.errors import Conflict, NotFound
from backend.domain.keypoints import Skeleton
from backend.domain.operations import SetVerdict, operation_to_json
from backend.domain.quality import DOUBTFUL, quality_flags
from backend.domain.ranges import (
    SKIP_WORDS,
    FrameNow,
    Skip,
    why_not_accept,
    why_not_decide,
)
from backend.domain.ranges import RangeAct as Kind
from backend.domain.verdicts import Decision, Verdict
from backend.labelling.discards import service as discards
from backend.labelling.ranges import repository
from backend.labelling.ranges.schemas import RangeOut, SkippedFrame
from backend.recordings import access
from backend.recordings.facts import facts_of

NEAR = 8
"""Up to so many frames back, the same camera's frame before counts as near in time."""

Judge = Callable[[int, FrameNow], Skip | None]


@dataclass(frozen=True, slots=True)
class FramesRead:
    """Frames of an act with what the person had read of each.

    Attributes:
        versions: Frame id → version; None where one's own change was still on its way.
    """

    versions: Mapping[int, int | None]

    def digest(self) -> str:
        """The same for the same frames and versions."""
        listed = json.dumps(sorted(self.versions.items()))
        return hashlib.sha256(listed.encode()).hexdigest()


def set_verdict(
    session: Session,
    user: User,
    recording_id: int,
    operation_id: uuid.UUID,
    read: FramesRead,
    decision: Decision,
    *,
    proposal_id: int | None = None,
) -> RangeOut:
    """Keep frames, discard them with a reason, or take their verdicts back.

    Raises:
        NotFound: there is no such recording.
        Conflict: not in this stage, or the operation id belongs to another act.
        Forbidden: not by this person.
    """
    operation = operation_to_json(SetVerdict(decision))
    request = {"operation": operation, "frames": read.digest(), "proposal": proposal_id}
    recording = access.get_recording(session, recording_id, lock="share")
    if done := _done(session, user, recording, operation_id, Kind.VERDICT, request):
        return done
    access.require_edit(session, user, recording, list(read.versions))

    def judge(frame_id: int, now: FrameNow) -> Skip | None:
        return why_not_decide(now, read.versions[frame_id], decision.verdict)

    act = _begin(session, user, recording, operation_id, Kind.VERDICT, request)
    if act is None:
        return _first(session, user, recording, operation_id, Kind.VERDICT, request)
    changed = _judged(session, act, list(read.versions), judge)
    _decide(session, act, changed, decision, None)
    if proposal_id is not None:
        _say(session, user, act, proposal_id, ProposalState.TAKEN)
    return _finish(session, act)


def accept_seen(
    session: Session,
    user: User,
    recording_id: int,
    operation_id: uuid.UUID,
    read: FramesRead,
    fps: float,
) -> RangeOut:
    """Accept what was seen in playback: undecided frames with joints and without a check.

    Raises:
        NotFound: there is no such recording.
        Conflict: not in this stage, or the operation id belongs to another act.
        Forbidden: not by this person.
    """
    request = {"fps": fps, "frames": read.digest()}
    recording = access.get_recording(session, recording_id)
    if done := _done(session, user, recording, operation_id, Kind.PLAYBACK, request):
        return done
    # Worked out before anything is held: what changes meanwhile has another version by then.
    flagged = _flagged(session, recording_id, list(read.versions))
    recording = access.get_recording(session, recording_id, lock="share")
    access.require_edit(session, user, recording, list(read.versions))

    def judge(frame_id: int, now: FrameNow) -> Skip | None:
        asked, checked = read.versions[frame_id], flagged.get(frame_id)
        doubted = checked is not None and (checked[0] != now.version or checked[1])
        return why_not_accept(now, asked, flagged=doubted)

    act = _begin(session, user, recording, operation_id, Kind.PLAYBACK, request)
    if act is None:
        return _first(session, user, recording, operation_id, Kind.PLAYBACK, request)
    changed = _judged(session, act, list(read.versions), judge)
    _decide(session, act, changed, Decision(Verdict.KEEP), fps)
    return _finish(session, act)


def undo(
    session: Session, user: User, recording_id: int, operation_id: uuid.UUID, of: uuid.UUID
) -> RangeOut:
    """Take an act back as one step; taking that back does it again.

    Frames that were changed after the act stay as they are, and are named.

    Raises:
        NotFound: there is no such recording, or no such act in it.
        Conflict: not in this stage, or the operation id belongs to another act.
        Forbidden: not by this person.
    """
    request = {"act": str(of)}
    recording = access.get_recording(session, recording_id, lock="share")
    if done := _done(session, user, recording, operation_id, Kind.UNDO, request):
        return done
    undone = repository.act_of(session, of)
    if undone is None or undone.recording_id != recording_id:
        raise NotFound("There is no such act on a range in this recording.")
    made = {row.frame_id: row.version for row in repository.revisions_of(session, undone.id)}
    access.require_edit(session, user, recording, list(made))

    def judge(frame_id: int, now: FrameNow) -> Skip | None:
        return None if now.version == made[frame_id] else Skip.CHANGED

    act = _begin(session, user, recording, operation_id, Kind.UNDO, request, undoes=undone)
    if act is None:
        return _first(session, user, recording, operation_id, Kind.UNDO, request)
    changed = _judged(session, act, list(made), judge)
    if changed:
        repository.restore(session, act, changed)
    if (proposal_id := repository.proposal_of(session, undone)) is not None:
        again = undone.kind == Kind.UNDO.value
        _say(session, user, act, proposal_id, ProposalState.TAKEN if again else ProposalState.OPEN)
    return _finish(session, act)


def _begin(
    session: Session,
    user: User,
    recording: Recording,
    operation_id: uuid.UUID,
    kind: Kind,
    request: dict[str, Any],
    *,
    undoes: RangeAct | None = None,
) -> RangeAct | None:
    """Write down that an act begins; None where the same one, sent twice at once, was first."""
    return repository.begin(
        session,
        recording_id=recording.id,
        user_id=user.id,
        operation_id=operation_id,
        kind=kind.value,
        round=recording.round,
        request=request,
        changed=0,
        skipped=[],
        undoes_id=undoes.id if undoes else None,
    )


def _judged(session: Session, act: RangeAct, frames: Sequence[int], judge: Judge) -> list[int]:
    """Hold frames and say which of them the act changes; the others are noted in it."""
    held = repository.hold(session, act.recording_id, frames)
    changed: list[int] = []
    skipped: list[SkippedFrame] = []
    for frame_id in sorted(frames):
        row = held.get(frame_id)
        if row is None:
            why: Skip | None = Skip.ELSEWHERE
        elif row.locked:
            why = Skip.APPROVED
        else:
            why = judge(frame_id, _now(row, act.user_id))
        if why is None:
            changed.append(frame_id)
        else:
            skipped.append(_skipped(frame_id, why, row))
    act.changed = len(changed)
    act.skipped = [frame.model_dump(mode="json") for frame in skipped]
    session.flush()
    return changed


def _now(row: Row[Any], user_id: int) -> FrameNow:
    return FrameNow(row.version, Verdict(row.verdict), row.has_joints, row.updated_by_id == user_id)


def _skipped(frame_id: int, why: Skip, row: Row[Any] | None) -> SkippedFrame:
    return SkippedFrame(
        frame_id=frame_id,
        why=why,
        words=SKIP_WORDS[why],
        version=row.version if row is not None else None,
        state=row.state if row is not None else None,
        by=row.by if row is not None and why is Skip.CHANGED else None,
    )


def _decide(
    session: Session, act: RangeAct, frames: Sequence[int], decision: Decision, fps: float | None
) -> None:
    if not frames:
        return
    values = {
        "verdict": decision.verdict.value,
        "reason": decision.reason.value if decision.reason else None,
        "reason_text": decision.text,
        "fps": fps,
        "operations": json.dumps([operation_to_json(SetVerdict(decision))]),
    }
    repository.decide(session, act, frames, values)


def _say(
    session: Session, user: User, act: RangeAct, proposal_id: int, state: ProposalState
) -> None:
    """A proposal that was computed anew meanwhile is gone; the act itself stands."""
    row = session.get(DiscardProposal, proposal_id, with_for_update=True)
    if row is not None:
        discards.decide(session, user, act.recording_id, row, state)


def _finish(session: Session, act: RangeAct) -> RangeOut:
    if act.changed:
        announce(session, "range", {"recording_id": act.recording_id, "act": str(act.operation_id)})
    return _out(session, act)


def _out(session: Session, act: RangeAct) -> RangeOut:
    rows = repository.revisions_of(session, act.id)
    return RangeOut(
        operation_id=act.operation_id,
        kind=Kind(act.kind),
        frames=[row.frame_id for row in rows],
        versions=[row.version for row in rows],
        states=[row.state for row in rows],
        reasons=[row.reason for row in rows],
        playback_fps=[row.playback_fps for row in rows],
        skipped=[SkippedFrame.model_validate(frame) for frame in act.skipped],
    )


def _first(
    session: Session,
    user: User,
    recording: Recording,
    operation_id: uuid.UUID,
    kind: Kind,
    request: dict[str, Any],
) -> RangeOut:
    """The answer to the same act, which was first by a moment."""
    done = _done(session, user, recording, operation_id, kind, request)
    if done is None:
        raise Conflict("This act was sent twice at once, and the other one failed: send it again.")
    return done


def _done(
    session: Session,
    user: User,
    recording: Recording,
    operation_id: uuid.UUID,
    kind: Kind,
    request: dict[str, Any],
) -> RangeOut | None:
    """The answer to an act that was done before; None if it was not.

    It is answered in any stage: the answer may have been lost just before submission.
    """
    act = repository.act_of(session, operation_id)
    if act is None:
        return None
    same = (act.recording_id, act.user_id, act.kind, act.request)
    if same != (recording.id, user.id, kind.value, request):
        raise Conflict("This operation id was already used for another act.")
    return _out(session, act)


def _flagged(
    session: Session, recording_id: int, frames: Sequence[int]
) -> dict[int, tuple[int, bool]]:
    """By frame: the version that was looked at, and whether anything asks for a second look."""
    rows = repository.joints_of(session, recording_id, frames)
    if not rows:
        return {}
    usual = facts_of(session, recording_id).median_sharpness
    found: dict[int, tuple[int, bool]] = {}
    last: tuple[int, int, Skeleton] | None = None
    for row in rows:
        skeleton = Skeleton.from_flat(row.keypoints)
        near = last is not None and last[0] == row.camera_id and row.position - last[1] <= NEAR
        before = last[2] if near and last is not None else None
        flags = quality_flags(row.sharpness, row.mean_luma, median_sharpness=usual, repeats=False)
        doubted = bool(DOUBTFUL.intersection(flags)) or bool(
            check_labels(skeleton, row.width, row.height, before)
        )
        found[row.frame_id] = (row.version, doubted)
        last = (row.camera_id, row.position, skeleton)
    return found
