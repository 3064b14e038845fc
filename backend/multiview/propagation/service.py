"""Corrections travel: what follows from people's corrections for frames that nobody decided.

The answer is a function of the evidence. It is solved as a whole in the background and stored;
after a correction it is solved anew only near it, at once, from what the process has at hand.
Frames that people confirmed are evidence and are never written to.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Job, Propagation, PropagationSolve, Recording, User
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.core.storage import BlobStore
from backend.domain.errors import Conflict, NotFound
from backend.domain.trajectories.answer import Answer
from backend.domain.trajectories.local import resolve_near
from backend.domain.trajectories.questions import Expected, expected_error
from backend.domain.trajectories.solve import solve
from backend.domain.trajectories.sureness import ENOUGH
from backend.domain.workflow import EDITABLE, Stage
from backend.labelling.estimates import repository as estimate_rows
from backend.labelling.estimates.repository import Inferred
from backend.multiview.propagation import answers, asking, evidence, repository, targets, told
from backend.multiview.propagation.evidence import Known
from backend.multiview.propagation.payloads import MeasureMotionPayload
from backend.multiview.propagation.schemas import (
    CameraOffOut,
    MotionOut,
    PropagationIn,
    PropagationOut,
    QuestionOut,
    SolveOut,
)
from backend.multiview.propagation.sessions import Sessions, Slot
from backend.recordings import access

MOST_SOLVES: Final = 500
"""Points of the bar of the falling error that are shown."""

WHOLE_AFTER: Final = 20
"""So many changed frames are put on top of a whole answer while people work; then, or when they
pause, all is solved again: what was learnt of the noise moves every frame a little."""

MOST_CHANGES: Final = 6
"""After more changed frames than these the whole is solved rather than each neighbourhood."""


def status(session: Session, user: User, recording_id: int) -> PropagationOut:
    """How far a recording's corrections travel.

    Raises:
        NotFound: there is no such recording.
    """
    recording = access.get_recording(session, recording_id)
    row = repository.propagation(session, recording_id)
    files = repository.flow_files(session, recording_id)
    found = repository.solves(session, recording_id, MOST_SOLVES)
    return PropagationOut(
        enabled=row.enabled,
        may_change=_may_change(user, recording),
        number=row.number,
        up_to_date=row.evidence == evidence.stamp_now(session, recording),
        expected_error=row.expected_error,
        checked=row.checked,
        checks=ENOUGH,
        off_px=row.off_px,
        cameras_off=CameraOffOut.of(row.cameras_off),
        target=row.target,
        reached=targets.reached(session, row),
        history=[
            SolveOut(
                number=one.number,
                confirmed=one.confirmed,
                expected_error=one.expected_error,
                solved_at=one.solved_at,
            )
            for one in found
        ],
        motion=MotionOut(
            links=sum(file.links for file in files),
            frames=repository.frame_count(session, recording_id),
        ),
    )


def change(session: Session, user: User, recording_id: int, wanted: PropagationIn) -> None:
    """Let corrections travel or take back what travelled, or set the target.

    Raises:
        NotFound: there is no such recording.
        Forbidden: neither its annotator nor a maintainer.
    """
    recording = access.get_recording(session, recording_id)
    policies.require(_may_change(user, recording), "change how corrections travel here")
    row = repository.propagation(session, recording_id, lock=True)
    told: dict[str, Any] = {}
    if wanted.target is not None and wanted.target != row.target:
        row.target = told["target"] = wanted.target
    if wanted.enabled is not None and wanted.enabled != row.enabled:
        row.enabled = told["enabled"] = wanted.enabled
        row.evidence = None
        if not wanted.enabled:
            row.expected_error = None
            estimate_rows.discard(session, recording_id)
    if told:
        audit.record(session, user.id, "propagation_changed", "recording", recording_id, told)
        _announce(session, row)


def _may_change(user: User, recording: Recording) -> bool:
    if policies.is_maintainer(user):
        return True
    here = policies.situation(user, recording, has_annotated=False)
    return Stage(recording.stage) in EDITABLE and policies.may_annotate(
        here, Stage(recording.stage)
    )


def order_motion(session: Session, recording: Recording, user_id: int | None) -> Job:
    """Ask for the measuring of motion.

    Raises:
        Conflict: it is under way, or the frames are not there yet.
    """
    if recording.stage == Stage.INGESTING.value:
        raise Conflict("This recording is still being imported.")
    title = f"Motion in {recording.name}"
    return jobs.enqueue(session, MeasureMotionPayload(), recording.id, user_id, title=title)


def request_motion(session: Session, user: User, recording_id: int) -> Job:
    """A person's wish to measure motion, again or for the first time.

    Raises:
        NotFound: there is no such recording.
        Forbidden: not a maintainer.
        Conflict: it is under way, or the frames are not there yet.
    """
    policies.require(policies.may_run_models(user), "measure motion")
    recording = access.get_recording(session, recording_id, lock="share")
    return order_motion(session, recording, user.id)


def order_motion_once(session: Session, recording: Recording) -> None:
    """After pre-labels: measure motion, unless that is done or under way."""
    if repository.flow_files(session, recording.id):
        return
    try:
        order_motion(session, recording, None)
    except Conflict:
        return


def stored(
    session: Session, recording_id: int, frame_id: int, window: int
) -> tuple[int, list[Inferred]]:
    """Stored estimates of a frame's neighbours in all cameras, and of which solve.

    Raises:
        NotFound: there is no such frame in this recording.
    """
    frame_ids = repository.frames_around(session, recording_id, frame_id, window)
    if not frame_ids:
        raise NotFound(f"Recording {recording_id} has no frame {frame_id}.")
    found = estimate_rows.of_frames(session, frame_ids)
    return max((number for number, _ in found), default=0), [one for _, one in found]


def near(
    session: Session,
    storage: BlobStore,
    sessions: Sessions,
    recording_id: int,
    frame_id: int,
    window: int,
) -> tuple[int, list[Inferred]] | None:
    """What follows at once for a frame's neighbours, other cameras and the rest of the body.

    None where nothing is inferred yet: the whole has to be solved first.

    Raises:
        NotFound: there is no such recording or frame.
    """
    recording = access.get_recording(session, recording_id)
    row = repository.propagation(session, recording_id)
    if not row.enabled:
        return row.number, []
    slot = sessions.slot(recording_id)
    with slot.lock:
        ready = _follow(session, storage, recording, slot)
        known, answer = slot.known, slot.answer
    if not ready or known is None or answer is None:
        return None
    # What is not stored yet will be by the next solve.
    number = row.number + (row.evidence != known.stamp)
    place = known.places.of.get(frame_id)
    if place is None:
        raise NotFound(f"{recording.name} has no frame {frame_id}.")
    waiting = answers.open_around(known, place, window)
    return number, list(answers.estimates(known, answer, waiting))


def question(
    session: Session,
    storage: BlobStore,
    sessions: Sessions,
    recording_id: int,
    user: User | None = None,
) -> QuestionOut:
    """The frame whose correction would lower the expected error most, in the ``user``'s own parts.

    Raises:
        NotFound: there is no such recording.
        Conflict: corrections do not travel here.
    """
    recording = access.get_recording(session, recording_id)
    row = repository.propagation(session, recording_id)
    if not row.enabled:
        raise Conflict("Corrections do not travel in this recording: that was switched off.")
    slot = sessions.slot(recording_id)
    with slot.lock:
        ready = _follow(session, storage, recording, slot)
        known, answer = slot.known, slot.answer
    if not ready or known is None or answer is None:
        return asking.nothing(ready=False)
    among = asking.frames_of(session, user, recording, known)
    return asking.ask(slot, known, answer, targets.aim(row), among)


def _follow(session: Session, storage: BlobStore, recording: Recording, slot: Slot) -> bool:
    """Bring a slot to what people said by now; whether it has an answer that knows it."""
    if slot.known is None or slot.answer is None:
        return False
    renewed = evidence.renew(session, recording, slot.known)
    if renewed is None:
        slot.known = slot.answer = None
        return False
    known, changed = renewed
    if len(changed) > MOST_CHANGES:
        return False
    known = told.keep(session, recording.id, slot, known, changed)
    for place in changed:
        slot.answer = resolve_near(slot.answer, known.session, place)
    slot.known = known
    slot.on_top += len(changed)
    return True


def solve_whole(
    session: Session, storage: BlobStore, sessions: Sessions, recording_id: int
) -> int | None:
    """Solve a recording and store the estimates, where something is new or only put on top.

    Returns:
        The number of the solve; None where there was nothing to do.

    Raises:
        NotFound: there is no such recording, or it has no frames.
    """
    recording = access.get_recording(session, recording_id)
    row = repository.propagation(session, recording_id)
    if not row.enabled:
        return None
    slot = sessions.slot(recording_id)
    with slot.lock:
        known = _current(session, storage, recording, slot)
        on_top, answered = slot.on_top, slot.answer is not None
    if row.evidence == known.stamp and answered and not on_top:
        return None
    begun = time.monotonic()
    answer = solve(known.session)
    with slot.lock:
        later = slot.known
        slot.known, slot.answer, slot.on_top, slot.taught = known, answer, 0, False
        if later is not None and later.follows(known):
            # What was solved before a correction must not take the place of what followed from it.
            known, answer = _catch_up(slot, known, answer, later)
    expected = expected_error(answer, known.session, targets.aim(row))
    seconds = time.monotonic() - begun
    return _store(session, recording_id, known, answer, expected, seconds, again=on_top > 0)


def put_on_top(
    session: Session, storage: BlobStore, sessions: Sessions, recording_id: int
) -> int | None:
    """Store what follows near the frames that changed where that is enough, else solve all.

    Returns:
        The number of the solve; None where there was nothing to do.

    Raises:
        NotFound: there is no such recording, or it has no frames.
    """
    recording = access.get_recording(session, recording_id)
    row = repository.propagation(session, recording_id)
    if not row.enabled:
        return None
    slot = sessions.slot(recording_id)
    begun = time.monotonic()
    with slot.lock:
        followed = _follow(session, storage, recording, slot)
        followed = followed and slot.on_top < WHOLE_AFTER and not slot.taught
        known, answer = slot.known, slot.answer
    if not followed or known is None or answer is None:
        return solve_whole(session, storage, sessions, recording_id)
    if row.evidence == known.stamp:
        return None
    expected = expected_error(answer, known.session, targets.aim(row))
    return _store(session, recording_id, known, answer, expected, time.monotonic() - begun)


def is_whole(sessions: Sessions, recording_id: int) -> bool:
    """Whether nothing was put on top since a recording was solved as a whole."""
    return sessions.slot(recording_id).on_top == 0


def _current(session: Session, storage: BlobStore, recording: Recording, slot: Slot) -> Known:
    """The evidence as it is now; an answer from other pictures or models is dropped."""
    renewed = evidence.renew(session, recording, slot.known) if slot.known is not None else None
    if renewed is not None:
        return told.keep(session, recording.id, slot, *renewed)
    known = evidence.read(session, storage, recording)
    slot.known, slot.answer = told.remembered(session, recording.id, known), None
    return slot.known


def _catch_up(slot: Slot, known: Known, answer: Answer, later: Known) -> tuple[Known, Answer]:
    """Put on top of a whole answer what was corrected while it was solved."""
    changed = known.frame_ids[later.versions != known.versions].tolist()
    if len(changed) > MOST_CHANGES:
        # Whoever asks next finds that more changed than can be put on top.
        return known, answer
    for frame_id in changed:
        answer = resolve_near(answer, later.session, known.places.of[frame_id])
    slot.known, slot.answer, slot.on_top = later, answer, len(changed)
    return later, answer


def _store(
    session: Session,
    recording_id: int,
    known: Known,
    answer: Any,
    expected: Expected,
    seconds: float,
    *,
    again: bool = False,
) -> int | None:
    row = repository.propagation(session, recording_id, lock=True)
    if not row.enabled or (row.evidence == known.stamp and not again):
        return None  # switched off meanwhile, or another process was faster
    row.number += 1
    row.evidence = known.stamp
    row.expected_error, row.checked, row.off_px = expected.error, expected.checked, expected.off_px
    row.cameras_off = answers.cameras_off(known.places.cameras, answer)
    row.solved_at = datetime.now(UTC)
    found = answers.estimates(known, answer, answers.open_places(known))
    estimate_rows.replace(session, recording_id, row.number, found)
    confirmed = sum(int(camera.settled.sum()) for camera in known.session.cameras)
    session.add(
        PropagationSolve(
            recording_id=recording_id,
            number=row.number,
            confirmed=confirmed,
            expected_error=expected.error,
            seconds=seconds,
        )
    )
    _announce(session, row)
    return row.number


def _announce(session: Session, row: Propagation) -> None:
    announce(
        session,
        "propagation",
        {
            "recording_id": row.recording_id,
            "enabled": row.enabled,
            "number": row.number,
            "expected_error": row.expected_error,
        },
    )
