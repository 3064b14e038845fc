"""Acting on ranges of frames."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.domain.verdicts import Decision
from backend.labelling.ranges import checks, service
from backend.labelling.ranges.schemas import (
    PlaybackCheckIn,
    PlaybackCheckOut,
    RangeAcceptIn,
    RangeIn,
    RangeOut,
    RangeUndoIn,
    RangeVerdictIn,
)

router = Router(tags=["ranges"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


def _read(body: RangeIn) -> service.FramesRead:
    return service.FramesRead(dict(zip(body.frames, body.versions, strict=True)))


@router.post("/recordings/{recording_id}/ranges/verdict")
def decide_range(
    recording_id: Id, body: RangeVerdictIn, user: CurrentUser, session: SessionDep
) -> RangeOut:
    """Keep frames, discard them with a reason, or take their verdicts back: all in one act.

    Frames that were changed since they were read are left as they are, and named.
    """
    decision = Decision(body.verdict, body.reason, (body.text or "").strip() or None)
    read = _read(body)
    return service.set_verdict(
        session, user, recording_id, body.operation_id, read, decision, proposal_id=body.proposal_id
    )


@router.post("/recordings/{recording_id}/ranges/accept")
def accept_range(
    recording_id: Id, body: RangeAcceptIn, user: CurrentUser, session: SessionDep
) -> RangeOut:
    """Accept what was seen in playback.

    Frames that are decided, lack joints, or deserve a second look are left out, and named.
    """
    read = _read(body)
    return service.accept_seen(session, user, recording_id, body.operation_id, read, body.fps)


@router.post("/recordings/{recording_id}/ranges/undo")
def undo_range(
    recording_id: Id, body: RangeUndoIn, user: CurrentUser, session: SessionDep
) -> RangeOut:
    """Take an act on a range back as one step; taking that back does it again."""
    return service.undo(session, user, recording_id, body.operation_id, body.act)


@router.get("/frames/{frame_id}/playback-check")
def get_playback_check(frame_id: Id, user: CurrentUser, session: SessionDep) -> PlaybackCheckOut:
    """What was said of a frame that was accepted in playback, as it is now."""
    return checks.shown(session, user, frame_id)


@router.put("/frames/{frame_id}/playback-check")
def check_frame_of_playback(
    frame_id: Id, body: PlaybackCheckIn, user: CurrentUser, session: SessionDep
) -> PlaybackCheckOut:
    """Say which joints of a frame that was accepted in playback are wrong, or that none is."""
    return checks.check(session, user, frame_id, body.version, body.wrong)
