"""What inspectors do, for tests."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.core.database.tables import Comment, FrameMark, Recording, User
from backend.domain.reviews import Mark, ReviewKind
from backend.labelling.marks.service import mark_remaining_good
from backend.labelling.samples.service import note_looks
from tests.factories.joints import annotation_of
from tests.factories.recordings import frame_ids_of


def make_mark(
    session: Session,
    inspector: User,
    frame_id: int,
    mark: Mark = Mark.REVISE,
    kind: ReviewKind = ReviewKind.KEYPOINTS,
    round_number: int = 1,
) -> FrameMark:
    """An inspector's mark."""
    row = FrameMark(
        recording_id=annotation_of(session, frame_id).recording_id,
        frame_id=frame_id,
        kind=kind.value,
        round=round_number,
        mark=mark.value,
        inspector_id=inspector.id,
    )
    session.add(row)
    session.flush()
    return row


def look_at(session: Session, inspector: User, *frame_ids: int, seconds: float = 2.0) -> None:
    """Frames that an inspector has before them in the recording's round."""
    recording = session.get_one(Recording, annotation_of(session, frame_ids[0]).recording_id)
    looks = dict.fromkeys(frame_ids, seconds)
    note_looks(session, inspector, recording.id, recording.round, looks)


def find_good(session: Session, inspector: User, recording: Recording) -> None:
    """An inspector looks at every frame of a recording and marks what has no mark yet good."""
    look_at(session, inspector, *frame_ids_of(session, recording))
    mark_remaining_good(session, inspector, recording.id)


def make_comment(
    session: Session,
    author: User,
    frame_id: int,
    *,
    joint: int | None = None,
) -> Comment:
    """A comment on a frame or a joint."""
    row = Comment(
        recording_id=annotation_of(session, frame_id).recording_id,
        frame_id=frame_id,
        joint=joint,
        round=1,
        body="look again",
        author_id=author.id,
    )
    session.add(row)
    session.flush()
    return row
