"""What must hold before an event: checked in the transaction that fires it, with clear words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.domain.errors import Conflict
from backend.domain.reviews import ReviewKind
from backend.domain.vouching import MIN_LOOK_S
from backend.domain.workflow import Event
from backend.labelling.annotations import repository as joints
from backend.labelling.boxes import repository as boxes
from backend.labelling.reviews import approving
from backend.labelling.reviews import repository as reviews
from backend.labelling.samples import repository as samples
from backend.recordings.parts import open_parts

Guard = Callable[[Session, Recording, str | None], None]
_LISTED = 2000


def _frames(n: int) -> str:
    return "1 frame" if n == 1 else f"{n} frames"


def every_frame_decided(session: Session, recording: Recording, note: str | None) -> None:
    """Submitting needs a verdict on every frame, and every frame to revise touched again."""
    if recording.in_parts and (waiting := open_parts(session, recording.id)):
        open_ones = "1 part is" if waiting == 1 else f"{waiting} parts are"
        raise Conflict(f"This recording is cut into parts, and {open_ones} not submitted yet.")
    undecided = joints.undecided_frames(session, recording.id)
    unaddressed = reviews.unaddressed_frames(session, recording.id)
    if not undecided and not unaddressed:
        return
    parts = []
    if undecided:
        parts.append(f"{_frames(len(undecided))} not decided yet")
    if unaddressed:
        parts.append(f"{_frames(len(unaddressed))} marked by the inspector not yet looked at again")
    raise Conflict(
        f"This recording cannot be submitted: {' and '.join(parts)}.",
        undecided=undecided[:_LISTED],
        unaddressed=unaddressed[:_LISTED],
    )


def something_to_say(session: Session, recording: Recording, note: str | None) -> None:
    """Returning needs a marked frame, an open comment, or a note."""
    marked = reviews.revise_marks_count(
        session, recording.id, recording.round, ReviewKind.KEYPOINTS
    )
    if not (marked or reviews.open_comments_count(session, recording.id) or note):
        raise Conflict("Say what to revise: mark a frame, comment on one, or write a note.")


def vouched_for(session: Session, recording: Recording, note: str | None) -> None:
    """Approving joints needs somebody's word for every frame, and none marked for revision."""
    marked = reviews.revise_marks_count(
        session, recording.id, recording.round, ReviewKind.KEYPOINTS
    )
    if marked:
        raise Conflict(
            f"{_frames(marked)} marked to revise: return the recording, or change the marks."
        )
    if left := approving.unvouched_frames(session, recording.id):
        raise Conflict(
            f"{_frames(len(left))} not inspected yet: look at them and mark them good, or draw"
            " a random sample and look at that.",
            unvouched=left[:_LISTED],
        )
    sample = samples.waiting(session, recording.id, recording.round)
    if sample is not None and (passed := samples.left_of(session, sample)):
        raise Conflict(
            f"A random sample was drawn, {len(sample.frame_ids)} of {_frames(sample.population)}"
            f" (seed {sample.seed}), and {_frames(len(passed))} of it not yet looked at and marked."
            f" A frame that was shown for less than {MIN_LOOK_S:g} s was not looked at.",
            frame_ids=passed[:_LISTED],
        )


def every_box_sound(session: Session, recording: Recording, note: str | None) -> None:
    """Approving needs a box on every kept frame: none stale or sent back, flagged ones decided."""
    blockers = boxes.box_blockers(session, recording.id)
    words = {"missing": "without a box", "stale": "with a box older than its joints",
             "sent_back": "with a box that was sent back",
             "undecided": "with a flagged box that nobody decided on"}  # fmt: skip
    found = {kind: list(getattr(blockers, kind)) for kind in words}
    parts = [f"{_frames(len(ids))} {words[kind]}" for kind, ids in found.items() if ids]
    if parts:
        raise Conflict(
            f"This recording cannot be approved: {', '.join(parts)}.",
            **{kind: ids[:_LISTED] for kind, ids in found.items()},
        )


def some_box_to_mend(session: Session, recording: Recording, note: str | None) -> None:
    """Returning boxes needs one that was sent back, or a note."""
    if not boxes.box_blockers(session, recording.id).sent_back and not note:
        raise Conflict("Say what to correct: send a box back, or write a note.")


def has_annotator(session: Session, recording: Recording, note: str | None) -> None:
    """Work goes to somebody."""
    if recording.annotator_id is None:
        raise Conflict("Assign an annotator first.")


def has_reason(session: Session, recording: Recording, note: str | None) -> None:
    """Reopening is explicit and logged with its reason."""
    if not note:
        raise Conflict("Say why the recording is reopened; the reason is recorded.")
    has_annotator(session, recording, note)


GUARDS: Final[dict[Event, Guard]] = {
    Event.START_ANNOTATING: has_annotator,
    Event.SUBMIT: every_frame_decided,
    Event.SUBMIT_BOXES: every_frame_decided,
    Event.RETURN: something_to_say,
    Event.APPROVE_KEYPOINTS: vouched_for,
    Event.RETURN_BOXES: some_box_to_mend,
    Event.APPROVE: every_box_sound,
    Event.REOPEN: has_reason,
}
"""What must hold before each event; events that are not here need nothing more."""
